import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Message } from '../../shared/domain/conversation/message.ts';
import { receive, seedWorkspace, send, seqOf } from '../../tests/contract/event-log-fixture.ts';
import type { EventLogHarness } from '../../tests/contract/event-log-harness.ts';
import { makeSqliteHarness } from '../../tests/contract/sqlite-harness.ts';
import { FakeChannel } from '../../tests/fakes/fake-channel.ts';
import { clockOfProcess, seededRandom } from '../../tests/fakes/manual-clock.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { type DeliveryWorker, createDeliveryWorker } from './delivery-worker.ts';

let harness: EventLogHarness;
let log: EventLog;

beforeEach(async () => {
  harness = makeSqliteHarness();
  log = harness.open();
  await seedWorkspace(log);
  for (const id of ['a', 'b']) seqOf(await log.submit(receive(id, `first-${id}`)));
});
afterEach(async () => {
  await log.close();
  harness.dispose();
});

function makeWorker(channel: FakeChannel): DeliveryWorker {
  harness.plan = (_kind, message) => channel.plan(message);
  return createDeliveryWorker({
    eventLog: log,
    channels: new Map([[channel.kind, channel]]),
    clock: clockOfProcess(harness.clock, () => true),
    random: seededRandom(7),
    logger: pino({ level: 'silent' }),
  });
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1000) {
    harness.clock.advance(1000);
    await settle();
  }
}

async function reply(conversationId: string, messageId: string): Promise<void> {
  seqOf(await log.submit(send(conversationId, messageId, { text: messageId })));
  await settle();
}

function stateOf(conversationId: string, messageId: string): string {
  return log.read(`conversation:${conversationId}`).item<Message>('message', messageId)!.delivery!.state;
}

/** The customer was shown it in the history that the log lost. */
function wasShown(channel: FakeChannel, messageId: string): void {
  channel.shown.push({ key: `${messageId}:0`, part: { text: messageId } as never });
}

const timesShown = (channel: FakeChannel, messageId: string): number =>
  channel.shown.filter(({ key }) => key === `${messageId}:0`).length;

test.each(['keyed', 'findable', 'neither'] as const)(
  'SYNC-L3 INV-5 %s: what waits or is under way when the log turns out to be an older copy is not shown twice',
  async (certainty) => {
    const channel = new FakeChannel(certainty);
    const worker = makeWorker(channel);
    worker.start();
    let openGate = (): void => {};
    channel.gate = new Promise((resolve) => {
      openGate = resolve;
    });
    // Two calls are under way, and behind each a message waits.
    for (const [conversationId, messageId] of ['a-1', 'a-2', 'b-1', 'b-2'].map((id) => [id[0]!, id] as const)) {
      await reply(conversationId, messageId);
    }
    expect(channel.calls).toEqual(['a-1:0', 'b-1:0']);
    for (const messageId of ['a-1', 'a-2']) wasShown(channel, messageId);
    worker.doubtQueued();
    // That the platform is too busy to take it again does not say that it has not got it.
    channel.behave = (key) =>
      key === 'a-1:0' && channel.calls.length < 3 ? { ok: false, outcome: 'retryable', reason: 'busy' } : 'accept';
    channel.gate = null;
    openGate();
    await pass(5 * 60_000);
    expect(['a-1', 'a-2', 'b-1'].map((messageId) => timesShown(channel, messageId))).toEqual([1, 1, 1]);
    const known = certainty === 'neither' ? 'unknown' : 'sent';
    expect([stateOf('a', 'a-1'), stateOf('a', 'a-2')]).toEqual([known, known]);
    // What the platform took is sent; what was never tried cannot be told from what was, where nothing can tell.
    expect([stateOf('b', 'b-1'), stateOf('b', 'b-2')]).toEqual(['sent', known]);
    expect(timesShown(channel, 'b-2')).toBe(certainty === 'neither' ? 0 : 1);
    await reply('a', 'a-3');
    expect([stateOf('a', 'a-3'), timesShown(channel, 'a-3')]).toEqual(['sent', 1]);
    await worker.stop();
  },
);

test('SYNC-L3 what is doubted before the worker runs is taken up when it starts', async () => {
  const channel = new FakeChannel('findable');
  const worker = makeWorker(channel);
  await reply('a', 'a-1');
  wasShown(channel, 'a-1');
  worker.doubtQueued();
  worker.start();
  await pass(60_000);
  expect([stateOf('a', 'a-1'), channel.calls]).toEqual(['sent', []]);
  await worker.stop();
});
