import { expect } from '@playwright/test';
import type { AgentConsole } from './agent-console.ts';
import { test } from './console-test.ts';
import type { Desk } from './desk.ts';
import { PNG } from './sample-files.ts';

/** Since midnight the day stands before the time. */
const OFFLINE_SINCE = /^Ngoại tuyến từ (.+ )?\d\d:\d\d$/u;

let desk: Desk;
let lan: AgentConsole;
let lead: AgentConsole;

test.beforeAll(async ({ openDesk }) => {
  desk = await openDesk();
  await desk.addAgent('lan', 'Trần Thị Lan');
  await desk.addAgent('quan', 'Lê Minh Quân', 'lead');
  [lan, lead] = await Promise.all([desk.openConsole('lan'), desk.openConsole('quan')]);
});

test.afterAll(() => desk.close());

test('a shift without a relay: read, search, answer, restart; then all of it goes out once, in order', async () => {
  test.slow();
  const an = await desk.customer('Nguyễn Văn An');
  const binh = await desk.customer('Lê Thị Bình');
  const chi = await desk.customer('Phạm Linh Chi');
  const all = [an, binh, chi];
  await an.write('Đơn hàng 1042 của mình tới đâu rồi?');
  // Decomposed letters, as some phones write them.
  await binh.write('Mình muốn đổi đơn hàng sang màu xanh'.normalize('NFD'));
  await chi.write('Shop có giao ĐƠN HÀNG cuối tuần không?');
  await lan.showList('Chưa ai nhận');
  for (const { name } of all) {
    await lan.open(name);
    await lan.send(`Dạ chào ${name}`);
  }
  for (const customer of all) await customer.expectReceived([`Dạ chào ${customer.name}`]);
  // Customers may have it before this console hears so: then it would be waiting still.
  await expect(lan.message(`Dạ chào ${chi.name}`)).toContainText('Đã tới');
  await lan.expectOnline();

  await desk.stopRelay();
  await expect(lan.status).toHaveAccessibleName(OFFLINE_SINCE);

  // Reading and searching what is here.
  await lan.rail.getByRole('button', { name: /^Tìm kiếm/u }).click();
  const search = lan.page.getByRole('region', { name: 'Tìm kiếm' });
  await expect(search.getByText('Đang ngoại tuyến. Kết quả là từ dữ liệu đã lưu trên máy này.')).toBeVisible();
  await search.getByRole('combobox').fill('don hang');
  await expect(search.getByRole('option')).toHaveCount(3);
  await expect(search.getByRole('option').locator('mark').first()).toHaveText(/đơn/iu);
  await search.getByRole('combobox').fill('đơn hàng xanh');
  await expect(search.getByRole('option')).toHaveCount(1);
  await search.getByRole('option').click();
  await expect(lan.message('màu xanh')).toBeVisible();
  await search.getByRole('button', { name: 'Đóng tìm kiếm' }).click();

  // Six replies in three conversations, a note, an assignment, a picture.
  for (const round of [1, 2]) {
    for (const { name } of all) {
      await lan.tab(name).click();
      await lan.send(`Trả lời ${round} cho ${name}`);
    }
  }
  await expect(lan.message('Trả lời 2 cho Phạm Linh Chi')).toContainText('Chờ gửi');
  await lan.note('Khách quen, ưu tiên');
  await lan.header.getByRole('button', { name: 'Phân công', exact: true }).first().click();
  await lan.pick('Lê Minh Quân');
  await lan.tab(an.name).click();
  await lan.attach([{ name: 'vận đơn.png', mimeType: 'image/png', buffer: Buffer.from(PNG) }]);
  await lan.send('Em gửi vận đơn');
  await expect(lan.status).toHaveAccessibleName(/^Ngoại tuyến từ .*\d\d:\d\d, 9 việc chờ gửi$/u);
  await lan.showList('Của tôi');
  await expect(lan.row(an.name)).toHaveAccessibleName(/3 việc chờ gửi/u);

  // The program is closed and opened again: all of it is still there, and still waiting.
  await lan.stop();
  await lan.start();
  await expect(lan.status).toHaveAccessibleName(/9 việc chờ gửi$/u);
  await expect(lan.status).toHaveAccessibleName(/^Ngoại tuyến từ/u);
  await lan.tab(chi.name).click();
  await expect(lan.header).toContainText('Lê Minh Quân phụ trách');
  await expect(lan.message('Khách quen, ưu tiên')).toBeVisible();
  for (const { name } of all) {
    await lan.tab(name).click();
    for (const round of [1, 2]) await expect(lan.message(`Trả lời ${round} cho ${name}`)).toContainText('Chờ gửi');
  }
  for (const customer of all) expect(customer.received).toHaveLength(1);

  // Nobody clicks anything.
  await desk.startRelay();
  for (const customer of all) {
    await customer.expectReceived([
      `Dạ chào ${customer.name}`,
      `Trả lời 1 cho ${customer.name}`,
      `Trả lời 2 cho ${customer.name}`,
      ...(customer === an ? ['Em gửi vận đơn'] : []),
    ]);
  }
  expect(an.files.map(({ name }) => name)).toEqual(['vận đơn.png']);
  await lan.expectOnline();
  await expect(lan.message(`Trả lời 2 cho ${chi.name}`)).toContainText('Đã tới');
  await lead.expectOnline();
  await lead.showList('Của tôi');
  await lead.open(chi.name);
  await expect(lead.message('Khách quen, ưu tiên')).toBeVisible();
  await expect(lead.messages).toContainText('Trần Thị Lan giao cho bạn');
});

test('what waits can be taken back; a pause is an agent’s own choice and said as such', async () => {
  const customer = await desk.customer('Đoàn Gia Huy');
  await customer.write('Áo này giặt máy được không?');
  await lan.showList('Chưa ai nhận');
  await lan.open(customer.name);
  await lan.accountMenu();
  await lan.page.getByRole('menuitem', { name: 'Tạm ngắt kết nối' }).click();
  await expect(lan.status).toHaveAccessibleName('Tạm ngắt kết nối');
  await lan.send('Dạ không được ạ');
  await expect(lan.status).toHaveAccessibleName('Tạm ngắt kết nối, 1 việc chờ gửi');
  await lan.message('Dạ không được ạ').getByRole('button', { name: 'Thu hồi' }).click();
  await expect(lan.message('Dạ không được ạ')).toHaveCount(0);
  await expect(lan.box).toHaveValue('Dạ không được ạ');
  await expect(lan.status).toHaveAccessibleName('Tạm ngắt kết nối');
  await lan.send('Dạ giặt tay thôi ạ');
  await lan.accountMenu();
  await lan.page.getByRole('menuitem', { name: 'Kết nối lại' }).click();
  await lan.expectOnline();
  await customer.expectReceived(['Dạ giặt tay thôi ạ']);
});

test('a relay that is killed and comes back loses and doubles nothing', async () => {
  const customer = await desk.customer('Tạ Minh Khôi');
  await customer.write('Alo shop');
  await lan.showList('Chưa ai nhận');
  await lan.open(customer.name);
  const texts = Array.from({ length: 8 }, (_, index) => `Câu ${index + 1} của nhân viên`);
  for (const [index, text] of texts.entries()) {
    await lan.box.fill(text);
    await lan.box.press('Enter');
    await expect(lan.box).toHaveValue('');
    if (index === 3) await desk.killRelay();
  }
  await desk.startRelay();
  await customer.expectReceived(texts);
  await customer.write('Mình vẫn đây');
  await lan.expectOnline();
  for (const text of texts) await expect(lan.message(text)).toHaveCount(1);
  await expect(lan.message('Mình vẫn đây')).toHaveCount(1);
});
