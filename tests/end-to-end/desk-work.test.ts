import { expect } from '@playwright/test';
import type { AgentConsole } from './agent-console.ts';
import { test } from './console-test.ts';
import { type Desk, QUEUES } from './desk.ts';

let desk: Desk;
let lan: AgentConsole;
let lead: AgentConsole;
let specialist: AgentConsole;

test.beforeAll(async ({ openDesk }) => {
  desk = await openDesk();
  await desk.addAgent('lan', 'Trần Thị Lan');
  await desk.addAgent('quan', 'Lê Minh Quân', 'lead', [QUEUES.orders, QUEUES.complaints]);
  await desk.addAgent('ha', 'Phan Thu Hà', 'specialist', [QUEUES.complaints]);
  [lan, lead, specialist] = await Promise.all([
    desk.openConsole('lan'),
    desk.openConsole('quan'),
    desk.openConsole('ha'),
  ]);
});

test.afterAll(() => desk.close());

test('a shift lead selects twenty and hands them over at once', async () => {
  const names = Array.from({ length: 21 }, (_, index) => `Khách ${String(index + 1).padStart(2, '0')}`);
  const customers = await Promise.all(names.map((name) => desk.customer(name)));
  for (const customer of customers) await customer.write('Cho mình hỏi đơn hàng');
  await lead.showList('Chưa ai nhận');
  await expect(lead.list.getByRole('option').first()).toHaveAttribute('aria-setsize', '21');
  const bar = lead.page.getByRole('toolbar', { name: 'Thao tác với các hội thoại đã chọn' });
  const handOverTwenty = async () => {
    await lead.list.focus();
    await lead.page.keyboard.press('Home');
    for (let count = 1; count < 20; count += 1) await lead.page.keyboard.press('Shift+ArrowDown');
    await expect(bar).toContainText('Đã chọn 20');
    await bar.getByRole('button', { name: 'Phân công' }).click();
    await lead.page.getByRole('dialog').getByRole('combobox').fill('lan');
    await lead.pick('Trần Thị Lan');
    await expect(lead.toast('Đã giao 20 hội thoại cho Trần Thị Lan')).toBeVisible();
    await expect(lead.list.getByRole('option')).toHaveCount(1);
  };
  await handOverTwenty();
  // One undo takes all of it back. At once: it is offered for some seconds only.
  await lead.page.getByRole('button', { name: /Hoàn tác/u }).click();
  await expect(lead.list.getByRole('option').first()).toHaveAttribute('aria-setsize', '21');

  await handOverTwenty();
  await lan.showList('Của tôi');
  await expect(lan.list.getByRole('option').first()).toHaveAttribute('aria-setsize', '20');
  await lan.list.focus();
  await lan.page.keyboard.press('Control+a');
  const lansBar = lan.page.getByRole('toolbar', { name: 'Thao tác với các hội thoại đã chọn' });
  await expect(lansBar).toContainText('Đã chọn 20');
  await lansBar.getByRole('button', { name: 'Đóng' }).click();
  await expect(lan.list.getByRole('option')).toHaveCount(0);
});

test('escalated with a reason: another queue, tier 2, and the specialist reads the reason first', async () => {
  const customer = await desk.customer('Đặng Thu Trang');
  await customer.write('Áo rách, tôi muốn hoàn tiền ngay!');
  await lan.showList('Chưa ai nhận');
  await lan.open(customer.name);
  await lan.send('Dạ em rất xin lỗi chị');
  await lan.note('Khách đã đổi hàng hai lần rồi');
  await expect(lan.message('Khách đã đổi hàng hai lần rồi')).toContainText('Ghi chú nội bộ');

  await lan.act(/^Chuyển cấp/u);
  const dialog = lan.page.getByRole('dialog', { name: 'Chuyển cấp hội thoại' });
  await dialog.getByRole('button', { name: 'Chuyển cấp' }).click();
  await expect(dialog.getByRole('alert')).toHaveText('Hãy ghi lý do.');
  await dialog.getByRole('textbox', { name: 'Lý do' }).fill('Khách đòi hoàn 100 %, em chỉ được hoàn 50 %');
  await dialog.getByRole('button', { name: 'Chuyển cấp' }).click();
  await expect(dialog).toBeHidden();

  await specialist.showList('Đã chuyển cấp');
  await specialist.open(customer.name);
  await expect(specialist.header).toContainText('Khiếu nại');
  await expect(specialist.header).toContainText('Cấp 2');
  await expect(specialist.header).toContainText('Trần Thị Lan chuyển cấp từ Đơn hàng');
  await expect(specialist.header).toContainText('Khách đòi hoàn 100 %, em chỉ được hoàn 50 %');
  await expect(specialist.message('Dạ em rất xin lỗi chị')).toBeVisible();
  await expect(specialist.message('Khách đã đổi hàng hai lần rồi')).toBeVisible();
  await specialist.send('Dạ shop hoàn tiền cho chị trong hôm nay ạ');
  // Nothing internal ever reaches the customer.
  await customer.expectReceived(['Dạ em rất xin lỗi chị', 'Dạ shop hoàn tiền cho chị trong hôm nay ạ']);

  // Done: it goes back, and the reason is history.
  await specialist.act(/^Trả về cấp trước ở Đơn hàng/u);
  await lan.showList('Chưa ai nhận');
  await lan.open(customer.name);
  await expect(lan.header).not.toContainText('Cấp 2');
  await expect(lan.header).not.toContainText('chuyển cấp từ');
  await expect(lan.messages).toContainText('trả về cấp 1');
});

test('assigned to another and moved to another queue, seen at once by those it concerns', async () => {
  const customer = await desk.customer('Ngô Bảo Long');
  await customer.write('Khi nào có hàng lại?');
  await lan.showList('Chưa ai nhận');
  await lan.open(customer.name);
  await lan.page.getByRole('button', { name: 'Nhận về tôi' }).click();
  await expect(lan.header).toContainText('Bạn phụ trách');
  await lan.header.getByRole('button', { name: 'Phân công', exact: true }).first().click();
  await lan.pick('Lê Minh Quân');
  await expect(lan.header).toContainText('Lê Minh Quân phụ trách');
  await expect(lan.messages).toContainText('Bạn giao cho Lê Minh Quân');

  await lead.showList('Của tôi');
  await lead.open(customer.name);
  await expect(lead.messages).toContainText('Trần Thị Lan giao cho bạn');
  await lead.page.getByRole('button', { name: 'Thao tác khác' }).click();
  await lead.page.getByRole('menuitem', { name: 'Chuyển hàng chờ' }).click();
  await lead.pick('Khiếu nại');
  await expect(lead.header).toContainText('Khiếu nại');
  await specialist.showList('Khiếu nại');
  await specialist.open(customer.name);
  await expect(specialist.messages).toContainText('Lê Minh Quân chuyển từ Đơn hàng sang Khiếu nại');
  // It left what this agent may see.
  await expect(lan.pane(customer.name)).toBeHidden();
});

test('snoozed until the customer writes, closed, and reopened by the customer for the same agent', async () => {
  const customer = await desk.customer('Hồ Ngọc Ánh');
  await customer.write('Mình đợi shop báo lại nhé');
  await lan.showList('Chưa ai nhận');
  await lan.open(customer.name);
  await lan.send('Dạ vâng ạ');
  await lan.act(/^Hoãn/u);
  await lan.pick('Đến khi khách nhắn');
  await expect(lan.header).toContainText('Hoãn đến khi khách nhắn');
  await lan.showList('Đang hoãn');
  await expect(lan.row(customer.name)).toBeVisible();

  await customer.write('Shop ơi có tin gì chưa?');
  await expect(lan.row(customer.name)).toHaveCount(0);
  await expect(lan.header).toContainText('Đang mở');
  await lan.header.getByRole('button', { name: 'Đóng' }).click();
  await expect(lan.header).toContainText('Đã đóng');
  await lan.showList('Đã đóng');
  await expect(lan.row(customer.name)).toBeVisible();

  await customer.write('À cho mình hỏi thêm');
  await expect(lan.header).toContainText('Đang mở');
  await expect(lan.header).toContainText('Bạn phụ trách');
  await lan.showList('Của tôi');
  await expect(lan.row(customer.name)).toBeVisible();
  await expect(lan.message('À cho mình hỏi thêm')).toBeVisible();
});
