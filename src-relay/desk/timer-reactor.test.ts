import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Conversation } from '../../shared/domain/conversation/conversation.ts';
import type { LoggedEvent } from '../../shared/relay-protocol/frames.ts';
import { command, lan, receive, seedWorkspace, seqOf } from '../../tests/contract/event-log-fixture.ts';
import type { EventLogHarness } from '../../tests/contract/event-log-harness.ts';
import { makeSqliteHarness } from '../../tests/contract/sqlite-harness.ts';
import { clockOfProcess, seededRandom } from '../../tests/fakes/manual-clock.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { type TimerReactor, createTimerReactor } from './timer-reactor.ts';

const MINUTE = 60_000;

let harness: EventLogHarness;
let log: EventLog;
let reactor: TimerReactor;
let killReactor: () => void;

beforeEach(async () => {
  killReactor = () => {};
  harness = makeSqliteHarness();
  log = harness.open();
  await seedWorkspace(log);
  for (const id of ['a', 'b', 'c']) seqOf(await log.submit(receive(id, `first-${id}`)));
});
afterEach(async () => {
  killReactor();
  await log.close();
  harness.dispose();
});

function startReactor(): void {
  let isAlive = true;
  killReactor = () => {
    isAlive = false;
  };
  reactor = createTimerReactor({
    eventLog: log,
    clock: clockOfProcess(harness.clock, () => isAlive),
    logger: pino({ level: 'silent' }),
  });
  reactor.start();
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function pass(ms: number, stepMs = 5000): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    harness.clock.advance(Math.min(stepMs, ms - passed));
    await settle();
  }
}

let snoozes = 0;
async function snooze(conversationId: string, until: number | null, isDelayed = false): Promise<void> {
  snoozes += 1;
  const args = { conversationIds: [conversationId], until };
  seqOf(await log.submit(command(`snooze-${snoozes}`, 'conversation.snooze', args, lan, { isDelayed })));
  await settle();
}

const stateOf = (id: string): string => log.read<Conversation>(`conversation:${id}`).root()!.state;

async function wakes(): Promise<LoggedEvent[]> {
  return (await log.readEvents(0, 10_000)).filter((event) => event.actor === 'system:desk');
}

test('SYNC-T2 a snooze ends when it is due, not before, by the desk', async () => {
  startReactor();
  const until = harness.clock.now() + 10 * MINUTE;
  await snooze('a', until);
  await pass(10 * MINUTE - 5000);
  expect(stateOf('a')).toBe('snoozed');
  await pass(5000);
  expect(stateOf('a')).toBe('open');
  const [wake] = await wakes();
  expect(wake?.at).toBe(until);
  expect(log.timers.nextDueAt()).toBeNull();
  await reactor.stop();
});

test('SYNC-T2 what became due while the relay was down fires once it is back, with the true time', async () => {
  await snooze('a', harness.clock.now() + MINUTE);
  harness.crash();
  harness.clock.advance(3 * 60 * MINUTE);
  log = harness.open();
  startReactor();
  await settle();
  const [wake, ...more] = await wakes();
  expect([stateOf('a'), wake?.at, more.length]).toEqual(['open', harness.clock.now(), 0]);
});

test('SYNC-T2 a snooze that a customer ended never fires', async () => {
  startReactor();
  await snooze('a', harness.clock.now() + MINUTE);
  seqOf(await log.submit(receive('a', 'again')));
  await snooze('b', null);
  await pass(10 * MINUTE);
  expect(await wakes()).toEqual([]);
  expect(stateOf('b')).toBe('snoozed');
});

test('a second snooze until the same moment, written offline, ends as well', async () => {
  startReactor();
  const until = harness.clock.now() + MINUTE;
  await snooze('a', until);
  await pass(MINUTE);
  await snooze('a', until, true);
  await pass(1);
  expect([stateOf('a'), (await wakes()).length]).toEqual(['open', 2]);
});

test('a timer whose command is refused for good is put away', async () => {
  await snooze('a', harness.clock.now() + MINUTE);
  const [timer] = log.timers.listDue(harness.clock.now() + MINUTE, 1);
  const stale = { ...timer!, dueAt: timer!.dueAt - 1 };
  const { listDue } = log.timers;
  let isFirst = true;
  log.timers.listDue = (now, limit) => {
    const list = isFirst ? [stale] : listDue(now, limit);
    isFirst = false;
    return list;
  };
  startReactor();
  await pass(2 * MINUTE);
  expect(await wakes()).toEqual([]);
  expect(log.timers.nextDueAt()).toBeNull();
});

test('when the database cannot be written a timer fires later instead', async () => {
  await snooze('a', harness.clock.now() + MINUTE);
  const { submit } = log;
  let failures = 0;
  log.submit = async (submission) => {
    failures += 1;
    if (failures > 3) return submit(submission);
    const error = { kind: 'retry', origin: 'relay', message: 'later', retryable: true } as const;
    return { id: submission.command.id, ok: false, error };
  };
  startReactor();
  await pass(2 * MINUTE);
  expect([stateOf('a'), (await wakes()).length]).toEqual(['open', 1]);
});

test('INV-12 whatever happens around it, every timer fires once and not early', async () => {
  const random = seededRandom(5);
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random.fraction() * values.length)]!;
  startReactor();
  for (let step = 0; step < 150; step += 1) {
    const id = pick(['a', 'b', 'c']);
    const what = random.fraction();
    if (what < 0.4) await snooze(id, harness.clock.now() + pick([1000, 30_000, 30_000, 20 * MINUTE]));
    else if (what < 0.5) seqOf(await log.submit(receive(id, `again-${step}`)));
    else if (what < 0.85) await pass(pick([1000, 30_000, 5 * MINUTE]), 10_000);
    else {
      killReactor();
      harness.crash();
      if (random.fraction() < 0.5) harness.clock.advance(MINUTE);
      log = harness.open();
      startReactor();
      await settle();
    }
  }
  await pass(30 * MINUTE, 10_000);
  // Replay what happened: after each snooze until a time the next change of state is its one end.
  const sleeping = new Map<string, number>();
  let ended = 0;
  for (const event of await log.readEvents(0, 10_000)) {
    for (const change of event.changes) {
      if (change.type === 'message-received') sleeping.delete(change.subject);
      if (change.type !== 'conversation-state-changed') continue;
      const { state, snoozedUntil } = change.data as { state: string; snoozedUntil: number };
      if (event.actor === 'system:desk') {
        const until = sleeping.get(change.subject);
        expect(until, `seq ${event.seq} wakes what does not sleep`).toBeDefined();
        expect(event.at).toBeGreaterThanOrEqual(until!);
        sleeping.delete(change.subject);
        ended += 1;
      } else if (state === 'snoozed') sleeping.set(change.subject, snoozedUntil);
    }
  }
  expect([...sleeping]).toEqual([]);
  expect(ended).toBeGreaterThan(5);
});
