import { expect, test, vi } from 'vitest';
import { ManualClock } from '../tests/fakes/manual-clock.ts';
import { createEraser } from './eraser.ts';
import type { EventLog } from './event-log/event-log.ts';

test('SYNC-L7 a log of the database that a reader holds is emptied once the reader has gone', async () => {
  const clock = new ManualClock();
  let cursor = 0;
  const eventLog = {
    onCommit: () => () => {},
    readReactorCursor: () => cursor,
    listRoots: async (kind: string) =>
      kind === 'erasure' ? [{ id: 'customer:hoa', bornSeq: 7, asOf: 7, at: clock.now() }] : [],
    listErasedFiles: () => [],
    forgetErasedFiles: () => {},
    listFileSubjects: () => [],
    submitFromReactor: async (_name: string, seq: number) => {
      cursor = seq;
      return [];
    },
  };
  const scrub = vi.fn<() => boolean>().mockReturnValue(false);
  const remember = vi.fn(async () => {});
  const eraser = createEraser({
    ...{ eventLog: eventLog as unknown as EventLog, channels: new Map(), files: { remove: async () => {} } },
    ...{ remember, scrub, clock, logger: { error: () => {}, info: () => {} } },
  });
  eraser.start();
  await eraser.finish();
  expect([cursor, scrub.mock.calls.length]).toEqual([7, 1]);
  scrub.mockReturnValue(true);
  clock.advance(2000);
  await eraser.finish();
  clock.advance(60_000);
  await eraser.finish();
  expect([scrub.mock.calls.length, remember.mock.calls.length]).toEqual([2, 1]);
  await eraser.stop();
});
