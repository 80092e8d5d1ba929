import { expect, test } from 'vitest';
import type { LoggedEvent } from '../../shared/relay-protocol/frames.ts';
import { FRAME_LIMITS, FrameWriter, frameOf } from './frame-writer.ts';

const SESSION = '01890000-0000-7000-8000-000000000000';

function makeEvent(seq: number, ...subjects: `${string}:${string}`[]): LoggedEvent {
  const changes = subjects.map((subject, index) => ({ index, subject, type: 'x', v: 1, data: {} }));
  return { seq, at: 0, actor: 'system:test', commandId: SESSION, changes };
}

test('SYNC-S2 frames follow on one another', () => {
  const writer = new FrameWriter(4, { entries: 10, bytes: 1000 });
  writer.event(makeEvent(5, 'conversation:a'), 10);
  expect(writer.take(SESSION, 6, true)).toMatchObject({ from: 4, to: 6, isCatchUp: true });
  expect(writer.take(SESSION, 9, false)).toMatchObject({ from: 6, to: 9, events: [], isCatchUp: false });
});

test('SYNC-S3 a frame takes no more than its limits, but always one thing', () => {
  const writer = new FrameWriter(0, { entries: 2, bytes: 100 });
  expect(writer.hasRoomFor(1_000_000)).toBe(true);
  writer.event(makeEvent(1, 'conversation:a'), 60);
  expect([writer.hasRoomFor(40), writer.hasRoomFor(41)]).toEqual([true, false]);
  writer.event(makeEvent(2, 'conversation:a'), 1);
  expect(writer.hasRoomFor(1)).toBe(false);
  writer.take(SESSION, 2, true);
  expect(writer.hasRoomFor(1000)).toBe(true);
});

test('INV-6 what is taken away takes with it what the frame already had of it', () => {
  const writer = new FrameWriter(0, { entries: 10, bytes: 10_000 });
  const gone = 'conversation:gone';
  writer.event(makeEvent(1, gone), 1);
  writer.event(makeEvent(2, 'conversation:kept', gone), 1);
  writer.leave(gone);
  const frame = frameOf(writer.take(SESSION, 2, true));
  expect(frame.leave).toEqual([gone]);
  expect(frame.events.map(({ seq, changes }) => [seq, changes.map(({ subject, index }) => [subject, index])])).toEqual([
    [2, [['conversation:kept', 0]]],
  ]);
});

test('SYNC-S2 frames that move no cursor are counted until one does, for consoles that know of it', () => {
  const writer = new FrameWriter(4, FRAME_LIMITS, true);
  const stills = [4, 4, 6, 7, 7].map((to) => writer.take(SESSION, to, false).still);
  expect([stills, writer.still]).toEqual([[1, 2, 2, undefined, 1], 1]);
  const old = new FrameWriter(4, FRAME_LIMITS);
  expect([old.take(SESSION, 4, false).still, old.still]).toEqual([undefined, 0]);
});
