import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type FrameLocator, type Page, expect, test } from '@playwright/test';
import { identityHash } from '../../src-relay/channels/web-chat/identity.ts';
import { type DemoShop, startDemoShop } from '../../tools/demo-shop/start-demo-shop.ts';
import { CHANNEL_ID, WebChatRig, until } from '../fakes/web-chat-rig.ts';

// The real widget in a real browser: on a page of another origin, under a strict content policy, against the channel.

const projectRoot = path.resolve(import.meta.dirname, '../..');
const hostileFolder = path.resolve(projectRoot, '../shared/data');

let rig: WebChatRig;
let shop: DemoShop;
let problems: string[];

test.beforeEach(async ({ context }) => {
  rig = await new WebChatRig(path.join(projectRoot, 'dist', 'widget')).start({ rateLimits: null });
  const { widgetKey } = rig.channel;
  shop = await startDemoShop({
    relayUrl: rig.url,
    widgetKey,
    port: 0,
    identitySecret: rig.store.channels.readIdentitySecret(CHANNEL_ID),
    accounts: [{ id: 'mocan-1000', name: 'Trần Thị Mai', email: 'mai@example.com' }],
  });
  rig.store.channels.update(CHANNEL_ID, { allowedOrigins: [shop.url] });
  problems = [];
  context.on('page', (page) => {
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('dialog', (dialog) => {
      problems.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', (message) => {
      // The network is taken away on purpose in some tests; nothing else may be complained of.
      if (message.type() === 'error' && !/ERR_|Failed to load resource|WebSocket/.test(message.text())) {
        problems.push(message.text());
      }
    });
  });
});

test.afterEach(async () => {
  await shop.close();
  await rig.dispose();
  expect(problems).toEqual([]);
  expect(rig.mistakes).toEqual([]);
});

const chatOf = (page: Page): FrameLocator => page.frameLocator('iframe');
const launcherOf = (page: Page) => page.getByRole('button', { name: /khung chat|Open chat|Close chat/ });

async function openChat(page: Page, query = ''): Promise<FrameLocator> {
  await page.goto(shop.url + query);
  await launcherOf(page).click();
  const chat = chatOf(page);
  await expect(chat.getByRole('banner')).toBeVisible();
  return chat;
}

async function write(chat: FrameLocator, text: string): Promise<void> {
  const field = chat.getByRole('textbox', { name: /Viết tin nhắn|Write a message/ });
  await field.fill(text);
  await field.press('Enter');
}

/** From the frame it reaches the page's storage as a posted message, and a reload may overtake that. */
async function untilKept(page: Page, text: string): Promise<void> {
  await page.waitForFunction((kept) => Object.values(localStorage).some((value) => value.includes(kept)), text);
}

test('ROW-A1 a visitor writes, is answered, reloads, and goes on where they were', async ({ page }) => {
  const chat = await openChat(page);
  await write(chat, 'Ghế gỗ sồi còn hàng không ạ?');
  await expect(chat.getByText('Đã gửi')).toBeVisible();
  await rig.answer('conversation-1', 'Dạ còn 6 chiếc ạ', { agentName: 'Nguyễn Thị Lan' });
  await expect(chat.getByText('Dạ còn 6 chiếc ạ')).toBeVisible();
  await expect(chat.getByText('Nguyễn Thị Lan')).toBeVisible();
  await until(() => rig.host.reports.some((report) => report.state === 'read'), 'the read mark');

  const log = chat.getByRole('log');
  rig.adapter.showEphemeral?.({
    kind: 'typing',
    conversationId: 'conversation-1',
    by: { kind: 'agent', id: 'agent-1' },
    isTyping: true,
    isNote: false,
  });
  await expect(log.getByLabel('Đang soạn tin')).toBeVisible();
  const draft = 'nửa câu chưa gửi';
  await chat.getByRole('textbox').fill(draft);
  await until(() => rig.host.ephemerals.length > 0, 'the customer’s typing');
  await untilKept(page, draft);

  await page.reload();
  await launcherOf(page).click();
  await expect(chat.getByText('Ghế gỗ sồi còn hàng không ạ?')).toBeVisible();
  await expect(chat.getByText('Dạ còn 6 chiếc ạ')).toBeVisible();
  await expect(chat.getByRole('textbox')).toHaveValue(draft);
});

test('an answer that comes while the chat is closed is counted on the button', async ({ page }) => {
  const chat = await openChat(page, '/?lang=en');
  await write(chat, 'Hello');
  await expect(chat.getByText('Sent')).toBeVisible();
  await chat.getByRole('button', { name: 'Close chat' }).click();
  await expect(launcherOf(page)).toBeFocused();
  await rig.answer('conversation-1', 'Hello there');
  await expect(page.getByRole('button', { name: 'Open chat, 1 unread messages' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Open chat, 1 unread messages' })).toBeVisible();
  await launcherOf(page).click();
  await expect(chat.getByText('Hello there')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Close chat', exact: true })).toBeVisible();
});

test('messages written while the relay is away are kept over a reload and sent once, in order', async ({ page }) => {
  const chat = await openChat(page);
  await write(chat, 'một');
  await expect(chat.getByText('Đã gửi')).toBeVisible();
  await rig.stop();
  await write(chat, 'hai');
  await write(chat, 'ba');
  await expect(chat.getByText(/Chờ có mạng|Đang gửi/).first()).toBeVisible();
  await untilKept(page, '"text":"ba"');
  await page.reload();
  // Nor is there a frame while the relay is away; it comes when the relay does.
  const missed = page.waitForEvent('requestfailed', (request) => request.url().includes('/w/v1/frame'));
  await launcherOf(page).click();
  await missed;
  await rig.start();
  await expect(chat.getByText('ba')).toBeVisible();
  await expect(chat.getByText('Đã gửi')).toBeVisible();
  await until(() => rig.host.received.length === 3, 'three messages');
  expect(rig.host.received.map((message) => message.text)).toEqual(['một', 'hai', 'ba']);
  await expect(chat.getByRole('log').locator('.bubble')).toHaveText(['một', 'hai', 'ba']);
});

test('a frame that came as an error page, or without its script, is fetched anew', async ({ page }) => {
  const asked: string[] = [];
  await page.route('**/w/v1/frame?*', async (route) => {
    asked.push(route.request().url());
    if (asked.length > 1) return await route.continue();
    return await route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>502 Bad Gateway</h1>' });
  });
  let isScriptThere = false;
  await page.route('**/w/v1/assets/*.js', async (route) => {
    if (isScriptThere) return await route.continue();
    isScriptThere = true;
    return await route.fulfill({ status: 404, body: '' });
  });
  await openChat(page);
  // The way back leads to where the visitor came from, not to the error page.
  expect(await page.evaluate(() => history.length)).toBe(2);
  await until(() => asked.length >= 3, 'two more requests');
  expect(new Set(asked).size).toBe(asked.length);
  await write(chatOf(page), 'chào shop');
  await expect(chatOf(page).getByText('Đã gửi')).toBeVisible();
  // What is there is not fetched again.
  expect(asked).toHaveLength(3);
});

test('where web sockets do not get through, long polls do', async ({ page }) => {
  await page.routeWebSocket(/./, (socket) => void socket.close());
  const chat = await openChat(page);
  await write(chat, 'a');
  await expect(chat.getByText('Đã gửi')).toBeVisible();
  await rig.answer('conversation-1', 'qua đường vòng');
  await expect(chat.getByText('qua đường vòng')).toBeVisible();
});

test('files: chosen, shown, sent, opened; what is too large is said so', async ({ page }) => {
  const chat = await openChat(page);
  const image = await page.screenshot({ clip: { x: 0, y: 0, width: 300, height: 200 } });
  const picker = chat.locator('input[type=file]');
  await picker.setInputFiles([
    { name: 'ảnh‮gnp.exe', mimeType: 'image/png', buffer: image },
    { name: 'hoá đơn.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-') },
    { name: 'phim.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(10 * 1024 * 1024 + 1) },
  ]);
  await expect(chat.getByText('Tệp lớn hơn 10 MB.')).toBeVisible();
  await expect(chat.getByRole('button', { name: 'Gửi' })).toBeEnabled();
  await write(chat, 'gửi shop');
  await expect(chat.getByText('Đã gửi')).toBeVisible();
  expect(rig.host.received[0]?.attachments).toHaveLength(2);
  await chat.getByRole('button', { name: 'Xem ảnh lớn' }).click();
  await expect(chat.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(chat.getByRole('dialog')).toBeHidden();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    chat.getByRole('button', { name: /hoá đơn\.pdf/ }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('hoá đơn.pdf');
});

test('questions before the chat are asked once, and go with the first message', async ({ page }) => {
  rig.store.channels.update(CHANNEL_ID, {
    preChat: [{ id: 'name', field: 'name', label: { vi: 'Tên bạn?', en: 'Your name?' }, isRequired: true }],
  });
  const chat = await openChat(page);
  const name = chat.getByLabel('Tên bạn?');
  await expect(name).toBeFocused();
  await chat.getByRole('button', { name: 'Bắt đầu trò chuyện' }).click();
  await expect(chat.getByRole('alert')).toHaveText('Bạn chưa điền mục này');
  // Who uses no pointer is taken to what is missing.
  await expect(name).toBeFocused();
  await name.fill('Ngọc');
  await page.keyboard.press('Enter');
  await write(chat, 'chào shop');
  await expect(chat.getByText('Đã gửi')).toBeVisible();
  expect(rig.host.received[0]).toMatchObject({
    answers: [{ label: 'Tên bạn?', value: 'Ngọc' }],
    customer: { profile: { name: 'Ngọc' } },
  });
});

test('when nobody is there a message can be left, or written all the same', async ({ page, browser }) => {
  rig.host.isStaffedNow = false;
  const chat = await openChat(page);
  await chat.getByRole('button', { name: 'Gửi lời nhắn' }).click();
  await expect(chat.getByText('Bạn chưa điền mục này')).toBeVisible();
  await chat.getByLabel('Email hoặc số điện thoại').fill('0901 234 567');
  await chat.getByRole('textbox', { name: 'Lời nhắn' }).fill('gọi lại giúp em');
  await chat.getByRole('button', { name: 'Gửi lời nhắn' }).click();
  await expect(chat.getByRole('log').getByText('gọi lại giúp em')).toBeVisible();
  expect(rig.host.received[0]?.customer.profile).toMatchObject({ phone: '0901 234 567' });

  const context = await browser.newContext();
  const other = await openChat(await context.newPage());
  // What was begun in the form goes along.
  await other.getByRole('textbox', { name: 'Lời nhắn' }).fill('vẫn viết');
  await other.getByRole('button', { name: 'Vẫn nhắn tin tại đây' }).click();
  const field = other.getByRole('textbox', { name: 'Viết tin nhắn' });
  await expect(field).toHaveValue('vẫn viết');
  await field.press('Enter');
  await until(() => rig.host.received.length === 2, 'the second message');
  await context.close();
});

test('somebody who writes while the last agent goes writes on in their message', async ({ page }) => {
  const chat = await openChat(page);
  const field = chat.getByRole('textbox', { name: 'Viết tin nhắn' });
  await expect(field).toBeFocused();
  await page.keyboard.type('Cho mình hỏi ');
  // Whether somebody is there is told with the connection.
  await rig.stop();
  rig.host.isStaffedNow = false;
  await rig.start();
  const message = chat.getByRole('textbox', { name: 'Lời nhắn' });
  await expect(message).toBeFocused();
  await page.keyboard.type('giá ghế');
  await expect(message).toHaveValue('Cho mình hỏi giá ghế');
  await expect(chat.getByLabel('Tên')).toHaveValue('');
  const contact = chat.getByLabel('Email hoặc số điện thoại');
  await contact.fill('0901 234 567');

  await rig.stop();
  rig.host.isStaffedNow = true;
  await rig.start();
  await expect(field).toHaveValue('Cho mình hỏi giá ghế');
  await rig.stop();
  rig.host.isStaffedNow = false;
  await rig.start();
  await expect(contact).toHaveValue('0901 234 567');
  await chat.getByRole('button', { name: 'Gửi lời nhắn' }).click();
  await expect(chat.getByRole('log').getByText('Cho mình hỏi giá ghế')).toBeVisible();
  expect(rig.host.received[0]?.customer.profile).toMatchObject({ phone: '0901 234 567' });
});

test('what is too long is not sent, and why is said until the text is changed, wherever one clicks', async ({
  page,
}) => {
  const chat = await openChat(page);
  await write(chat, 'x'.repeat(4001));
  const notice = chat.getByRole('alert').filter({ hasText: '4000' });
  await expect(notice).toBeVisible();
  await chat.getByRole('banner').click();
  await page.getByRole('heading', { level: 1 }).first().click();
  await expect(notice).toBeVisible();
  await write(chat, 'ngắn thôi');
  await expect(notice).toHaveCount(0);
  await expect(chat.getByText('Đã gửi')).toBeVisible();
  expect(rig.host.received.map(({ text }) => text)).toEqual(['ngắn thôi']);
});

test('a signed-in customer is recognised; after signing out the next one sees nothing of it', async ({ page }) => {
  const chat = await openChat(page);
  await page.getByLabel('Tài khoản').selectOption('mocan-1000');
  await launcherOf(page).click();
  await write(chat, 'em là Mai');
  await expect(chat.getByText('Đã gửi')).toBeVisible();
  expect(rig.host.received[0]?.customer).toMatchObject({
    identity: { externalId: 'mocan-1000', isVerified: true },
    profile: { name: 'Trần Thị Mai' },
  });
  await page.getByLabel('Tài khoản').selectOption('');
  await launcherOf(page).click();
  // Who has a conversation of their own by now would have had the other one's before it.
  await write(chat, 'khách khác');
  await expect(chat.getByText('Đã gửi')).toBeVisible();
  await expect(chat.getByText('em là Mai')).toHaveCount(0);

  const hash = identityHash('another secret', 'mocan-1000', null);
  await page.evaluate((given) => {
    const { liendesk } = window as unknown as { liendesk: (...command: unknown[]) => void };
    liendesk('identify', { id: 'mocan-1000', hash: given });
  }, hash);
  await expect(chat.getByText('Không mở được khung chat trên trang này.')).toBeVisible();
});

test('a page of another origin can neither open a session nor hold the frame', async ({ page }) => {
  const other = await startDemoShop({ relayUrl: rig.url, widgetKey: rig.channel.widgetKey, port: 0 });
  try {
    await page.goto(other.url);
    await launcherOf(page).click();
    const status = await page.evaluate(
      async ({ url, key }) => {
        const response = await fetch(`${url}/w/v1/${key}/session`, { method: 'POST', body: '{}' }).catch(() => null);
        return response?.status ?? 'unreadable';
      },
      { url: rig.url, key: rig.channel.widgetKey },
    );
    expect(status).toBe('unreadable');
    await until(() => problems.some((problem) => problem.includes('frame-ancestors')), 'the refusal of the frame');
    await expect(chatOf(page).getByRole('banner')).toHaveCount(0);
  } finally {
    // Nothing is complained of after that.
    await page.close();
    await other.close();
    problems = problems.filter((problem) => !/frame-ancestors|CORS policy/.test(problem));
  }
});

test('the script twice, and commands before it, change nothing', async ({ page }) => {
  await page.goto(shop.url);
  await expect(launcherOf(page)).toHaveCount(1);
  await page.evaluate((src) => {
    const script = document.createElement('script');
    script.src = src;
    script.dataset['widgetKey'] = 'x';
    document.body.append(script);
    return new Promise((resolve) => {
      script.addEventListener('load', resolve);
    });
  }, `${rig.url}/widget.js`);
  await expect(launcherOf(page)).toHaveCount(1);
});

test('by keyboard alone: open, write, close', async ({ page }) => {
  await page.goto(shop.url);
  await launcherOf(page).focus();
  await page.keyboard.press('Enter');
  const chat = chatOf(page);
  await expect(chat.getByRole('textbox')).toBeFocused();
  await page.keyboard.type('dòng một');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('dòng hai');
  await page.keyboard.press('Enter');
  await expect(chat.getByText('Đã gửi')).toBeVisible();
  expect(rig.host.received[0]?.text).toBe('dòng một\ndòng hai');
  await page.keyboard.press('Escape');
  await expect(launcherOf(page)).toBeFocused();
});

test('hostile texts are shown as text: no markup comes of them, nothing runs, nothing leaves its bubble', async ({
  page,
}) => {
  const xssFile = path.join(hostileFolder, 'hostile-xss', 'xss-payload-list.txt');
  test.skip(!existsSync(xssFile), 'the hostile samples are not here');
  const lines = readFileSync(xssFile, 'utf8').split('\n');
  const naughty = JSON.parse(
    readFileSync(path.join(hostileFolder, 'hostile-naughty-strings', 'blns.json'), 'utf8'),
  ) as string[];
  const chat = await openChat(page);
  await write(chat, '<img src=x onerror=alert(1)>');
  await expect(chat.getByText('Đã gửi')).toBeVisible();
  const texts = [...naughty.filter((text) => text !== ''), 'W'.repeat(3000), 'https://a.example/' + 'w'.repeat(2000)];
  for (let start = 0; start < lines.length; start += 400) texts.push(lines.slice(start, start + 400).join('\n'));
  for (const text of texts) await rig.answer('conversation-1', text, { agentName: text.slice(0, 80) });
  await expect(chat.locator('.bubble')).toHaveCount(texts.length + 1);
  const found = await chat.locator('body').evaluate((body) => ({
    elements: [...new Set(Array.from(body.querySelectorAll('.text *, .author *'), (element) => element.localName))],
    addresses: Array.from(body.querySelectorAll<HTMLAnchorElement>('.text a'), (link) => link.protocol).filter(
      (protocol) => !/^https?:$/.test(protocol),
    ),
    isBroken: body.scrollWidth > body.clientWidth,
  }));
  expect(found).toEqual({ elements: ['a'], addresses: [], isBroken: false });
});
