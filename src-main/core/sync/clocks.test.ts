import { expect, test } from 'vitest';
import { receive as receiveMessage } from '../../../tests/fakes/desk-writes.ts';
import type { HubRig } from '../../../tests/fakes/hub-rig.ts';
import type { LinkedCore } from '../../../tests/fakes/linked-core.ts';
import { useLinkedCores } from '../../../tests/fakes/linked-cores.ts';

const HOUR_MS = 60 * 60_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
const cores = useLinkedCores();
const { openCore, kill } = cores;

async function openRig(): Promise<HubRig> {
  const rig = await cores.openRig();
  await receive(rig, 'alo');
  return rig;
}

async function receive(rig: HubRig, text: string): Promise<void> {
  await receiveMessage(rig, { text, newConversationId: 'k1' });
}

/** None when the conversation is not here. */
async function textsOf(core: LinkedCore): Promise<string[]> {
  const { total } = await core.request('conversation.list', { filter: { view: 'open' } });
  if (total === 0) return [];
  const { messages } = await core.request('message.list', { conversationId: 'k1' });
  return messages.filter(({ kind }) => kind === 'public').map(({ text }) => text);
}

const stateOf = async (core: LinkedCore) => (await core.request('sync.status')).state;

test.each([-10 * YEAR_MS, 10 * YEAR_MS])('SYNC-T1 a clock that is wrong by %d ms stops nothing', async (skewMs) => {
  const rig = await openRig();
  const core = await openCore(rig, 'lan', { clockSkewMs: skewMs });
  await core.request('message.send', { conversationId: 'k1', text: 'dạ' });
  await core.pass(2000);
  await receive(rig, 'còn hàng không?');
  await core.pass(2000);
  const { messages } = await core.request('message.list', { conversationId: 'k1' });
  const shown = messages.filter(({ kind }) => kind === 'public');
  expect(shown.map(({ text }) => text)).toEqual(['alo', 'dạ', 'còn hàng không?']);
  // By the relay's time, whatever this device believes.
  for (const { at } of shown) expect(Math.abs(at - rig.clock.now())).toBeLessThan(60_000);
  expect(await core.request('sync.status')).toMatchObject({ state: 'online', pendingCount: 0, attentionCount: 0 });
});

test('SYNC-T1 a clock that jumps to and fro, or changes to summer time, delays no command and reorders nothing', async () => {
  const rig = await openRig();
  const core = await openCore(rig);
  const texts: string[] = [];
  for (const [index, skewMs] of [HOUR_MS, 0, -HOUR_MS, 10 * YEAR_MS, -10 * YEAR_MS, 1000].entries()) {
    core.clockSkewMs = skewMs;
    const text = `sau lần chỉnh giờ ${index}`;
    await core.request('message.send', { conversationId: 'k1', text });
    texts.push(text);
    await core.pass(30_000);
  }
  expect(await textsOf(core)).toEqual(['alo', ...texts]);
  expect(await core.request('sync.status')).toMatchObject({ state: 'online', pendingCount: 0, attentionCount: 0 });
});

test('SYNC-N1 a machine that wakes comes back at once, not when its silence is noticed', async () => {
  const rig = await openRig();
  const core = await openCore(rig);
  core.cutSilently();
  rig.clock.jumpTo(rig.clock.now() + 8 * HOUR_MS);
  await receive(rig, 'trong lúc máy ngủ');
  await core.pass(8000);
  expect(await stateOf(core)).toBe('online');
  expect(await textsOf(core)).toEqual(['alo', 'trong lúc máy ngủ']);
});

test('SYNC-N1 a network that is back is used within two seconds, however long the next try was off', async () => {
  const rig = await openRig();
  const core = await openCore(rig);
  core.cut();
  await core.pass(400_000);
  core.reconnect();
  const { nextTryAt } = await core.request('sync.status');
  await core.request('sync.networkBack');
  expect(nextTryAt! - rig.clock.now()).toBeGreaterThan(2500);
  await core.pass(2500);
  expect(await stateOf(core)).toBe('online');
  // One that lives is not disturbed.
  const wires = core.said.filter(({ name }) => name === 'hello').length;
  await core.request('sync.networkBack');
  await core.pass(3000);
  expect(core.said.filter(({ name }) => name === 'hello')).toHaveLength(wires);
});

test('SYNC-V3 without word from the relay for 72 hours the cache is gone, and what was not sent is not', async () => {
  const rig = await openRig();
  const core = await openCore(rig);
  core.cut();
  await core.request('message.send', { conversationId: 'k1', text: 'chưa gửi' });
  await core.request('draft.save', { conversationId: 'k1', kind: 'reply', text: 'nháp', caret: 1, attachments: [] });
  core.clockSkewMs = 71 * HOUR_MS;
  await core.pass(180_000);
  expect(await textsOf(core)).toEqual(['alo', 'chưa gửi']);
  core.clockSkewMs = 73 * HOUR_MS;
  await core.pass(180_000);
  await expect(core.request('message.list', { conversationId: 'k1' })).rejects.toMatchObject({ kind: 'not_found' });
  expect(await core.request('sync.status')).toMatchObject({
    notice: { reason: 'lease-over' },
    cursor: 0,
    pendingCount: 1,
  });
  expect((await core.request('outbox.list')).entries).toMatchObject([{ text: 'chưa gửi' }]);
  expect((await core.request('draft.get', { conversationId: 'k1' })).reply?.text).toBe('nháp');

  // The clock turned back brings nothing back, and the relay brings all.
  core.clockSkewMs = 0;
  await core.pass(180_000);
  expect((await core.request('conversation.list', { filter: { view: 'open' } })).total).toBe(0);
  core.reconnect();
  await core.pass(60_000);
  expect(await textsOf(core)).toEqual(['alo', 'chưa gửi']);
  expect(await core.request('sync.status')).toMatchObject({ state: 'online', pendingCount: 0 });
});

test('SYNC-V3 a lease that ended while the console was off is noticed before anybody reads', async () => {
  const rig = await openRig();
  const core = await openCore(rig);
  const next = await kill(core, { clockSkewMs: 100 * HOUR_MS, isOffline: true });
  expect((await next.request('conversation.list', { filter: { view: 'open' } })).total).toBe(0);
  expect((await next.request('sync.status')).notice).toMatchObject({ reason: 'lease-over' });
});

test('SYNC-V3 while the relay is there a clock that is set forward ends no lease', async () => {
  const rig = await openRig();
  const core = await openCore(rig);
  const pages = () => core.heard.filter(({ name }) => name === 'page').length;
  const before = pages();
  core.clockSkewMs = 10 * YEAR_MS;
  await core.pass(180_000);
  expect((await core.request('sync.status')).notice).toBeNull();
  expect(pages()).toBe(before);
});
