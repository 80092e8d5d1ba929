import { expect, test, vi } from 'vitest';
import { ManualClock } from '../tests/fakes/manual-clock.ts';
import type { ChannelAdapter } from './channels/channel.ts';
import { createEraser } from './eraser.ts';
import type { EventLog } from './event-log/event-log.ts';

/** A log in which one customer was erased, and who is told of it. */
function makeEraser() {
  const clock = new ManualClock();
  const cursors: Record<string, number> = {};
  const eventLog = {
    onCommit: () => () => {},
    readReactorCursor: (name: string) => cursors[name] ?? 0,
    head: () => 7,
    epoch: 'e',
    noteErasedFiles: () => {},
    listRoots: async (kind: string) =>
      kind === 'erasure' ? [{ id: 'customer:hoa', bornSeq: 7, asOf: 7, at: clock.now() }] : [],
    listErasedFiles: () => [],
    forgetErasedFiles: () => {},
    listFileSubjects: () => [],
    submitFromReactor: async (name: string, seq: number) => {
      cursors[name] = seq;
      return [];
    },
  };
  const scrub = vi.fn<() => boolean>().mockReturnValue(true);
  const remember = vi.fn(async () => {});
  const erase = vi.fn((_kind: string, _id: string): string[] => []);
  const eraser = createEraser({
    eventLog: eventLog as unknown as EventLog,
    channels: new Map([['web-chat', { erase } as unknown as ChannelAdapter]]),
    ...{ files: { remove: () => {} }, remember, scrub, clock, logger: { error: () => {}, info: () => {} } },
  });
  return { eraser, clock, scrub, remember, erase, cursor: () => cursors['eraser'] ?? 0 };
}

test('SYNC-L7 a log of the database that a reader holds is emptied once the reader has gone', async () => {
  const { eraser, clock, scrub, remember, cursor } = makeEraser();
  scrub.mockReturnValue(false);
  eraser.start();
  await eraser.finish();
  expect([cursor(), scrub.mock.calls.length]).toEqual([7, 1]);
  scrub.mockReturnValue(true);
  clock.advance(2000);
  await eraser.finish();
  clock.advance(60_000);
  await eraser.finish();
  expect([scrub.mock.calls.length, remember.mock.calls.length]).toEqual([2, 1]);
  await eraser.stop();
});

test('SYNC-L7 channels forget who was erased also while the list beside the backups cannot be written', async () => {
  const { eraser, clock, remember, erase, cursor } = makeEraser();
  remember.mockRejectedValueOnce(new Error('ENOSPC'));
  eraser.start();
  await eraser.finish();
  expect(erase.mock.calls).toEqual([['customer', 'hoa']]);
  expect(cursor()).toBe(0);
  clock.advance(2000);
  await eraser.finish();
  expect([cursor(), remember.mock.calls.length]).toEqual([7, 2]);
  // Not once more: who is there under the same id by now is somebody else.
  expect(erase).toHaveBeenCalledTimes(1);
  await eraser.stop();
});

test('SYNC-L7 while a channel could not forget somebody, what it tells may be of them', async () => {
  const { eraser, clock, erase } = makeEraser();
  erase.mockImplementationOnce(() => {
    throw new Error('disk I/O error');
  });
  eraser.start();
  await eraser.finish();
  expect(eraser.forgottenUpTo()).toBe(0);
  clock.advance(2000);
  await eraser.finish();
  expect(eraser.forgottenUpTo()).toBe(7);
  await eraser.stop();
});
