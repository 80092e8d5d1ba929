import { expect, test } from 'vitest';
import type { LoggedEvent } from '../../shared/relay-protocol/frames.ts';
import { type FrameEvent, loggedEventOf } from '../event-log/stored-event.ts';
import { sizeOf } from './message-text.ts';
import { CHUNK_EVENTS, OldEvents } from './old-events.ts';
import { RecentEvents } from './recent-events.ts';

function eventOf(seq: number, data: unknown = null): LoggedEvent {
  const changes = [{ index: 0, subject: 'conversation:c' as const, type: 'noted', v: 1, data }];
  return { seq, at: seq, actor: 'system:test', commandId: `command-${seq}`, changes };
}

/** A log of so many events that counts how often it is read. */
function logOf(length: number, floor = 0) {
  let head = length;
  const log = {
    reads: 0,
    floor,
    text: 'as it was',
    head: () => head,
    grow: (to: number) => {
      head = to;
    },
    readEvents: async (after: number, limit: number) => {
      log.reads += 1;
      const first = Math.max(after, log.floor) + 1;
      const count = Math.max(0, Math.min(limit, head - first + 1));
      return Array.from({ length: count }, (_, index) => eventOf(first + index, log.text));
    },
    readStoredEvents: (after: number, limit: number): Promise<FrameEvent[]> => log.readEvents(after, limit),
  };
  return log;
}

const seqsOf = (events: readonly FrameEvent[]): number[] => events.map(({ seq }) => seq);
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('SYNC-N1 what many consoles lack is read from the log once', async () => {
  const log = logOf(3 * CHUNK_EVENTS);
  const old = new OldEvents(log);
  const atOnce = await Promise.all([0, 10, 200].map((after) => old.read(after)));
  expect(log.reads).toBe(1);
  expect(atOnce.map(seqsOf)).toEqual([range(1, 256), range(11, 256), range(201, 256)]);
  expect(atOnce[1]![0]).toBe(atOnce[0]![10]);
  expect(seqsOf(await old.read(CHUNK_EVENTS))).toEqual(range(257, 512));
  await old.read(0);
  expect(log.reads).toBe(2);
});

test('INV-14 what is kept of old events is bounded in bytes, and what was used last stays', async () => {
  const log = logOf(10 * CHUNK_EVENTS);
  const perChunk = CHUNK_EVENTS * (sizeOf(eventOf(1000, log.text)) + 8);
  const old = new OldEvents(log, 2.5 * perChunk);
  for (let chunk = 0; chunk < 10; chunk += 1) {
    await old.read(chunk * CHUNK_EVENTS);
    await old.read(0);
    expect(old.keptBytes).toBeLessThanOrEqual(2.5 * perChunk);
  }
  expect(log.reads).toBe(10);
  await old.read(5 * CHUNK_EVENTS);
  expect(log.reads).toBe(11);
});

test('what the floor has cut comes as it is in the log', async () => {
  const log = logOf(2 * CHUNK_EVENTS, 100);
  const old = new OldEvents(log);
  expect(seqsOf(await old.read(100))).toEqual(range(101, 256));
  expect(seqsOf(await old.read(50))).toEqual(range(101, 256));
});

test('rewritten events are not served as they were, also when they were being read', async () => {
  const log = logOf(2 * CHUNK_EVENTS);
  const recent = new RecentEvents(log as never);
  await recent.load();
  const underWay = recent.read(0, 10);
  log.text = 'redacted';
  recent.forget();
  const textOf = (events: readonly FrameEvent[]) => loggedEventOf(events[0]!).changes[0]!.data;
  expect(textOf(await underWay)).toBe('redacted');
  expect(textOf(await recent.read(0, 10))).toBe('redacted');
  expect(textOf(await recent.read(CHUNK_EVENTS + 3, 2 * CHUNK_EVENTS))).toBe('redacted');
});

test('SYNC-L7 events that are rewritten while they are loaded are not kept as they were', async () => {
  const log = logOf(20);
  const recent = new RecentEvents(log as never);
  const loading = recent.load();
  log.text = 'redacted';
  log.grow(22);
  recent.push([eventOf(21)]);
  recent.forget();
  recent.push([eventOf(22)]);
  await loading;
  expect(seqsOf(recent.peek(0, 22)!)).toEqual(range(1, 22));
  expect(recent.peek(0, 1)![0]!.changes[0]!.data).toBe('redacted');
});

test('the newest events are in memory from where a chunk begins, also those from before the start', async () => {
  const log = logOf(CHUNK_EVENTS + 20);
  const recent = new RecentEvents(log as never);
  await recent.load();
  recent.push([eventOf(CHUNK_EVENTS + 21)]);
  expect(log.reads).toBe(1);
  expect(seqsOf(recent.peek(CHUNK_EVENTS, CHUNK_EVENTS + 21)!)).toEqual(range(257, 277));
  expect(recent.peek(CHUNK_EVENTS - 1, CHUNK_EVENTS + 21)).toBeNull();
  expect(seqsOf(await recent.read(CHUNK_EVENTS - 1, CHUNK_EVENTS + 21))).toEqual([256]);
  const many = range(CHUNK_EVENTS + 22, 40 * CHUNK_EVENTS).map((seq) => eventOf(seq));
  for (let start = 0; start < many.length; start += 100) recent.push(many.slice(start, start + 100));
  const first = range(1, 39).find((chunk) => recent.peek(chunk * CHUNK_EVENTS, chunk * CHUNK_EVENTS + 1) !== null)!;
  expect(recent.peek(first * CHUNK_EVENTS - 1, first * CHUNK_EVENTS)).toBeNull();
  expect(first).toBeGreaterThan(1);
});
