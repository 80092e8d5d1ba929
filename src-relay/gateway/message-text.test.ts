import { expect, test } from 'vitest';
import type { LoggedEvent, SubjectSnapshot } from '../../shared/relay-protocol/frames.ts';
import type { FromRelay } from '../../shared/relay-protocol/from-relay.ts';
import { messageText, sizeOf } from './message-text.ts';

const event = (seq: number): LoggedEvent => ({
  seq,
  at: 1,
  actor: 'agent:lan',
  commandId: 'c',
  changes: [
    { index: 0, subject: 'conversation:a', type: 'note-added', v: 1, data: { text: '"quoted" \u2028 đơn 😀' } },
  ],
});
const snapshot: SubjectSnapshot = {
  subject: 'queue:q',
  asOf: 3,
  root: { id: 'q', asOf: 3, bornSeq: 1, name: 'Đơn hàng' },
  items: [],
  isComplete: true,
};
const session = '0199c000-0000-7000-8000-000000000000';

test('every message reads as it was meant', () => {
  const frame: FromRelay['frame'] = {
    ...{ session, from: 1, to: 3, isCatchUp: false },
    leave: ['conversation:b'],
    enter: [snapshot],
    events: [event(2), event(3)],
  };
  const empty: FromRelay['frame'] = { ...frame, leave: [], enter: [], events: [], isCatchUp: true };
  const page: FromRelay['page'] = {
    ...{ session, page: 0, startSeq: 3, totalSubjects: 1, isLast: true },
    subjects: [snapshot, snapshot],
  };
  for (const one of [frame, empty, { ...frame, still: 2 }, frame])
    expect(JSON.parse(messageText('frame', one))).toEqual(one);
  expect(JSON.parse(messageText('page', page))).toEqual(page);
  const tick = { session, head: 3, serverNow: 5 };
  expect(JSON.parse(messageText('tick', tick))).toEqual(tick);
});

test('an event is put into text once, whoever it goes to', () => {
  let reads = 0;
  const counted = Object.defineProperty(event(2), 'at', { enumerable: true, get: () => (reads += 1) });
  const frame = { session, from: 1, to: 2, leave: [], enter: [], events: [counted], isCatchUp: false };
  expect(sizeOf(counted)).toBe(JSON.stringify(event(2)).length);
  messageText('frame', frame);
  messageText('frame', { ...frame, from: 0 });
  expect(reads).toBe(1);
});
