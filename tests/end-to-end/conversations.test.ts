import { readFileSync } from 'node:fs';
import { expect } from '@playwright/test';
import type { AgentConsole } from './agent-console.ts';
import { test } from './console-test.ts';
import type { Desk } from './desk.ts';
import { PDF, PNG } from './sample-files.ts';

let desk: Desk;
let lan: AgentConsole;

test.beforeAll(async ({ openDesk }) => {
  desk = await openDesk();
  await desk.addAgent('lan', 'Trần Thị Lan');
  await desk.admin.call('POST', '/customers/import', {
    customers: [
      {
        externalId: 'shop-7',
        name: 'Đỗ Quốc Dũng',
        givenName: 'Dũng',
        language: 'vi',
        orders: [
          {
            number: 'MC-1042',
            status: 'shipped',
            total: 450_000,
            currency: 'VND',
            placedAt: 1_750_000_000_000,
            items: [],
            trackingUrl: null,
          },
        ],
      },
    ],
  });
  lan = await desk.openConsole('lan');
});

test.afterAll(() => desk.close());

test('three customers in tabs: messages come unasked, each gets its own answers, once and in order', async () => {
  await lan.showList('Chưa ai nhận');
  const customers = [
    await desk.customer('Nguyễn Văn An'),
    await desk.customer('Lê Thị Bích'),
    await desk.customer('Phạm Minh Châu'),
  ];
  for (const customer of customers) await customer.write(`Shop ơi, ${customer.name} hỏi đơn hàng`);
  for (const { name } of customers) {
    await lan.open(name);
    await expect(lan.message(`${name} hỏi đơn hàng`)).toBeVisible();
  }
  await expect(lan.page.getByRole('tab')).toHaveCount(3);

  for (const { name } of customers) {
    await lan.tab(name).click();
    await lan.send(`Dạ em chào ${name}`);
    await lan.send(`Em kiểm tra đơn của ${name} ngay ạ`);
  }
  for (const customer of customers) {
    await customer.expectReceived([`Dạ em chào ${customer.name}`, `Em kiểm tra đơn của ${customer.name} ngay ạ`]);
  }
  await lan.showList('Của tôi');
  for (const { name } of customers) await expect(lan.row(name)).toBeVisible();

  // A tab that is not looked at says that something came.
  const [an] = customers;
  await an!.write('Còn hàng không shop?');
  await expect(lan.tab(an!.name)).toHaveAccessibleName(/có tin mới/u);
  await lan.tab(an!.name).click();
  await expect(lan.message('Còn hàng không shop?')).toBeVisible();
  await expect(lan.tab(an!.name)).not.toHaveAccessibleName(/có tin mới/u);
});

test('typing is seen on both sides, and a reply goes from sent to delivered to read', async () => {
  const customer = await desk.customer('Vũ Hải Yến');
  let isAgentTyping = false;
  customer.client.onTyping((isTyping) => {
    isAgentTyping = isTyping;
  });
  await customer.write('Chào shop');
  await lan.showList('Chưa ai nhận');
  await lan.open(customer.name);

  const line = lan.pane(customer.name).getByText(`${customer.name} đang nhập…`);
  await expect(async () => {
    customer.client.setTyping(true);
    await expect(line).toBeVisible({ timeout: 5000 });
  }).toPass();
  customer.client.setTyping(false);
  await customer.write('Cho mình hỏi giá áo len');
  await expect(line).toBeHidden();

  await lan.box.pressSequentially('Dạ áo len');
  await expect.poll(() => isAgentTyping).toBe(true);
  await lan.box.press('Enter');
  await customer.expectReceived(['Dạ áo len']);
  await expect.poll(() => isAgentTyping).toBe(false);
  await expect(lan.message('Dạ áo len')).toContainText('Đã tới');
  customer.read();
  await expect(lan.message('Dạ áo len')).toContainText('Đã đọc');
});

test('a canned reply is found by a slash, with or without accents, and comes filled in', async () => {
  const customer = await desk.customer('Đỗ Quốc Dũng', { externalId: 'shop-7' });
  await customer.write('Đơn của mình đâu rồi?');
  await lan.showList('Chưa ai nhận');
  await lan.open(customer.name);
  const sidebar = lan.page.getByRole('complementary', { name: 'Thông tin khách' });
  await expect(sidebar).toContainText('MC-1042');
  await expect(sidebar).toContainText('Đang giao');

  const suggestions = lan.page.getByRole('listbox', { name: 'Câu trả lời mẫu' });
  await lan.box.pressSequentially('/chào');
  await expect(suggestions.getByRole('option')).toHaveText(['/chaoChào khách']);
  await lan.page.keyboard.press('Escape');
  await expect(suggestions).toBeHidden();
  await lan.box.fill('');
  await lan.box.pressSequentially('/chao');
  await expect(suggestions.getByRole('option', { selected: true })).toHaveText('/chaoChào khách');
  await lan.page.keyboard.press('Enter');
  await expect(lan.box).toHaveValue('Dạ chào Dũng, em là Trần Thị Lan.');
  await lan.box.press('Enter');
  await customer.expectReceived(['Dạ chào Dũng, em là Trần Thị Lan.']);

  // What could not be filled in is not sent without a second thought.
  await lan.box.pressSequentially('/don');
  await lan.page.keyboard.press('Enter');
  await expect(lan.box).toHaveValue('Đơn MC-1042 đang ở bưu cục ạ.');
  await lan.box.fill('');

  const guest = await desk.customer('Anna Berg', { language: 'en' });
  await guest.write('Do you ship to Da Nang?');
  await lan.open(guest.name);
  await lan.box.pressSequentially('/don');
  await lan.page.keyboard.press('Enter');
  await expect(lan.box).toHaveValue('Đơn [order.number] đang ở bưu cục ạ.');
  await lan.box.press('Enter');
  await expect(lan.pane(guest.name)).toContainText('Chưa điền: [order.number]');
  expect(guest.received).toEqual([]);
  await lan.box.fill('');
  await lan.box.pressSequentially('/chao');
  await lan.page.keyboard.press('Enter');
  await expect(lan.box).toHaveValue('Hello there, Trần Thị Lan here.');
  await lan.box.press('Enter');
  await guest.expectReceived(['Hello there, Trần Thị Lan here.']);
});

test('pictures and documents both ways: thumbnail, large view, saved as they were', async ({ hostKind }) => {
  const customer = await desk.customer('Bùi Thanh Mai');
  const picture = await customer.client.upload(new Blob([PNG], { type: 'image/png' }), 'biên lai.png');
  const paper = await customer.client.upload(new Blob([PDF], { type: 'application/pdf' }), 'hoá đơn.pdf');
  await customer.client.send({ text: 'Em gửi biên lai', attachments: [picture.uploadId, paper.uploadId] });
  await lan.showList('Chưa ai nhận');
  await lan.open(customer.name);

  // Whoever opened it has seen it.
  await expect(lan.row(customer.name)).not.toHaveAccessibleName(/chưa đọc/u);

  const thumbnail = lan.message('Em gửi biên lai').getByRole('button', { name: 'Xem ảnh biên lai.png' });
  await expectDrawn(thumbnail);
  await thumbnail.click();
  const large = lan.page.getByRole('dialog', { name: 'biên lai.png' });
  await expectDrawn(large);
  await lan.page.keyboard.press('Escape');
  await expect(large).toBeHidden();
  if (hostKind === 'loopback') {
    const download = lan.page.waitForEvent('download');
    await lan.message('Em gửi biên lai').getByRole('button', { name: 'Tải về hoá đơn.pdf' }).click();
    const saved = await download;
    expect(saved.suggestedFilename()).toBe('hoá đơn.pdf');
    expect(readFileSync(await saved.path())).toEqual(Buffer.from(PDF));
  }

  await lan.attach([
    { name: 'bảng giá.png', mimeType: 'image/png', buffer: Buffer.from(PNG) },
    { name: 'hướng dẫn.pdf', mimeType: 'application/pdf', buffer: Buffer.from(PDF) },
  ]);
  await lan.box.fill('Dạ em gửi bảng giá');
  await lan.box.press('Enter');
  await customer.expectReceived(['Dạ em gửi bảng giá']);
  expect(customer.files.map(({ name }) => name)).toEqual(['bảng giá.png', 'hướng dẫn.pdf']);
  const contents = await Promise.all(customer.files.map(({ fileId }) => customer.client.fetchFile(fileId)));
  const bytes = await Promise.all(contents.map(async (content) => Buffer.from(await content.arrayBuffer())));
  expect(bytes).toEqual([Buffer.from(PNG), Buffer.from(PDF)]);
  await expectDrawn(lan.message('Dạ em gửi bảng giá').getByRole('button', { name: 'Xem ảnh bảng giá.png' }));

  // A link opens in a window of its own and leaves the console alone.
  await customer.write('Mình thấy ở http://127.0.0.1:9/hang nhé');
  if (hostKind === 'loopback') {
    const popup = lan.page.context().waitForEvent('page');
    await lan.message('Mình thấy ở').getByRole('link').click();
    await (await popup).close();
  }
  await expect(lan.message('Mình thấy ở')).toBeVisible();
});

/** The picture in it was really decoded. */
async function expectDrawn(place: ReturnType<AgentConsole['message']>): Promise<void> {
  await expect.poll(() => place.locator('img').evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(8);
}
