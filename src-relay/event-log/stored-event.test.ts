import { expect, test } from 'vitest';
import type { SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { LoggedEvent } from '../../shared/relay-protocol/frames.ts';
import { scanStoredEvents } from './scan-stored-events.ts';
import { type FrameEvent, StoredEvent, keepChanges, loggedEventOf } from './stored-event.ts';

const HIDDEN = 'conversation:hidden';

/** Data that looks like what surrounds it. */
const deceptive = {
  subject: HIDDEN,
  changes: [{ index: 0, subject: HIDDEN, type: 'x', v: 1, data: null }],
  text: `"},{"index":1,"subject":"${HIDDEN}"}]} \\`,
  '},{"subject"': '\\"',
};

function eventOf(seq: number, changes: [SubjectRef, unknown][]): LoggedEvent {
  return {
    ...{ seq, at: 1_700_000_000_000, actor: 'agent:lan', commandId: `"${seq}"` },
    changes: changes.map(([subject, data], index) => ({ index, subject, type: 'noted', v: 1, data })),
  };
}

const events = [
  eventOf(7, [['conversation:a', { text: 'đơn "hàng" 😀 \u2028 \n', list: [1, [2, {}], []], none: null }]]),
  eventOf(8, [
    ['conversation:a', deceptive],
    ['customer:"b"', [true, false, -1.5e3, '']],
    ['conversation:\u0001đ', 'text'],
  ]),
  eventOf(9, [['queue:q', 3]]),
];
const textOf = (list: readonly unknown[]): string => list.map((one) => JSON.stringify(one)).join(',');
const scan = (text: string): StoredEvent[] => scanStoredEvents(Buffer.from(text));

function written(event: StoredEvent): unknown {
  const bytes = Buffer.alloc(event.size + 2, '#');
  expect(event.write(bytes, 1)).toBe(event.size + 1);
  expect([bytes[0], bytes.at(-1)]).toEqual([35, 35]);
  return JSON.parse(bytes.toString('utf8', 1, event.size + 1));
}

test('SYNC-V1 events are found in the text of the log, each change with its own subject, whatever its data looks like', () => {
  const stored = scan(textOf(events));
  expect(stored.map(({ seq }) => seq)).toEqual([7, 8, 9]);
  const subjectsOf = (list: readonly FrameEvent[]) => list.map(({ changes }) => changes.map(({ subject }) => subject));
  expect(subjectsOf(stored)).toEqual(subjectsOf(events));
  expect(stored.map(written)).toEqual(events);
  expect(stored.map(loggedEventOf)).toEqual(events);
  expect(scan('')).toEqual([]);
});

test('SYNC-V1 what a console may not see of an event is not in its bytes; the rest keeps its place', () => {
  const [, stored] = scan(textOf(events));
  const [, whole] = events;
  const keep = (event: FrameEvent, ...kept: number[]) =>
    keepChanges(event, (subject) => kept.some((index) => whole!.changes[index]!.subject === subject));
  for (const kept of [[0], [1], [2], [0, 2], [1, 2]]) {
    const left = keep(stored!, ...kept) as StoredEvent;
    const expected = keep(whole!, ...kept);
    expect(written(left)).toEqual(expected);
    expect(loggedEventOf(left)).toEqual(expected);
    expect(left.size).toBe(Buffer.byteLength(JSON.stringify(expected)));
  }
  const once = keep(stored!, 0, 2) as StoredEvent;
  expect(written(keep(once, 2) as StoredEvent)).toEqual(keep(whole!, 2));
  expect(keep(stored!, 0, 1, 2)).toBe(stored);
  expect(keep(stored!)).toBeNull();
});

test('members may come in any order and names may be written in any way, as for a parser', () => {
  const change = '{"data":{"subject":"conversation:x"},"sub\\u006aect":"conversation:a","v":1}';
  const [event] = scan(`{"at":5,"seq":12,"changes":[${change},{"subject":"queue:1","subject":"queue:2"}]}`);
  expect([event!.seq, event!.changes.map(({ subject }) => subject)]).toEqual([12, ['conversation:a', 'queue:2']]);
  expect(scan('{"seq":2,"changes":[]},{"seq":1,"changes":[]}').map(({ seq }) => seq)).toEqual([1, 2]);
});

test.each([
  ['{"seq":1,"changes":[{"subject":"a:1"}],"at":2}'],
  ['{"seq":1,"changes":[{"type":"x"}]}'],
  ['{"seq":1,"changes":[{"subject":7}]}'],
  ['{"changes":[{"subject":"a:1"}]}'],
  ['{"seq":1}'],
  ['{"seq":"1","changes":[{"subject":"a:1"}]}'],
  ['{"seq":1,"changes":[{"subject":"a:1"}]'],
  ['{"seq":1,"changes":[{"subject":"a:1}]}'],
  ['{"seq":1,"changes":[{"subject":"a:1","data":{"a":[}]}'],
  ['{"seq":1,"changes":[{"subject":"a:1"}]}{"seq":2,"changes":[]}'],
  ['[]'],
])('what is no list of events is not taken for one: %s', (text) => {
  expect(() => scan(text)).toThrow(/no list of events/);
});
