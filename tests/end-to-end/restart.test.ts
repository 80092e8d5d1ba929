import { randomBytes } from 'node:crypto';
import { readdirSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from '@playwright/test';
import type { AgentConsole } from './agent-console.ts';
import { test } from './console-test.ts';
import type { Customer, Desk } from './desk.ts';

let desk: Desk;
let lan: AgentConsole;

test.beforeAll(async ({ openDesk }) => {
  desk = await openDesk();
  await desk.addAgent('lan', 'Trần Thị Lan');
  lan = await desk.openConsole('lan');
});

test.afterAll(() => desk.close());

const REPLY = 'Dạ đơn của chị đang trên đường';
const NOTE = 'Nhớ gọi lại cho khách';

for (const way of ['stop', 'kill'] as const) {
  test(`drafts, tabs, caret and place outlive a console that is ${way === 'stop' ? 'ended' : 'killed'}`, async ({
    hostKind,
  }) => {
    const short = await desk.customer(`Mai Anh ${way}`);
    const long = await desk.customer(`Tô Văn Bình ${way}`);
    await short.write('Đơn của mình đâu?');
    let conversationId = '';
    for (let line = 1; line <= 60; line += 1) conversationId = await long.write(`Dòng số ${line}.`);
    await lan.showList('Chưa ai nhận');
    await lan.open(short.name);
    await lan.writeAs('Ghi chú nội bộ');
    await lan.box.fill(NOTE);
    await expect(lan.row(short.name)).toHaveAccessibleName(/Nháp/u);
    await lan.open(long.name);
    await lan.box.fill(REPLY);
    await lan.box.press('Home');
    for (let step = 0; step < 3; step += 1) await lan.box.press('ArrowRight');
    await expect(lan.row(long.name)).toHaveAccessibleName(/Nháp/u);
    await expect(lan.message('Dòng số 60.')).toBeInViewport();
    await lan.messages.evaluate((element) => element.scrollTo(0, element.scrollHeight / 3));
    await expect(lan.message('Dòng số 60.')).not.toBeInViewport();
    if (hostKind === 'loopback') {
      // Whoever pulls the plug loses at most what was done in the last half second.
      await expect.poll(async () => (await lan.ask('draft.get', { conversationId })).reply?.caret).toBe(3);
      await expect.poll(() => savedPlaceOf(lan, conversationId)).not.toBeNull();
    }
    const [before] = await placeOf(lan, long);

    await lan[way]();
    await lan.start();
    await lan.expectOnline();
    await expect(lan.tab(long.name)).toHaveAttribute('aria-selected', 'true');
    await expect(lan.tab(short.name)).toHaveAccessibleName(/có bản nháp/u);
    await expect(lan.box).toHaveValue(REPLY);
    await expect.poll(() => lan.box.evaluate((box) => (box as HTMLTextAreaElement).selectionStart)).toBe(3);
    await expect(lan.box).toBeFocused();
    await expect.poll(async () => (await placeOf(lan, long))[0]).toBe(before);
    await lan.tab(short.name).click();
    await expect(lan.page.getByRole('radio', { name: 'Ghi chú nội bộ' })).toBeChecked();
    await expect(lan.box).toHaveValue(NOTE);
    await lan.box.press('Enter');
    await expect(lan.message(NOTE)).toBeVisible();
    await lan.tab(long.name).click();
    await lan.box.press('Enter');
    await long.expectReceived([REPLY]);
    expect(short.received).toEqual([]);
  });
}

/** Where the console will stand in a conversation when it starts again; null at its newest message. */
async function savedPlaceOf(console: AgentConsole, conversationId: string): Promise<object | null> {
  const { value } = await console.ask('setting.get', { key: 'ui.tabs' });
  const { tabs } = value as { tabs: { conversationId: string; scroll: object | null }[] };
  return tabs.find((tab) => tab.conversationId === conversationId)?.scroll ?? null;
}

/** Texts in view, from the top. */
async function placeOf(console: AgentConsole, customer: Customer): Promise<string[]> {
  await expect(console.pane(customer.name)).toBeVisible();
  return console.messages.evaluate((list) => {
    const { top, bottom } = list.getBoundingClientRect();
    return [...list.querySelectorAll('article')]
      .map((article) => ({ box: article.getBoundingClientRect(), text: /Dòng số \d+/u.exec(article.textContent)?.[0] }))
      .filter(({ box }) => box.bottom > top + 1 && box.top < bottom)
      .toSorted((one, other) => one.box.top - other.box.top)
      .map(({ text }) => text ?? '');
  });
}

const damages: Record<string, (file: string) => void> = {
  truncated: (file) => truncateSync(file, 5000),
  'overwritten with noise': (file) => writeFileSync(file, randomBytes(64 * 1024)),
};

for (const [name, damage] of Object.entries(damages)) {
  test(`a cache that was ${name} is fetched again, said once, and the outbox is kept`, async () => {
    const customer = await desk.customer(`Lý Hoàng ${name}`);
    await customer.write('Áo len còn màu xanh không?');
    await lan.showList('Chưa ai nhận');
    await lan.open(customer.name);
    await lan.send('Dạ còn ạ');
    await customer.expectReceived(['Dạ còn ạ']);
    // The customer may have it before this console hears so: then it would be waiting still.
    await expect(lan.message('Dạ còn ạ')).toContainText('Đã tới');
    await lan.expectOnline();
    await desk.stopRelay();
    await expect(lan.status).toHaveAccessibleName(/^Ngoại tuyến/u);
    await lan.send('Chị lấy size nào ạ?');
    await expect(lan.status).toHaveAccessibleName(/1 việc chờ gửi/u);
    await lan.box.fill('Bản nháp vẫn ở đây');
    // As the core has it, not only the page.
    await expect(lan.tab(customer.name)).toHaveAccessibleName(/có bản nháp/u);
    await lan.stop();
    const caches = filesBelow(lan.dataDir).filter((file) => path.basename(file).startsWith('cache.db'));
    expect(caches.length).toBeGreaterThan(0);
    for (const file of caches) damage(file);

    // Without a relay there is nothing to fetch from; what nobody else has is there all the same.
    await lan.start();
    const notice = () =>
      lan.page.getByText('Dữ liệu lưu trên máy bị hỏng hoặc là của phiên bản khác nên được tải lại từ máy chủ.');
    await expect(notice()).toBeVisible();
    await expect(lan.status).toHaveAccessibleName(/1 việc chờ gửi/u);
    await desk.startRelay();
    await lan.expectOnline();
    await customer.expectReceived(['Dạ còn ạ', 'Chị lấy size nào ạ?']);
    await lan.tab(customer.name).click();
    await expect(lan.message('Áo len còn màu xanh không?')).toBeVisible();
    await expect(lan.message('Chị lấy size nào ạ?')).toHaveCount(1);
    await expect(lan.box).toHaveValue('Bản nháp vẫn ở đây');
    await lan.page.getByRole('button', { name: 'Đã hiểu' }).click();
    await expect(notice()).toBeHidden();
    await lan.stop();
    await lan.start();
    await lan.expectOnline();
    await expect(lan.tab(customer.name)).toBeVisible();
    await expect(notice()).toBeHidden();
    await lan.box.fill('');
  });
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
