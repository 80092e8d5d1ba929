import { type CDPSession, expect, type Locator } from '@playwright/test';
import type { AgentConsole } from './agent-console.ts';
import { test } from './console-test.ts';
import type { Desk } from './desk.ts';

let desk: Desk;
let lan: AgentConsole;

test.beforeAll(async ({ openDesk }) => {
  desk = await openDesk();
  await desk.addAgent('lan', 'Trần Thị Lan');
  lan = await desk.openConsole('lan');
});

test.afterAll(() => desk.close());

test('a whole conversation without the mouse: found, answered, noted, snoozed, closed', async () => {
  const customer = await desk.customer('Lương Bảo Ngọc');
  await customer.write('Shop ơi, cho mình hỏi');
  const { keyboard } = lan.page;
  await lan.command('chua ai nhan', 'Chưa ai nhận');
  await expect(lan.row(customer.name)).toBeVisible();
  for (let pane = 0; pane < 6 && !(await isFocused(lan)); pane += 1) await keyboard.press('F6');
  await expect(lan.list).toBeFocused();
  await keyboard.press('j');
  await keyboard.press('Enter');
  // No key is lost, also of those that come before the conversation is on the screen.
  await keyboard.type('Dạ em nghe đây ạ');
  await expect(lan.pane(customer.name)).toBeVisible();
  await expect(lan.box).toBeFocused();
  await expect(lan.box).toHaveValue('Dạ em nghe đây ạ');
  // A line break is not the end of the message.
  await keyboard.press('Shift+Enter');
  await keyboard.type('Chị cần gì ạ?');
  await keyboard.press('Enter');
  await customer.expectReceived(['Dạ em nghe đây ạ\nChị cần gì ạ?']);

  await keyboard.press('Control+Shift+h');
  await expect(lan.page.getByRole('textbox', { name: `Ghi chú nội bộ về ${customer.name}` })).toBeFocused();
  await keyboard.type('Khách hay hỏi buổi tối');
  await keyboard.press('Enter');
  await expect(lan.message('Khách hay hỏi buổi tối')).toContainText('Ghi chú nội bộ');
  await keyboard.press('Control+Shift+h');
  await expect(lan.page.getByRole('textbox', { name: `Trả lời ${customer.name}` })).toBeFocused();

  await keyboard.press('Control+Shift+s');
  await lan.typeInto(lan.page.getByRole('dialog').getByRole('combobox'), 'khach nhan');
  await keyboard.press('Enter');
  await expect(lan.header).toContainText('Hoãn đến khi khách nhắn');
  await customer.write('Mình đây');
  await expect(lan.header).toContainText('Đang mở');
  await expect(lan.message('Mình đây')).toBeVisible();
  await expect(lan.box).toBeFocused();
  await keyboard.press('Control+Shift+e');
  await expect(lan.header).toContainText('Đã đóng');
  expect(customer.received).toHaveLength(1);

  // The help lists what there is, and closes where it was opened.
  await keyboard.press('Control+/');
  await expect(lan.page.getByRole('dialog', { name: 'Phím tắt' })).toContainText('Đóng hội thoại');
  await keyboard.press('Escape');
  await expect(lan.page.getByRole('dialog')).toHaveCount(0);
  await keyboard.press('Control+Shift+x');
  await expect(lan.tab(customer.name)).toHaveCount(0);
});

const isFocused = (console: AgentConsole) => console.list.evaluate((list) => list === document.activeElement);

test('Enter that ends a composition of an input method sends nothing', async () => {
  const customer = await desk.customer('Chu Thuỳ Dương');
  await customer.write('Chào shop');
  await lan.showList('Chưa ai nhận');
  await lan.open(customer.name);
  await lan.box.focus();
  const session = await lan.page.context().newCDPSession(lan.page);
  await compose(session, 'viê');
  await expect(lan.box).toHaveValue('viê');
  // What Windows and macOS send while a composition is open: the key belongs to the input method.
  await pressForInputMethod(session, 'Enter');
  await session.send('Input.insertText', { text: 'viết' });
  await expect(lan.box).toHaveValue('viết');
  await lan.page.keyboard.type(' xong rồi ạ');
  await expect(lan.box).toHaveValue('viết xong rồi ạ');
  expect(customer.received).toEqual([]);
  await lan.page.keyboard.press('Enter');
  await customer.expectReceived(['viết xong rồi ạ']);
  await session.detach();
});

test('what is typed right after a click on a button is the reply, whole, and no shortcut', async () => {
  const customer = await desk.customer('Đinh Thị Mơ');
  await customer.write('Còn hàng không ạ?');
  await lan.showList('Chưa ai nhận');
  await lan.open(customer.name);
  const { page, box } = lan;
  // It stays: a message is copied, then answered.
  await lan.message('Còn hàng không ạ?').getByRole('button', { name: 'Sao chép' }).click();
  await page.keyboard.type('em chào chị');
  await expect(box).toHaveValue('em chào chị');
  // It goes with what it did.
  await page.getByRole('button', { name: 'Nhận về tôi' }).click();
  await expect(page.getByRole('button', { name: 'Nhận về tôi' })).toHaveCount(0);
  await page.keyboard.type(', em đây ạ');
  await expect(box).toHaveValue('em chào chị, em đây ạ');
  await expect(lan.header).toContainText('Đang mở');
  await page.keyboard.press('Enter');
  await customer.expectReceived(['em chào chị, em đây ạ']);
});

async function compose(session: CDPSession, text: string): Promise<void> {
  await session.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
}

async function pressForInputMethod(session: CDPSession, key: string): Promise<void> {
  const press = { key, code: key, windowsVirtualKeyCode: 229, nativeVirtualKeyCode: 229 };
  await session.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...press });
  await session.send('Input.dispatchKeyEvent', { type: 'keyUp', ...press });
}

test('in the narrowest window the customer’s column gives way, and what just happened stands over the list, not over the reply', async () => {
  const customer = await desk.customer('Công Tằng Tôn Nữ Thị Kim Hoàng Ngân');
  await customer.write('Alo shop');
  await lan.showList('Chưa ai nhận');
  await lan.open(customer.name);
  const { page } = lan;
  const size = page.viewportSize()!;
  const column = page.locator('[data-pane="sidebar"]');
  const rightOf = async (part: Locator) => {
    const box = (await part.boundingBox())!;
    return box.x + box.width;
  };
  const [send, reply] = [
    page.getByRole('button', { name: 'Gửi', exact: true }),
    page.locator('[data-pane="conversation"]'),
  ];
  for (const width of [1280, 1150, 900]) {
    await page.setViewportSize({ width, height: 600 });
    await expect(column).toBeVisible({ visible: width > 900 });
    // Within the box around the reply. The panes follow the window a little later than the browser's own layout.
    await expect.poll(async () => (await rightOf(reply)) - (await rightOf(send))).toBeGreaterThan(16);
    expect(await rightOf(reply)).toBeLessThanOrEqual(width);
  }
  await lan.box.press('Control+Shift+s');
  await lan.typeInto(page.getByRole('dialog').getByRole('combobox'), 'khach nhan');
  await page.keyboard.press('Enter');
  const toast = page.getByRole('status').filter({ hasText: 'Đã hoãn' });
  await expect(toast.getByRole('button', { name: 'Hoàn tác' })).toBeVisible();
  expect(await rightOf(toast)).toBeLessThanOrEqual(await rightOf(lan.list));
  await page.setViewportSize(size);
});

test('Vietnamese and English, light and dark: switched at once, and still so the next time', async ({ hostKind }) => {
  const customer = await desk.customer('Mạc Thiên Kim');
  await customer.write('Đổi hàng thế nào ạ?');
  const { page } = lan;
  await expect(page.locator('html')).toHaveAttribute('lang', 'vi');
  await lan.accountMenu();
  await page.getByRole('menuitem', { name: 'Cài đặt' }).click();
  const settings = page.getByRole('dialog');
  await settings.getByRole('radio', { name: 'English' }).click();
  await expect(settings).toHaveAccessibleName('Settings');
  await settings.getByRole('radio', { name: 'Dark' }).click();
  await page.keyboard.press('Escape');
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(page.getByRole('button', { name: /^Unassigned/u })).toBeVisible();
  await expect.poll(() => brightness(lan)).toBeLessThan(60);

  if (hostKind === 'loopback') {
    // Whoever pulls the plug loses at most what was done in the last half second.
    await expect.poll(async () => (await lan.ask('setting.get', { key: 'ui.theme' })).value).toBe('dark');
    await expect.poll(async () => (await lan.ask('setting.get', { key: 'ui.language' })).value).toBe('en');
  }
  await lan.stop();
  await lan.start();
  await expect(lan.page.getByRole('navigation').getByRole('button', { name: /^Online/u })).toBeVisible();
  await expect(lan.page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect.poll(() => brightness(lan)).toBeLessThan(60);
  await lan.page.getByRole('button', { name: /^Unassigned/u }).click();
  await lan.row(customer.name).click();
  await expect(lan.page.getByRole('region', { name: `Conversation with ${customer.name}` })).toBeVisible();
  await lan.page.getByRole('textbox', { name: `Reply to ${customer.name}` }).fill('Dạ trong 7 ngày ạ');
  await lan.page.keyboard.press('Enter');
  await customer.expectReceived(['Dạ trong 7 ngày ạ']);

  await lan.accountMenu();
  await lan.page.getByRole('menuitem', { name: /^Theme/u }).click();
  await lan.page.getByRole('menuitemradio', { name: 'Light' }).click();
  await lan.accountMenu();
  await lan.page.getByRole('menuitem', { name: /^Language/u }).click();
  await lan.page.getByRole('menuitemradio', { name: 'Tiếng Việt' }).click();
  await lan.expectOnline();
  await expect.poll(() => brightness(lan)).toBeGreaterThan(200);
});

/** Of the background, 0 to 255. */
function brightness(console: AgentConsole): Promise<number> {
  return console.page.evaluate(() => {
    const [red = 0, green = 0, blue = 0] = getComputedStyle(document.body).backgroundColor.match(/\d+/gu)!.map(Number);
    return (red + green + blue) / 3;
  });
}
