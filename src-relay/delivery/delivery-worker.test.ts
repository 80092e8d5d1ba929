import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Message } from '../../shared/domain/conversation/message.ts';
import { command, receive, seedWorkspace, send, seqOf } from '../../tests/contract/event-log-fixture.ts';
import type { EventLogHarness } from '../../tests/contract/event-log-harness.ts';
import { makeSqliteHarness } from '../../tests/contract/sqlite-harness.ts';
import { FakeChannel } from '../../tests/fakes/fake-channel.ts';
import { clockOfProcess, seededRandom } from '../../tests/fakes/manual-clock.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { type DeliveryWorker, createDeliveryWorker } from './delivery-worker.ts';

const MINUTE = 60_000;

let harness: EventLogHarness;
let log: EventLog;
let worker: DeliveryWorker;
let killRelay: () => void;

beforeEach(async () => {
  killRelay = () => {};
  harness = makeSqliteHarness();
  log = harness.open();
  await seedWorkspace(log);
  for (const id of ['a', 'b', 'c']) seqOf(await log.submit(receive(id, `first-${id}`)));
});
afterEach(async () => {
  killRelay();
  await log.close();
  harness.dispose();
});

/** A relay's worker on `channel`. Once killed, nothing that it had begun goes on. */
function startWorker(channel: FakeChannel): void {
  let isAlive = true;
  killRelay = () => {
    isAlive = false;
  };
  harness.plan = (_kind, message) => channel.plan(message);
  worker = createDeliveryWorker({
    eventLog: log,
    channels: new Map([[channel.kind, channel]]),
    clock: clockOfProcess(harness.clock, () => isAlive),
    random: seededRandom(7),
    logger: pino({ level: 'silent' }),
  });
  worker.start();
}

function crashAndRestart(channel: FakeChannel): void {
  killRelay();
  harness.crash();
  log = harness.open();
  startWorker(channel);
}

/** Lets everything that can go on without the clock go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function pass(ms: number, stepMs = 1000): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    harness.clock.advance(Math.min(stepMs, ms - passed));
    await settle();
  }
}

async function reply(conversationId: string, messageId: string, text = messageId): Promise<void> {
  seqOf(await log.submit(send(conversationId, messageId, { text })));
  await settle();
}

/** What the agent sees of a message: state, and reason where there is one. */
function stateOf(conversationId: string, messageId: string): string {
  const { delivery } = log.read(`conversation:${conversationId}`).item<Message>('message', messageId)!;
  return delivery!.reason === null ? delivery!.state : `${delivery!.state}/${delivery!.reason}`;
}

const receipt = (conversationId: string, messageId: string, part: number | null = null): Promise<void> =>
  worker.takeReceipt({ conversationId, messageIds: [messageId], part, state: 'delivered', reason: null });

test('SYNC-X1 a reply goes out once it is committed, and the log says that it was sent', async () => {
  const channel = new FakeChannel('keyed');
  startWorker(channel);
  await reply('a', 'm1', 'Dạ, em kiểm tra ngay');
  expect(channel.shown.map(({ key, part }) => [key, part.text, part.agentName, part.customerId])).toEqual([
    ['m1:0', 'Dạ, em kiểm tra ngay', 'Lan', 'customer-a'],
  ]);
  expect(stateOf('a', 'm1')).toBe('sent');
  expect(log.deliveries.findByExternalId('web', 'platform-m1:0')?.messageId).toBe('m1');
  await worker.stop();
});

test('SYNC-X1 parts go in order, each after the one before it was stored; the message is sent when all are', async () => {
  const channel = new FakeChannel('keyed');
  startWorker(channel);
  channel.behave = (key) => (key === 'm1:1' && channel.calls.length < 4 ? 'lose' : 'accept');
  await reply('a', 'm1', 'one|two|three');
  await reply('a', 'm2', 'four');
  expect(stateOf('a', 'm1')).toBe('queued');
  await pass(10_000);
  expect(channel.texts('a')).toEqual(['one', 'two', 'three', 'four']);
  expect([stateOf('a', 'm1'), stateOf('a', 'm2')]).toEqual(['sent', 'sent']);
});

test('a conversation that is stuck holds up nobody else', async () => {
  const channel = new FakeChannel('keyed');
  startWorker(channel);
  channel.behave = (key) => (key.startsWith('m1') ? { ok: false, outcome: 'retryable', reason: 'busy' } : 'accept');
  await reply('a', 'm1');
  await reply('a', 'm2');
  await reply('b', 'm3');
  expect(channel.texts('b')).toEqual(['m3']);
  expect(channel.texts('a')).toEqual([]);
});

test('what is not accepted is tried again, later each time, and not before the platform allows it', async () => {
  const channel = new FakeChannel('keyed');
  startWorker(channel);
  channel.behave = () => ({ ok: false, outcome: 'rate-limited', reason: 'too-many', retryAfterMs: 30_000 });
  await reply('a', 'm1');
  await pass(29_000);
  expect(channel.calls.length).toBe(1);
  channel.behave = () => ({ ok: false, outcome: 'retryable', reason: 'busy' });
  await pass(10 * MINUTE);
  const early = channel.calls.length;
  await pass(10 * MINUTE);
  expect(early).toBeGreaterThan(5);
  expect(channel.calls.length - early).toBeLessThan(6);
  channel.behave = () => 'accept';
  await pass(5 * MINUTE);
  expect(stateOf('a', 'm1')).toBe('sent');
});

test('SYNC-T1 what waits to be tried again does not wait for a clock that was set back', async () => {
  const channel = new FakeChannel('keyed');
  startWorker(channel);
  channel.behave = () => ({ ok: false, outcome: 'rate-limited', reason: 'too-many', retryAfterMs: 10 * MINUTE });
  await reply('a', 'm1');
  await reply('b', 'm2');
  channel.behave = () => 'accept';
  harness.clock.jumpTo(harness.clock.now() - 365 * 24 * 60 * MINUTE);
  await reply('c', 'm3');
  await pass(MINUTE);
  expect([stateOf('a', 'm1'), stateOf('b', 'm2'), stateOf('c', 'm3')]).toEqual(['sent', 'sent', 'sent']);
});

test('after a day of trying a message has failed, visibly', async () => {
  const channel = new FakeChannel('keyed');
  startWorker(channel);
  channel.behave = () => ({ ok: false, outcome: 'retryable', reason: 'busy' });
  await reply('a', 'm1');
  await pass(24 * 60 * MINUTE, MINUTE);
  expect(stateOf('a', 'm1')).toBe('queued');
  await pass(10 * MINUTE, MINUTE);
  expect(stateOf('a', 'm1')).toBe('failed/gave-up');
});

test('a part that cannot go takes the rest of its message with it, and the next message goes', async () => {
  const channel = new FakeChannel('keyed');
  startWorker(channel);
  channel.behave = (key) =>
    key === 'm1:1' ? { ok: false, outcome: 'window-closed', reason: 'outside-24h' } : 'accept';
  await reply('a', 'm1', 'one|two|three');
  await reply('a', 'm2', 'four');
  expect(channel.texts('a')).toEqual(['one', 'four']);
  expect([stateOf('a', 'm1'), stateOf('a', 'm2')]).toEqual(['failed/outside-24h', 'sent']);
});

test('a channel that is gone fails its messages, however many, and says why', async () => {
  startWorker(new FakeChannel('keyed'));
  await worker.stop();
  await Promise.all(Array.from({ length: 300 }, (_, index) => log.submit(send('a', `m${index}`))));
  seqOf(await log.submit(command('gone', 'channel.delete', { id: 'web' }, { kind: 'system', name: 'test' })));
  startWorker(new FakeChannel('keyed'));
  await settle();
  await settle();
  expect([stateOf('a', 'm0'), stateOf('a', 'm299')]).toEqual(Array(2).fill('failed/channel-gone'));
});

test('at most eight calls are under way, each of another conversation', async () => {
  const channel = new FakeChannel('keyed');
  startWorker(channel);
  let open = (): void => {};
  channel.gate = new Promise((resolve) => (open = resolve));
  for (let index = 0; index < 12; index += 1) {
    seqOf(await log.submit(receive(`x${index}`, `hello-${index}`)));
    await reply(`x${index}`, `r${index}`);
    await reply(`x${index}`, `s${index}`);
  }
  expect(channel.calls.length).toBe(8);
  expect(new Set(channel.calls.map((key) => key.slice(1))).size).toBe(8);
  open();
  channel.gate = null;
  await settle();
  await settle();
  expect(channel.shown.length).toBe(24);
});

test('SYNC-X1 a keyed channel is simply asked again after a crash', async () => {
  const channel = new FakeChannel('keyed');
  startWorker(channel);
  channel.behave = () => 'accept-and-hang';
  await reply('a', 'm1');
  channel.behave = () => 'accept';
  crashAndRestart(channel);
  await pass(3000);
  expect(channel.calls).toEqual(['m1:0', 'm1:0']);
  expect(channel.texts('a')).toEqual(['m1']);
  expect(stateOf('a', 'm1')).toBe('sent');
});

test('SYNC-X1 a findable channel is looked into before anything is sent again', async () => {
  const channel = new FakeChannel('findable');
  startWorker(channel);
  channel.behave = (key) => (key === 'm1:0' ? 'accept-and-hang' : 'lose');
  await reply('a', 'm1');
  await reply('b', 'm2');
  channel.behave = () => 'accept';
  let looks = 0;
  channel.behaveFinding = () => (['unknown', 'break'] as const)[looks++] ?? 'answer';
  crashAndRestart(channel);
  await pass(2 * MINUTE);
  expect(channel.calls).toEqual(['m1:0', 'm2:0', 'm2:0']);
  expect([stateOf('a', 'm1'), stateOf('b', 'm2')]).toEqual(['sent', 'sent']);
});

test('SYNC-X1 where nothing can tell, a receipt is waited for, then the agent is told; it is never sent again', async () => {
  const channel = new FakeChannel('neither');
  startWorker(channel);
  channel.behave = () => 'accept-and-drop';
  await reply('a', 'm1');
  await reply('b', 'm2');
  channel.behave = () => 'accept';
  await reply('a', 'm3');
  await pass(MINUTE);
  expect([stateOf('a', 'm1'), stateOf('b', 'm2')]).toEqual(['queued', 'queued']);
  await receipt('b', 'm2');
  await settle();
  expect(log.deliveries.listParts('m2')[0]!.state).toBe('sent');
  await pass(2 * MINUTE);
  expect(stateOf('a', 'm1')).toBe('unknown/timeout');
  expect(stateOf('b', 'm2')).toBe('delivered');
  expect(channel.calls).toEqual(['m1:0', 'm2:0', 'm3:0']);
  // A receipt that comes at last is the truth all the same.
  await receipt('a', 'm1');
  expect(stateOf('a', 'm1')).toBe('delivered');
});

test('SYNC-X1 a receipt is one part’s: the message has arrived when all its parts have', async () => {
  const channel = new FakeChannel('neither');
  startWorker(channel);
  channel.behave = (key) => (key.endsWith(':1') ? 'lose' : 'accept');
  await reply('a', 'm1', 'one|two');
  await receipt('a', 'm1', 0);
  await reply('a', 'm2', 'three|four');
  await pass(3 * MINUTE);
  expect(stateOf('a', 'm1')).toBe('unknown/timeout');
  await receipt('a', 'm2', 1);
  await settle();
  expect(stateOf('a', 'm2')).toBe('sent');
  await receipt('a', 'm2', 0);
  expect(stateOf('a', 'm2')).toBe('delivered');
  await receipt('a', 'm1', 1);
  expect(stateOf('a', 'm1')).toBe('delivered');
});

test('SYNC-X1 what was sent and then could not be delivered has failed, and why; what was delivered stays so', async () => {
  startWorker(new FakeChannel('neither'));
  for (const id of ['m1', 'm2']) await reply('a', id, 'one|two');
  await receipt('a', 'm1');
  const bounced = { messageIds: ['m1', 'm2'], part: 1, state: 'failed', reason: 'mailbox-full' } as const;
  await worker.takeReceipt({ conversationId: 'a', ...bounced });
  await receipt('a', 'm2');
  expect([stateOf('a', 'm1'), stateOf('a', 'm2')]).toEqual(['delivered', 'failed/mailbox-full']);
});

test('SYNC-X1 a call that throws or never ends has an unknown outcome, and a late answer changes nothing', async () => {
  const channel = new FakeChannel('neither');
  startWorker(channel);
  channel.behave = (key) => (key === 'm1:0' ? 'break' : 'accept-and-hang');
  await reply('a', 'm1');
  await reply('b', 'm2');
  await pass(4 * MINUTE);
  expect([stateOf('a', 'm1'), stateOf('b', 'm2')]).toEqual(['unknown/channel-error', 'unknown/no-answer']);
});

test('what became of a message is reported even if the relay dies before it could say so', async () => {
  const channel = new FakeChannel('keyed');
  startWorker(channel);
  await worker.stop();
  seqOf(await log.submit(send('a', 'm1')));
  log.deliveries.beginAttempt('m1', 0);
  log.deliveries.endAttempt('m1', 0, { state: 'sent', externalId: 'x' });
  expect(stateOf('a', 'm1')).toBe('queued');
  crashAndRestart(channel);
  await settle();
  expect(stateOf('a', 'm1')).toBe('sent');
  const head = log.head();
  crashAndRestart(channel);
  await settle();
  expect(log.head()).toBe(head);
  expect(channel.calls).toEqual([]);
});

test('a result that cannot be stored is kept until it can, and nothing is sent twice', async () => {
  const channel = new FakeChannel('neither');
  startWorker(channel);
  let open = (): void => {};
  channel.gate = new Promise((resolve) => (open = resolve));
  await reply('a', 'm1');
  const end = log.deliveries.endAttempt;
  let failures = 0;
  log.deliveries.endAttempt = (...outcome) => {
    failures += 1;
    if (failures <= 3) throw new Error('database or disk is full');
    end(...outcome);
  };
  open();
  await pass(10_000);
  expect(stateOf('a', 'm1')).toBe('sent');
  expect(channel.calls).toEqual(['m1:0']);
  expect(failures).toBe(4);
});

test('stopping waits for a call that is under way, and begins none', async () => {
  const channel = new FakeChannel('keyed');
  startWorker(channel);
  let open = (): void => {};
  channel.gate = new Promise((resolve) => (open = resolve));
  await reply('a', 'm1');
  const stopped = worker.stop();
  await log.submit(send('b', 'm2'));
  open();
  await stopped;
  expect(log.deliveries.listParts('m1')[0]!.state).toBe('sent');
  expect(channel.calls).toEqual(['m1:0']);
});

for (const certainty of ['keyed', 'findable', 'neither'] as const) {
  test(`INV-5 ${certainty}: whatever is lost and whenever the relay dies, no part is shown twice, out of order, or lost unsaid`, async () => {
    for (let seed = 1; seed <= 6; seed += 1) await playOut(certainty, seed);
  });
}

async function playOut(certainty: FakeChannel['certainty'], seed: number): Promise<void> {
  const random = seededRandom(seed);
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random.fraction() * values.length)]!;
  const channel = new FakeChannel(certainty);
  crashAndRestart(channel);
  channel.behave = () =>
    pick([
      'accept',
      'accept',
      'accept-and-drop',
      'accept-and-hang',
      'lose',
      { ok: false, outcome: 'retryable', reason: 'busy' },
    ]);
  channel.behaveFinding = () => pick(['answer', 'answer', 'unknown']);
  const sent: { conversationId: string; messageId: string }[] = [];
  for (let step = 0; step < 40; step += 1) {
    const conversationId = pick(['a', 'b', 'c']);
    const messageId = `seed${seed}-${certainty}-${step}`;
    const what = random.fraction();
    if (what < 0.5) {
      sent.push({ conversationId, messageId });
      await reply(conversationId, messageId, random.fraction() < 0.3 ? `${messageId}|${messageId}+` : messageId);
    } else if (what < 0.8) await pass(pick([500, 3000, 70_000]), 5000);
    else crashAndRestart(channel);
    const shown = pick(channel.shown);
    if (shown !== undefined && random.fraction() < 0.2) {
      await receipt(shown.part.conversationId, shown.part.messageId, shown.part.part);
    }
  }
  channel.behave = () => 'accept';
  channel.behaveFinding = () => 'answer';
  const isOpen = (): boolean => log.deliveries.countOpen().size > 0;
  for (let wait = 0; wait < 200 && isOpen(); wait += 1) await pass(30_000, 10_000);
  await settle();
  expect(isOpen()).toBe(false);

  const keys = channel.shown.map(({ key }) => key);
  expect(new Set(keys).size, `seed ${seed}: shown twice`).toBe(keys.length);
  for (const { conversationId, messageId } of sent) {
    const parts = log.deliveries.listParts(messageId);
    const isShown = parts.every(({ part }) => keys.includes(`${messageId}:${part}`));
    const [state] = stateOf(conversationId, messageId).split('/');
    if (state === 'sent' || state === 'delivered') expect(isShown || state === 'delivered').toBe(true);
    else expect([certainty, state]).toEqual(['neither', 'unknown']);
  }
  for (const conversationId of ['a', 'b', 'c']) {
    const order = sent
      .filter((one) => one.conversationId === conversationId)
      .flatMap(({ messageId }) => [`${messageId}:0`, `${messageId}:1`]);
    const seen = channel.shown.filter(({ part }) => part.conversationId === conversationId).map(({ key }) => key);
    expect(seen).toEqual(order.filter((key) => seen.includes(key)));
  }
}
