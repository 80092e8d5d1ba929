import { expect } from '@playwright/test';
import type { AgentConsole } from './agent-console.ts';
import { test } from './console-test.ts';
import type { Desk } from './desk.ts';

let desk: Desk;
let counter: AgentConsole;
let home: AgentConsole;

test.beforeAll(async ({ openDesk }) => {
  desk = await openDesk();
  await desk.addAgent('lan', 'Trần Thị Lan');
  [counter, home] = [await desk.openConsole('lan'), await desk.openConsole('lan')];
});

test.afterAll(() => desk.close());

test('SYNC-O1 a draft that was begun at the counter is finished at home', async () => {
  const first = await desk.customer('Mai Anh');
  await first.write('Đơn của mình đâu?');
  const second = await desk.customer('Tô Văn Bình');
  await second.write('Còn hàng không?');
  for (const console of [counter, home]) {
    await console.showList('Chưa ai nhận');
    await console.open(first.name);
  }
  await counter.box.fill('Dạ đơn của chị');
  // It appears in the box that is open there, without anybody's doing.
  await expect(home.box).toHaveValue('Dạ đơn của chị');
  await expect(home.tab(first.name)).toHaveAccessibleName(/có bản nháp/u);
  // Who turns to another conversation has it there at once.
  await counter.box.pressSequentially(' đang');
  await counter.open(second.name);
  await expect(home.box).toHaveValue('Dạ đơn của chị đang');
  await home.box.pressSequentially(' trên đường ạ');
  await home.box.press('Enter');
  await expect(home.message('Dạ đơn của chị đang trên đường ạ')).toBeVisible();
  await first.expectReceived(['Dạ đơn của chị đang trên đường ạ']);
  // By its tab: whoever is answered is nobody's no longer, and leaves the list.
  await counter.tab(first.name).click();
  await expect(counter.pane(first.name)).toBeVisible();
  await expect(counter.box).toHaveValue('');
  await expect(counter.tab(first.name)).not.toHaveAccessibleName(/có bản nháp/u);
});

test('INV-10 what was written on both without a line is there on both, one below the other', async () => {
  const customer = await desk.customer('Lê Minh');
  await customer.write('Tư vấn giúp mình');
  for (const console of [counter, home]) {
    await console.showList('Chưa ai nhận');
    await console.open(customer.name);
    // Until it is off, what is typed in one would reach the other.
    await console.pause();
  }
  await counter.box.fill('viết ở quầy');
  await home.box.fill('viết ở nhà');
  await counter.goOn();
  await expect(counter.box).toHaveValue('viết ở quầy');
  await home.goOn();
  for (const console of [counter, home]) await expect(console.box).toHaveValue('viết ở quầy\nviết ở nhà');
});
