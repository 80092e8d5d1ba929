import { expect } from '@playwright/test';
import { seededRandom } from '../fakes/manual-clock.ts';
import { FaultProxy } from '../faults/fault-proxy.ts';
import type { AgentConsole } from './agent-console.ts';
import { test } from './console-test.ts';
import { type Desk, QUEUES } from './desk.ts';

let desk: Desk;
let lan: AgentConsole;
let lead: AgentConsole;

test.beforeAll(async ({ openDesk }) => {
  desk = await openDesk();
  await desk.addAgent('lan', 'Trần Thị Lan');
  await desk.addAgent('quan', 'Lê Minh Quân', 'lead', [QUEUES.orders, QUEUES.complaints]);
  [lan, lead] = await Promise.all([desk.openConsole('lan'), desk.openConsole('quan')]);
});

test.afterAll(() => desk.close());

/** The line in the rail, with what it says when it is opened. */
async function openStatus(console: AgentConsole) {
  await console.status.click();
  return console.page.getByRole('dialog', { name: 'Kết nối' });
}

test('ROW-H1 a day without a network in one conversation: the line, the list of what waits, and the way back', async () => {
  const customer = await desk.customer('Nguyễn Thu Hà');
  await customer.write('Shop ơi, đơn của mình đâu rồi?');
  await lan.showList('Chưa ai nhận');
  await lan.open(customer.name);
  await desk.stopRelay();
  await expect(lan.status).toHaveAccessibleName(/^Ngoại tuyến từ (.+ )?\d\d:\d\d$/u);
  for (const text of ['Dạ em kiểm tra ngay', 'Đơn đang ở kho ạ', 'Chị còn cần gì nữa không?']) await lan.send(text);
  await lan.header.getByRole('button', { name: 'Đóng', exact: true }).click();
  await expect(lan.status).toHaveAccessibleName(/, 4 việc chờ gửi$/u);
  await expect(lan.message('Đơn đang ở kho ạ')).toContainText('Chờ gửi');

  // In plain words: since when, what next, what waits and how old it is.
  const status = await openStatus(lan);
  await expect(status).toContainText('Bạn vẫn đọc, tìm và trả lời được');
  await expect(status).toContainText(/Thử lại\s*(sau \d+ giây|đang thử…)/u);
  await expect(status).toContainText(/Chờ gửi\s*4/u);
  await expect(status).toContainText(/Chờ lâu nhất\s*\d+ (giây|phút)/u);
  await expect(status.getByRole('button', { name: 'Thử ngay' }).or(status.getByText('đang thử…'))).toBeVisible();
  await status.getByRole('button', { name: 'Xem 4 việc' }).click();

  // By keyboard: down to the last reply, take it back. The close that waits for it goes with it, and that is said.
  const list = lan.page.getByRole('dialog', { name: 'Chờ gửi' });
  await expect(list.getByRole('listitem')).toHaveCount(4);
  await expect(list.getByRole('listitem').nth(2)).toContainText('Thu hồi cùng: Đóng hội thoại');
  await list.getByRole('button', { name: /^Thu hồi: .*Dạ em kiểm tra ngay/u }).focus();
  await lan.page.keyboard.press('ArrowDown');
  await lan.page.keyboard.press('ArrowDown');
  await lan.page.keyboard.press('Enter');
  await expect(list.getByRole('listitem')).toHaveCount(2);
  await expect(lan.toast('Thu hồi luôn việc chờ sau đó: Đóng hội thoại.')).toBeVisible();
  await lan.page.keyboard.press('Escape');
  await expect(lan.box).toHaveValue('Chị còn cần gì nữa không?');
  await expect(lan.header.getByRole('button', { name: 'Đóng', exact: true })).toBeVisible();

  await desk.startRelay();
  await customer.expectReceived(['Dạ em kiểm tra ngay', 'Đơn đang ở kho ạ']);
  await lan.expectOnline();
  await expect(lan.message('Đơn đang ở kho ạ')).toContainText('Đã tới');
  await expect(lan.message('Đơn đang ở kho ạ').getByRole('button', { name: 'Thu hồi' })).toHaveCount(0);
  // What the sign means is explained where the keyboard gets to, too.
  await lan.message('Đơn đang ở kho ạ').getByRole('note').focus();
  await expect(lan.page.getByRole('tooltip')).toContainText('Đã tới');
});

test('SYNC-R4 a held reply is decided in its conversation, beside what arrived, without the mouse', async () => {
  const customer = await desk.customer('Vũ Hoài Thương');
  await customer.write('Áo này còn size M không?');
  await lan.showList('Chưa ai nhận');
  await lan.open(customer.name);
  await lan.pause();
  await lan.send('Dạ còn ạ, em gửi chị nhé');
  await lan.header.getByRole('button', { name: 'Đóng', exact: true }).click();
  await customer.write('Thôi mình đổi sang size L');
  await lan.goOn();

  const held = lan.page.getByRole('region', { name: 'Việc đang bị giữ lại trong hội thoại này' });
  await expect(held).toContainText('Có tin mới từ khi bạn viết');
  await expect(held).toContainText('1 tin mới ở trên');
  await expect(held).toContainText('đang chờ bạn quyết định việc này: Đóng hội thoại');
  await expect(lan.message('Thôi mình đổi sang size L')).toBeVisible();
  expect(customer.received).toEqual([]);
  await expect(lan.header.getByRole('button', { name: 'Đóng', exact: true })).toBeVisible();

  await lan.box.focus();
  for (let step = 0; step < 2; step += 1) await lan.page.keyboard.press('Shift+Tab');
  await expect(held.getByRole('button', { name: 'Sửa lại' })).toBeFocused();
  await lan.page.keyboard.press('Enter');
  await expect(lan.box).toHaveValue('Dạ còn ạ, em gửi chị nhé');
  await expect(held).toHaveCount(0);
  await lan.box.press('End');
  await lan.page.keyboard.type(' (size L)');
  await lan.page.keyboard.press('Enter');
  await customer.expectReceived(['Dạ còn ạ, em gửi chị nhé (size L)']);
});

test('SYNC-R4 the list of what needs attention, by keyboard alone', async () => {
  const names = ['Hồ Ngọc Ánh', 'Hồ Bảo Châu'] as const;
  const customers = await Promise.all(names.map((name) => desk.customer(name)));
  for (const customer of customers) await customer.write('Bao giờ có hàng?');
  await lan.showList('Chưa ai nhận');
  for (const { name } of customers) await lan.open(name);
  await lan.pause();
  for (const { name } of customers) {
    await lan.tab(name).click();
    await lan.send(`Dạ thứ Hai ạ, ${name}`);
  }
  for (const customer of customers) await customer.write('Alo?');
  await lan.goOn();
  await expect(lan.rail.getByRole('button', { name: /^Cần xử lý/u })).toHaveAccessibleName('Cần xử lý 2');

  const { keyboard } = lan.page;
  await lan.command('can xu ly', 'Cần xử lý');
  const cards = lan.page.getByRole('region', { name: 'Cần xử lý' }).getByRole('article');
  await expect(cards).toHaveCount(2);
  await expect(cards.first()).toBeFocused();
  await expect(cards.first()).toContainText('Alo?');
  await keyboard.press('ArrowDown');
  await expect(cards.nth(1)).toBeFocused();
  // Discard asks first, and keeps by default.
  await cards.nth(1).getByRole('button', { name: 'Bỏ' }).focus();
  await keyboard.press('Enter');
  await expect(cards.nth(1).getByRole('button', { name: 'Giữ lại' })).toBeFocused();
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await expect(cards).toHaveCount(1);
  await expect(cards.first()).toBeFocused();
  await keyboard.press('Tab');
  await keyboard.press('Tab');
  await expect(cards.first().getByRole('button', { name: 'Vẫn gửi' })).toBeFocused();
  await keyboard.press('Enter');
  await expect(lan.page.getByText('Không có gì cần xử lý')).toBeVisible();
  await expect.poll(() => customers.flatMap((customer) => customer.received)).toHaveLength(1);
});

test('SYNC-V2 access that is withdrawn: the tab says so, and what was written can be taken along', async () => {
  const customer = await desk.customer('Đặng Kim Ngân');
  await customer.write('Mình muốn khiếu nại');
  await lan.showList('Chưa ai nhận');
  await lan.open(customer.name);
  await lan.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await lan.pause();
  await lan.note('Khách đang giận, nói nhẹ nhàng');
  await lan.box.fill('Dạ em xin lỗi chị, em');

  await lead.showList('Chưa ai nhận');
  await lead.open(customer.name);
  await lead.page.keyboard.press('Control+Shift+g');
  await lead.pick('Khiếu nại');
  await expect(lead.header).toContainText('Khiếu nại');
  await lan.goOn();

  // The page is another one after a restart.
  const findGone = () => lan.page.getByRole('region', { name: 'Bạn không còn xem được hội thoại này' });
  let gone = findGone();
  await expect(gone).toContainText('Dữ liệu của nó đã được xóa khỏi máy này');
  await expect(lan.page.getByRole('tab', { selected: true })).toContainText('Không xem được nữa');
  await expect(gone).toContainText('Dạ em xin lỗi chị, em');
  await gone.getByRole('button', { name: 'Sao chép' }).first().click();
  await expect.poll(() => lan.page.evaluate(() => navigator.clipboard.readText())).toBe('Dạ em xin lỗi chị, em');
  // The note was refused: its text is kept, and nothing else of the conversation.
  await expect(gone.getByRole('region', { name: 'Việc đang bị giữ lại trong hội thoại này' })).toContainText(
    'Khách đang giận, nói nhẹ nhàng',
  );
  await expect(gone.getByRole('button', { name: 'Vẫn gửi' })).toHaveCount(0);
  await expect(lan.page.locator('body')).not.toContainText('Mình muốn khiếu nại');

  // After a restart it is the same, and it goes only when the agent says so.
  await lan.stop();
  await lan.start();
  await lan.expectOnline();
  gone = findGone();
  await expect(gone).toContainText('Dạ em xin lỗi chị, em');
  await gone.getByRole('button', { name: 'Bỏ' }).last().click();
  await gone.getByRole('button', { name: 'Bỏ hẳn' }).click();
  await expect(lan.rail.getByRole('button', { name: /^Cần xử lý/u })).toHaveAccessibleName('Cần xử lý');
  await gone.getByRole('button', { name: 'Đóng thẻ' }).click();
  await expect(gone).toHaveCount(0);
});

test('SYNC-L7 an erased customer goes from the open search, and the tab says why', async () => {
  const [erased, kept] = [await desk.customer('Mai Hồng Nhung'), await desk.customer('Lý Thanh Hải')];
  await erased.write('Bình gốm men lam còn không?');
  await kept.write('Cho hỏi giá bình gốm men lam');
  await lan.showList('Chưa ai nhận');
  await lan.open(erased.name);
  const { keyboard } = lan.page;
  await keyboard.press('Control+Shift+f');
  const search = lan.page.getByRole('region', { name: 'Tìm kiếm' });
  await lan.typeInto(search.getByRole('combobox'), 'gom men lam');
  const hits = search.getByRole('option');
  await expect(hits).toHaveCount(2);
  // What comes meanwhile waits to be shown.
  await kept.write('Bình gốm men lam loại nhỏ ạ');
  await expect(lan.page.getByRole('button', { name: '1 kết quả mới' })).toBeVisible();
  await expect(hits).toHaveCount(2);
  await keyboard.press('ArrowUp');
  await expect(hits).toHaveCount(3);
  await expect(hits.first()).toContainText('loại nhỏ');

  const { items } = await lan.ask('conversation.list', { filter: { view: 'open' } });
  const { customer } = items.find((one) => one.customer.name === erased.name)!;
  await desk.admin.call('DELETE', `/customers/${customer.id}`);
  await expect(hits).toHaveCount(2);
  await expect(lan.page.getByRole('tab', { selected: true })).toContainText('Đã xóa dữ liệu khách');
  const sidebar = lan.page.getByRole('complementary', { name: 'Thông tin khách' });
  await expect(sidebar).toHaveText('Không còn thông tin nào về khách này.');
  await expect(lan.page.locator('body')).not.toContainText(erased.name);
  await keyboard.press('Control+Shift+x');
  await expect(lan.page.getByRole('tab', { name: 'Đã xóa dữ liệu khách' })).toHaveCount(0);
  await keyboard.press('Escape');
  await keyboard.press('Escape');
});

test('SYNC-D3 catching up over a slow line says how far it is, and never claims to be online before', async () => {
  test.slow();
  const random = seededRandom(3);
  const line = await FaultProxy.open(desk.relayPort, random);
  try {
    await desk.addAgent('mai', 'Phan Tuyết Mai');
    const mai = await desk.openConsole('mai', { relayUrl: line.url });
    const customer = await desk.customer('Lý Gia Hân');
    const conversationId = await customer.write('Câu hỏi đầu tiên');
    await mai.showList('Chưa ai nhận');
    await mai.open(customer.name);
    await mai.pause();
    // Nothing that could be packed small.
    const noise = () => Buffer.from(random.bytes(2600)).toString('base64');
    for (let n = 1; n <= 300; n += 1) await customer.write(`Tin ${n}: ${noise()}`);
    // So slow that it is still catching up when a slow machine has come to look.
    line.change({ bytesPerSecond: 50_000 });
    await mai.setOnline(true);

    const seen = new Set<string>();
    const name = () => mai.status.getAttribute('aria-label').then((label) => label ?? '');
    await expect
      .poll(
        async () => {
          seen.add(await name());
          return [...seen].some((one) => /^Đang cập nhật \d+%/u.test(one));
        },
        { intervals: [50] },
      )
      .toBe(true);
    await expect(await openStatus(mai)).toContainText(/Còn \d+ mục\./u);
    line.change({ bytesPerSecond: 200_000 });
    // Whenever the line claims to be online, the newest message is here.
    while (!(await name()).startsWith('Trực tuyến')) await mai.page.waitForTimeout(50);
    const { lastMessage } = await mai.ask('conversation.get', { conversationId });
    expect(lastMessage?.text).toContain('Tin 300:');
    await mai.page.keyboard.press('Escape');
    await expect(mai.row(customer.name)).toContainText('Tin 300:');
    await line.heal();
    await mai.expectOnline();
  } finally {
    await line.close();
  }
});
