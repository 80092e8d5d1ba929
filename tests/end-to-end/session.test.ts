import { expect } from '@playwright/test';
import type { AgentConsole } from './agent-console.ts';
import { test } from './console-test.ts';
import { type Desk, PASSWORD, emailOf } from './desk.ts';

let desk: Desk;
let lan: AgentConsole;

test.beforeAll(async ({ openDesk }) => {
  desk = await openDesk();
  await desk.addAgent('lan', 'Trần Thị Lan');
  lan = await desk.openConsole('lan', { signsIn: false });
});

test.afterAll(() => desk.close());

async function fillIn(password: string, relayUrl = desk.relayUrl): Promise<void> {
  await lan.page.getByLabel('Địa chỉ máy chủ').fill(relayUrl);
  await lan.page.getByLabel('E-mail').fill(emailOf('lan'));
  await lan.page.getByLabel('Mật khẩu', { exact: true }).fill(password);
  await lan.page.getByRole('button', { name: 'Đăng nhập' }).click();
}

async function signIn(): Promise<void> {
  await fillIn(PASSWORD);
  await lan.expectOnline();
}

async function askToSignOut(): Promise<void> {
  await lan.accountMenu();
  await lan.page.getByRole('menuitem', { name: 'Đăng xuất' }).click();
}

test('signing in says in words what is wrong; signing out and in again brings everything back', async () => {
  const alert = lan.page.getByRole('alert');
  await fillIn('không phải mật khẩu này');
  await expect(alert).toHaveText('Sai e-mail hoặc mật khẩu.');
  await fillIn(PASSWORD, 'http://127.0.0.1:9');
  await expect(alert).toHaveText('Không kết nối được máy chủ. Hãy kiểm tra địa chỉ và mạng.');
  await fillIn(PASSWORD, 'không phải địa chỉ');
  await expect(alert).toContainText('Địa chỉ máy chủ chưa đúng.');
  await signIn();

  const customer = await desk.customer('Kiều Mỹ Duyên');
  await customer.write('Cho mình xin địa chỉ shop');
  await lan.showList('Chưa ai nhận');
  await lan.open(customer.name);
  await lan.send('Dạ 12 Hàng Bông ạ');
  await lan.box.fill('Mời chị ghé');
  await expect(lan.tab(customer.name)).toHaveAccessibleName(/có bản nháp/u);

  await askToSignOut();
  const dialog = lan.page.getByRole('dialog', { name: 'Đăng xuất' });
  await expect(dialog).toContainText('Bản nháp được giữ lại cho lần đăng nhập sau.');
  await dialog.getByRole('button', { name: 'Đăng xuất' }).click();
  await expect(lan.page.getByLabel('Mật khẩu', { exact: true })).toBeVisible();
  await expect(lan.page.getByText(customer.name)).toHaveCount(0);

  await signIn();
  await expect(lan.tab(customer.name)).toBeVisible();
  await expect(lan.message('Dạ 12 Hàng Bông ạ')).toHaveCount(1);
  await expect(lan.box).toHaveValue('Mời chị ghé');
  await lan.box.press('Enter');
  await customer.expectReceived(['Dạ 12 Hàng Bông ạ', 'Mời chị ghé']);
});

test('whoever signs out with work unsent is warned; it waits for the next time', async () => {
  const customer = await desk.customer('Phùng Đức Tài');
  await customer.write('Còn size L không?');
  await lan.showList('Chưa ai nhận');
  await lan.open(customer.name);
  await desk.stopRelay();
  await expect(lan.status).toHaveAccessibleName(/^Ngoại tuyến/u);
  await lan.send('Dạ còn ạ');
  await askToSignOut();
  const dialog = lan.page.getByRole('dialog', { name: 'Đăng xuất' });
  await expect(dialog).toContainText('Còn 1 việc chưa gửi đi.');
  await dialog.getByRole('button', { name: 'Ở lại' }).click();
  await expect(lan.message('Dạ còn ạ')).toContainText('Chờ gửi');
  await askToSignOut();
  await dialog.getByRole('button', { name: 'Vẫn đăng xuất' }).click();
  await expect(lan.page.getByLabel('Mật khẩu', { exact: true })).toBeVisible();
  await desk.startRelay();
  await signIn();
  await customer.expectReceived(['Dạ còn ạ']);
});

test('a session that was revoked ends on the sign-in page, with nothing lost', async () => {
  const customer = await desk.customer('Thái Hoà Bình');
  await customer.write('Mình chưa nhận được hàng');
  await lan.showList('Chưa ai nhận');
  await lan.open(customer.name);
  await lan.box.fill('Em kiểm tra ngay');
  await expect(lan.tab(customer.name)).toHaveAccessibleName(/có bản nháp/u);
  await desk.admin.call('DELETE', '/agents/lan/sessions');
  await expect(lan.page.getByLabel('Mật khẩu', { exact: true })).toBeVisible();
  await expect(lan.page.getByRole('status')).toContainText(/Phiên đăng nhập đã (kết thúc|bị thu hồi)\./u);
  await expect(lan.page.getByRole('status')).toContainText('Không có gì bị mất');
  // Also when the program is started anew.
  await lan.stop();
  await lan.start();
  await signIn();
  await expect(lan.box).toHaveValue('Em kiểm tra ngay');
  await lan.box.press('Enter');
  await customer.expectReceived(['Em kiểm tra ngay']);
});
