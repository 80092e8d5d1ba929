import { expect, test } from '@playwright/test';
import { type TestRelay, signIn, startRelay } from '../fakes/start-relay.ts';

const PASSWORD = 'một câu dài dễ nhớ';

let relay: TestRelay;

test.beforeEach(async () => {
  relay = await startRelay();
  await relay.addAgent('hoa', {});
});

test.afterEach(() => relay.stop());

test('an invitation is accepted in the browser, and its secret leaves the address bar', async ({ page }) => {
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  const requested: string[] = [];
  page.on('request', (request) => requested.push(request.url()));
  const { token } = relay.auth.issueLink('hoa', 'invitation');
  const answer = await page.goto(`${relay.url}/account#invitation=${token}`);
  expect(answer?.headers()['content-security-policy']).toContain("script-src 'self'");
  await expect(page).toHaveURL(`${relay.url}/account`);

  await page.getByRole('button', { name: 'Tiếng Việt' }).click();
  await expect(page.getByRole('heading')).toHaveText('Chào mừng bạn đến với Liendesk');
  await page.getByLabel('Mật khẩu mới').fill('ngắn');
  await page.getByLabel('Nhập lại mật khẩu').fill('ngắn');
  await page.getByRole('button', { name: 'Lưu mật khẩu' }).click();
  await expect(page.getByRole('alert')).toHaveText('Mật khẩu cần ít nhất 10 ký tự.');
  await page.getByLabel('Mật khẩu mới').fill(PASSWORD);
  await page.getByRole('button', { name: 'Lưu mật khẩu' }).click();
  await expect(page.getByRole('alert')).toHaveText('Hai mật khẩu không giống nhau.');
  await page.getByLabel('Nhập lại mật khẩu').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading')).toHaveText('Đã lưu mật khẩu');
  await expect(page.locator('#explanation')).toContainText('hoa@example.org');
  await signIn(relay, { id: 'hoa', email: 'hoa@example.org', password: PASSWORD });
  expect(complaints).toEqual([]);
  expect(requested.some((url) => url.includes(token))).toBe(false);
});

test('a link that was used, and one that is cut, are explained', async ({ page }) => {
  const { token } = relay.auth.issueLink('hoa', 'password-reset');
  await relay.auth.redeemLink(token, 'password-reset', PASSWORD);
  await page.goto(`${relay.url}/account#password-reset=${token}`);
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByLabel('Repeat the password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Save the password' }).click();
  await expect(page.getByRole('alert')).toHaveText(/was used already or has expired/);

  await page.goto('about:blank');
  await page.goto(`${relay.url}/account`);
  await expect(page.getByRole('heading')).toHaveText('This link is not complete');
  await expect(page.getByLabel('New password')).toBeHidden();
});
