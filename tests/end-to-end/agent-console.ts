import { type ConsoleMessage, type Locator, type Page, expect } from '@playwright/test';
import type { CoreInput, CoreOutput, CoreRequestName } from '../../shared/core-api/requests.ts';
import type { ConsoleHosts, HostOptions, RunningHost } from './console-hosts.ts';

/** What the browser says while a console is being restarted under a page. */
const HARMLESS = [/WebSocket connection to/u, /Failed to load resource/u];

/** A console as its agent uses it, by what is written on the screen (in Vietnamese, unless switched). */
export class AgentConsole {
  readonly #hosts: ConsoleHosts;
  readonly #options: HostOptions;
  #running: RunningHost | null = null;
  /** Uncaught errors, policy violations, dialogs: nothing of the kind may happen. */
  readonly problems: string[] = [];

  constructor(hosts: ConsoleHosts, options: HostOptions) {
    this.#hosts = hosts;
    this.#options = options;
  }

  get page(): Page {
    if (this.#running === null) throw new Error('This console is not running.');
    return this.#running.page;
  }

  get dataDir(): string {
    return this.#options.dataDir;
  }

  get url(): string | null {
    return this.#running?.url ?? null;
  }

  /** Starts the program and opens its window; the device's files stay between starts. */
  async start(): Promise<void> {
    this.#running = await this.#hosts.start(this.#options, (page) => this.#watch(page));
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    await running?.stop();
  }

  async kill(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    await running?.kill();
  }

  #watch(page: Page): void {
    page.on('pageerror', (error) => this.problems.push(`uncaught: ${error.stack ?? String(error)}`));
    page.on('dialog', (dialog) => {
      this.problems.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', (message: ConsoleMessage) => {
      if (message.type() !== 'error' || HARMLESS.some((one) => one.test(message.text()))) return;
      this.problems.push(`console: ${message.text()}`);
    });
  }

  // --- the rail

  get rail(): Locator {
    return this.page.getByRole('navigation', { name: /^(Danh sách và hàng chờ|Lists and queues)$/u });
  }

  get status(): Locator {
    return this.rail.getByRole('button', { name: /^(Trực tuyến|Ngoại tuyến|Đang cập nhật|Đang kết nối|Tạm ngắt)/u });
  }

  async expectOnline(): Promise<void> {
    await expect(this.status).toHaveAccessibleName('Trực tuyến');
  }

  /** A list or a queue by its name in the rail. */
  async showList(name: string): Promise<void> {
    await this.rail.getByRole('button', { name: new RegExp(`^${name}( [0-9+.]+)?$`, 'u') }).click();
  }

  async accountMenu(): Promise<void> {
    await this.rail.getByRole('button', { name: /^(Tài khoản|Account)/u }).click();
  }

  /** Offline on purpose, or online again, without waiting for what comes of it. */
  async setOnline(isOnline: boolean): Promise<void> {
    await this.accountMenu();
    const name = isOnline ? 'Kết nối lại' : 'Tạm ngắt kết nối';
    await this.page.getByRole('menuitem', { name }).click();
  }

  async pause(): Promise<void> {
    await this.setOnline(false);
    await expect(this.status).toHaveAccessibleName(/^Tạm ngắt kết nối/u);
  }

  async goOn(): Promise<void> {
    await this.setOnline(true);
    await this.expectOnline();
  }

  // --- the list

  get list(): Locator {
    return this.page.getByRole('listbox');
  }

  row(customerName: string): Locator {
    return this.list.getByRole('option', { name: new RegExp(`^${escape(customerName)},`, 'u') });
  }

  async open(customerName: string): Promise<void> {
    await this.row(customerName).click();
    await expect(this.pane(customerName)).toBeVisible();
  }

  tab(customerName: string): Locator {
    return this.page.getByRole('tab', { name: new RegExp(`^${escape(customerName)}`, 'u') });
  }

  // --- the conversation

  pane(customerName: string): Locator {
    return this.page.getByRole('region', { name: `Hội thoại với ${customerName}`, exact: true });
  }

  /** Who writes, where it stands, who has it; no landmark of its own inside the conversation's region. */
  get header(): Locator {
    return this.page.getByRole('region', { name: /^(Hội thoại với|Conversation with) /u }).locator('header');
  }

  /** Something of the menu of all that can be done with the conversation. */
  async act(item: RegExp): Promise<void> {
    await this.header.getByRole('button', { name: 'Thao tác khác' }).click();
    await this.page.getByRole('menuitem', { name: item }).click();
  }

  get messages(): Locator {
    return this.page.getByRole('region', { name: 'Tin nhắn', exact: true });
  }

  /** A message or note by (a part of) its text. */
  message(text: string): Locator {
    return this.messages.getByRole('article').filter({ hasText: text });
  }

  /** Where an agent writes; while it suggests something it is a combobox. */
  get box(): Locator {
    const name = /^(Trả lời|Ghi chú nội bộ về) /u;
    return this.page.getByRole('textbox', { name }).or(this.page.getByRole('combobox', { name }));
  }

  /** Writes into the box and sends it by Enter. */
  async send(text: string): Promise<void> {
    await this.box.fill(text);
    await this.box.press('Enter');
    await expect(this.message(text).last()).toBeVisible();
    await expect(this.box).toHaveValue('');
  }

  /** Puts files into what is being written, and waits until they are taken over. */
  async attach(files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> {
    const chooser = this.page.waitForEvent('filechooser');
    await this.page.getByRole('button', { name: 'Đính kèm tệp' }).click();
    await (await chooser).setFiles(files);
    for (const { name } of files) await expect(this.page.getByRole('button', { name: `Bỏ ${name}` })).toBeVisible();
    await expect(this.page.getByRole('progressbar')).toHaveCount(0);
  }

  async note(text: string): Promise<void> {
    await this.writeAs('Ghi chú nội bộ');
    await this.send(text);
    await this.writeAs('Trả lời');
  }

  /** What is written from now on is this. Until the box is the other one, keys would go into the wrong text. */
  async writeAs(mode: 'Trả lời' | 'Ghi chú nội bộ'): Promise<void> {
    const radio = this.page.getByRole('radio', { name: mode, exact: true });
    await radio.click();
    await expect(radio).toBeChecked();
    await expect(this.box).toBeFocused();
  }

  /** Types into a dialog's or a view's field once a key has put the caret there: before, keys would go elsewhere. */
  async typeInto(field: Locator, text: string): Promise<void> {
    await expect(field).toBeFocused();
    await this.page.keyboard.type(text);
  }

  /** Picks in the command menu by words. An Enter that waited too long for the search means nothing there, by design. */
  async command(words: string, option: string): Promise<void> {
    await this.page.keyboard.press('Control+k');
    const menu = this.page.getByRole('dialog');
    await this.typeInto(menu.getByRole('combobox'), words);
    await expect(menu.getByRole('option', { selected: true })).toContainText(option);
    await expect(menu.locator('[role="listbox"][aria-busy="true"]')).toHaveCount(0);
    await this.page.keyboard.press('Enter');
    await expect(menu).toHaveCount(0);
  }

  /** Picks in the dialog that asks to whom, where to or until when. */
  async pick(option: string): Promise<void> {
    await this.page
      .getByRole('dialog')
      .getByRole('option', { name: new RegExp(`^${escape(option)}`, 'u') })
      .click();
    await expect(this.page.getByRole('dialog')).toBeHidden();
  }

  /**
   * Asks the core as another window of the same console would; loopback only. For what cannot be seen on the screen,
   * such as whether something is on the disk by now.
   */
  async ask<Name extends CoreRequestName>(request: Name, input: CoreInput<Name>): Promise<CoreOutput<Name>> {
    const output = await this.page.evaluate(
      (frame) =>
        new Promise((resolve, reject) => {
          const socket = new WebSocket(`ws://${location.host}/port`);
          socket.addEventListener('open', () => socket.send(JSON.stringify({ id: 1, ...frame })));
          socket.addEventListener('error', () => reject(new Error('no answer')));
          socket.addEventListener('message', ({ data }) => {
            const reply = JSON.parse(String(data)) as { id?: number; output?: unknown };
            if (reply.id !== 1) return;
            resolve(reply.output);
            socket.close();
          });
        }),
      { request, input },
    );
    return output as CoreOutput<Name>;
  }

  toast(text: string | RegExp): Locator {
    return this.page.getByRole('status').filter({ hasText: text });
  }
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/gu, '\\$&');
}
