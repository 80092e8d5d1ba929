import { createHmac, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import type { AgentRole } from '../../shared/domain/agent/agent-access.ts';
import { AdminClient } from '../../tools/processes/admin-client.ts';
import { Program } from '../../tools/processes/program.ts';
import { findFreePort } from '../../tools/start/free-port.ts';
import { type WidgetClient, createWidgetClient } from '../../src-widget/client/widget-client.ts';

const ORIGIN = 'https://shop.example';
const PASSWORD = 'mật khẩu đủ dài';

export const QUEUES = { orders: 'queue-orders', complaints: 'queue-complaints' } as const;

/** A whole workspace on real processes: relay, loopback consoles, customers on the web chat. */
export class Desk {
  readonly folder: string;
  readonly relayPort: number;
  widgetKey = '';
  identitySecret = '';
  #relay: Program | null = null;
  readonly #consoles = new Map<string, ConsoleProcess>();
  readonly #customers: WidgetClient[] = [];

  private constructor(folder: string, relayPort: number) {
    this.folder = folder;
    this.relayPort = relayPort;
  }

  static async open(): Promise<Desk> {
    const folder = mkdtempSync(path.join(tmpdir(), 'liendesk-desk-'));
    const desk = new Desk(folder, await findFreePort(0));
    await desk.startRelay();
    const admin = desk.admin;
    for (const [id, name] of [
      [QUEUES.orders, 'Đơn hàng'],
      [QUEUES.complaints, 'Khiếu nại'],
    ] as const) {
      const escalationQueue = id === QUEUES.orders ? null : QUEUES.orders;
      await admin.call('POST', '/queues', { id, name, reopenDays: 7, keepAssigneeOnReopen: true, escalationQueue });
    }
    await admin.call('PATCH', `/queues/${QUEUES.orders}`, { escalationQueue: QUEUES.complaints });
    await admin.call('POST', '/channels', {
      id: 'channel-shop',
      name: 'Web cửa hàng',
      queue: QUEUES.orders,
      maxTextLength: 4000,
      allowedOrigins: [ORIGIN],
      rateLimits: null,
    });
    await admin.call('POST', '/canned-replies/import', {
      cannedReplies: [
        {
          id: 'canned-hello',
          shortcut: 'chao',
          title: 'Chào khách',
          texts: {
            vi: 'Dạ chào {{customer.givenName | anh/chị}}, em là {{agent.name}}.',
            en: 'Hello {{customer.givenName | there}}, {{agent.name}} here.',
          },
        },
        { id: 'canned-ship', shortcut: 'ship', title: 'Phí giao hàng', texts: { vi: 'Phí giao hàng là 20.000 ₫ ạ.' } },
      ],
    });
    const { channel, identitySecret } = (await admin.call('GET', '/channels/channel-shop')) as {
      channel: { widgetKey: string };
      identitySecret: string;
    };
    desk.widgetKey = channel.widgetKey;
    desk.identitySecret = identitySecret;
    await admin.call('POST', '/workspace', { name: 'Cửa hàng thử' });
    return desk;
  }

  get relayUrl(): string {
    return `http://127.0.0.1:${this.relayPort}`;
  }

  get admin(): AdminClient {
    return AdminClient.ofDataDir(path.join(this.folder, 'relay'));
  }

  async startRelay(): Promise<void> {
    this.#relay = await Program.start({
      entry: 'src-relay/main.ts',
      args: ['--host', '127.0.0.1', '--port', String(this.relayPort), '--data-dir', path.join(this.folder, 'relay')],
      ready: /^Liendesk relay: (\S+)$/u,
      logFile: path.join(this.folder, 'relay.log'),
      env: process.env,
    });
  }

  async stopRelay(): Promise<void> {
    await this.#relay?.stop();
    this.#relay = null;
  }

  async killRelay(): Promise<void> {
    await this.#relay?.kill();
    this.#relay = null;
  }

  async addAgent(
    id: string,
    name: string,
    role: AgentRole = 'agent',
    queues: string[] = [QUEUES.orders],
  ): Promise<void> {
    await this.admin.call('POST', '/agents', {
      id,
      name,
      email: `${id}@shop.example`,
      role,
      queues,
      languages: ['vi', 'en'],
      password: PASSWORD,
    });
  }

  /** Starts (or starts again) the console of an agent on this device; its files stay between starts. */
  async startConsole(agentId: string, options: { signsIn?: boolean } = {}): Promise<ConsoleProcess> {
    const dataDir = path.join(this.folder, `console-${agentId}`);
    mkdirSync(dataDir, { recursive: true });
    const passwordFile = path.join(this.folder, 'password');
    writeFileSync(passwordFile, PASSWORD);
    const signIn = ['--relay', this.relayUrl, '--email', `${agentId}@shop.example`, '--password-file', passwordFile];
    const program = await Program.start({
      entry: 'src-main/host-loopback/main.ts',
      args: ['--data-dir', dataDir, '--port', '0', ...(options.signsIn === false ? [] : signIn)],
      ready: /^Liendesk console: (\S+)$/u,
      logFile: path.join(this.folder, `console-${agentId}.log`),
      env: process.env,
    });
    const console = { program, url: program.match[1]!, dataDir };
    this.#consoles.set(agentId, console);
    return console;
  }

  async stopConsole(agentId: string): Promise<void> {
    await this.#consoles.get(agentId)?.program.stop();
    this.#consoles.delete(agentId);
  }

  /** A customer on the web chat. With an id, the shop vouches for who it is. */
  async customer(options: { id?: string; name?: string; language?: 'vi' | 'en' } = {}): Promise<Customer> {
    const identity =
      options.id === undefined
        ? {}
        : {
            identity: {
              id: options.id,
              name: options.name ?? null,
              hash: createHmac('sha256', this.identitySecret).update(options.id).digest('hex'),
            },
          };
    const client = createWidgetClient({
      baseUrl: this.relayUrl,
      widgetKey: this.widgetKey,
      origin: ORIGIN,
      locale: options.language ?? 'vi',
      ...identity,
    });
    this.#customers.push(client);
    const received: string[] = [];
    client.onMessage((entry) => {
      if (entry.author === 'agent') received.push(entry.text);
    });
    await client.open();
    return { client, received, write: async (text) => (await client.send({ text })).conversationId };
  }

  async close(): Promise<void> {
    for (const customer of this.#customers) customer.close();
    await Promise.all([...this.#consoles.values()].map((console) => console.program.stop()));
    await this.#relay?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface ConsoleProcess {
  program: Program;
  /** With its token. */
  url: string;
  dataDir: string;
}

export interface Customer {
  client: WidgetClient;
  /** Texts of agents' messages, in the order they came. */
  received: string[];
  /** @returns the conversation */
  write(text: string): Promise<string>;
}

export const password = PASSWORD;

/** A window on a console, in a browser profile of its own. Any uncaught error in the page is collected. */
export async function openWindow(
  browser: Browser,
  console: ConsoleProcess,
  options: { language?: 'vi' | 'en'; theme?: 'light' | 'dark'; size?: { width: number; height: number } } = {},
): Promise<{ page: Page; context: BrowserContext; errors: string[] }> {
  const context = await browser.newContext({
    viewport: options.size ?? { width: 1280, height: 720 },
    colorScheme: options.theme ?? 'light',
    locale: options.language === 'en' ? 'en-GB' : 'vi-VN',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(console.url);
  return { page, context, errors };
}

export function uniqueName(prefix: string): string {
  return `${prefix} ${randomUUID().slice(0, 4)}`;
}

/** Fails early, with a reason, where the pages were not built. */
export function requireBuiltPages(): void {
  const pages = path.resolve(import.meta.dirname, '../../dist/renderer/index.html');
  if (!existsSync(pages)) throw new Error('The console’s pages are not built; run the tests by npm test.');
}
