import { expect } from '@playwright/test';
import type { AgentConsole } from './agent-console.ts';
import { test } from './console-test.ts';
import type { Desk } from './desk.ts';

let desk: Desk;
let lan: AgentConsole;
let nam: AgentConsole;

test.beforeAll(async ({ openDesk }) => {
  desk = await openDesk();
  await desk.addAgent('lan', 'Trần Thị Lan');
  await desk.addAgent('nam', 'Đỗ Hoài Nam');
  [lan, nam] = await Promise.all([desk.openConsole('lan'), desk.openConsole('nam')]);
});

test.afterAll(() => desk.close());

test('two agents in one conversation see each other looking, typing and answering', async () => {
  const customer = await desk.customer('Nguyễn Khánh Vy');
  await customer.write('Có ai ở đó không?');
  for (const console of [lan, nam]) {
    await console.showList('Chưa ai nhận');
    await console.open(customer.name);
  }
  await expect(lan.header.getByRole('img', { name: 'Cùng xem: Đỗ Hoài Nam' })).toBeVisible();
  await expect(nam.header.getByRole('img', { name: 'Cùng xem: Trần Thị Lan' })).toBeVisible();
  await lan.box.pressSequentially('Dạ em đây ạ');
  await expect(nam.pane(customer.name)).toContainText('Trần Thị Lan đang trả lời khách…');
  await lan.box.press('Enter');
  await expect(nam.message('Dạ em đây ạ')).toBeVisible();
  await expect(nam.pane(customer.name)).not.toContainText('đang trả lời khách…');
  await expect(nam.header).toContainText('Trần Thị Lan phụ trách');
  // Notes are between colleagues.
  await nam.note('Để em kiểm kho giúp');
  await expect(lan.message('Để em kiểm kho giúp')).toContainText('Đỗ Hoài Nam');
  await nam.send('Dạ kho còn hai chiếc');
  await expect(lan.message('Dạ kho còn hai chiếc')).toBeVisible();
  await customer.expectReceived(['Dạ em đây ạ', 'Dạ kho còn hai chiếc']);
});

test('the first claim wins, and the other agent is told', async () => {
  const customer = await desk.customer('Hoàng Đức Anh');
  await customer.write('Mình cần tư vấn');
  await lan.showList('Chưa ai nhận');
  await lan.open(customer.name);
  await lan.pause();
  await lan.page.getByRole('button', { name: 'Nhận về tôi' }).click();
  await expect(lan.header).toContainText('Bạn phụ trách');
  await nam.showList('Chưa ai nhận');
  await nam.open(customer.name);
  await nam.page.getByRole('button', { name: 'Nhận về tôi' }).click();
  await expect(nam.header).toContainText('Bạn phụ trách');
  await lan.goOn();
  await expect(lan.header).toContainText('Đỗ Hoài Nam phụ trách');
  await lan.showList('Cần xử lý');
  const card = lan.page.getByRole('article').filter({ hasText: customer.name });
  await expect(card).toContainText('Phân công');
  await expect(card.getByRole('note')).toHaveText(
    /^Người khác vừa nhận hội thoại này trước bạn. Đỗ Hoài Nam nhận lúc (.+ )?\d\d:\d\d.$/u,
  );
  await card.getByRole('button', { name: 'Bỏ' }).click();
  await card.getByRole('button', { name: 'Bỏ hẳn' }).click();
  await expect(card).toHaveCount(0);
  await expect(nam.header).toContainText('Bạn phụ trách');
});

test('replies that the conversation overtook are held: send anyway, edit, or discard', async () => {
  const names = ['Gửi Anh', 'Sửa Bình', 'Bỏ Chi'] as const;
  const customers = await Promise.all(names.map((name) => desk.customer(name)));
  const [first, second, third] = customers as [(typeof customers)[0], (typeof customers)[0], (typeof customers)[0]];
  for (const customer of customers) await customer.write('Giá bao nhiêu shop?');
  await lan.showList('Chưa ai nhận');
  for (const { name } of customers) await lan.open(name);
  await lan.pause();
  for (const { name } of customers) {
    await lan.tab(name).click();
    await lan.send(`Dạ 450.000 ₫ ạ, ${name}`);
  }
  for (const customer of customers) await customer.write('À thôi, mình hỏi mẫu khác');
  await nam.showList('Chưa ai nhận');
  await nam.open(first.name);
  await nam.send('Dạ anh hỏi mẫu nào ạ?');
  await first.expectReceived(['Dạ anh hỏi mẫu nào ạ?']);
  await lan.goOn();

  const attention = lan.rail.getByRole('button', { name: /^Cần xử lý/u });
  await expect(attention).toHaveAccessibleName('Cần xử lý 3');
  await expect(lan.message(`Dạ 450.000 ₫ ạ, ${third.name}`)).toContainText('Chưa gửi');
  expect(first.received).toHaveLength(1);
  await attention.click();
  const card = (name: string) => lan.page.getByRole('article').filter({ hasText: `ạ, ${name}` });
  await expect(card(first.name)).toContainText('2 tin mới từ khi bạn viết');
  await expect(card(first.name)).toContainText('Dạ anh hỏi mẫu nào ạ?');
  await expect(card(second.name)).toContainText('À thôi, mình hỏi mẫu khác');

  await card(first.name).getByRole('button', { name: 'Vẫn gửi' }).click();
  await first.expectReceived(['Dạ anh hỏi mẫu nào ạ?', `Dạ 450.000 ₫ ạ, ${first.name}`]);
  await card(third.name).getByRole('button', { name: 'Bỏ' }).click();
  await card(third.name).getByRole('button', { name: 'Giữ lại' }).click();
  await expect(card(third.name)).toBeVisible();
  await card(third.name).getByRole('button', { name: 'Bỏ' }).click();
  await card(third.name).getByRole('button', { name: 'Bỏ hẳn' }).click();
  await expect(card(third.name)).toHaveCount(0);
  await card(second.name).getByRole('button', { name: 'Sửa lại' }).click();
  await expect(lan.box).toHaveValue(`Dạ 450.000 ₫ ạ, ${second.name}`);
  await lan.send('Dạ chị xem mẫu nào ạ?');
  await second.expectReceived(['Dạ chị xem mẫu nào ạ?']);
  expect(third.received).toEqual([]);
  await expect(attention).toHaveAccessibleName('Cần xử lý');
});

test('SYNC-E1 who looks is gone as soon as the console is, also one that was killed', async () => {
  const customer = await desk.customer('Vương Tú Anh');
  await customer.write('Còn ai trực không?');
  for (const console of [lan, nam]) {
    await console.showList('Chưa ai nhận');
    await console.open(customer.name);
  }
  const eye = lan.header.getByRole('img', { name: 'Cùng xem: Đỗ Hoài Nam' });
  await expect(eye).toBeVisible();
  await nam.kill();
  // Far sooner than it would run out.
  await expect(eye).toBeHidden();
  await nam.start();
  await nam.expectOnline();
  // Which list was shown is not known for certain to one that was killed.
  await nam.showList('Chưa ai nhận');
  await nam.open(customer.name);
  await expect(eye).toBeVisible();
});
