import fs from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { makeFolder, removeFolders } from '../../tests/fakes/console-process.ts';
import { ManualClock } from '../../tests/fakes/manual-clock.ts';
import { Ballast } from './ballast.ts';
import { createSystemRandom } from './system-clock.ts';

afterEach(removeFolders);

const SIZE = 600_000;

function begin(freeBytes: number, file = path.join(makeFolder('liendesk-ballast-'), 'ballast')) {
  const clock = new ManualClock();
  const disk = { freeBytes };
  const random = createSystemRandom();
  const ballast = new Ballast({ file, sizeBytes: SIZE, clock, random, freeBytes: async () => disk.freeBytes });
  const changes: boolean[] = [];
  ballast.watch(() => changes.push(ballast.isLow));
  const size = () => fs.statSync(file, { throwIfNoEntry: false })?.size ?? null;
  const until = (expected: number) => expect.poll(size).toBe(expected);
  return { file, clock, disk, ballast, changes, size, until };
}

test('SYNC-F1 room is kept where there is some, given up at once, and kept again when it is back', async () => {
  const { clock, disk, ballast, changes, size, until } = begin(10 * SIZE);
  await until(SIZE);
  disk.freeBytes = 0;
  expect(ballast.giveUp()).toBe(true);
  expect([size(), ballast.isLow]).toEqual([0, true]);
  // There is nothing left to give up.
  expect(ballast.giveUp()).toBe(false);
  clock.advance(60_000);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect([size(), ballast.isLow]).toEqual([0, true]);
  disk.freeBytes = 10 * SIZE;
  clock.advance(60_000);
  await until(SIZE);
  // It counts once it is on the disk, which is a little later.
  await expect.poll(() => ballast.isLow).toBe(false);
  await ballast.close();
  expect([size(), changes]).toEqual([SIZE, [true, false]]);
});

test('SYNC-F1 what was given up in an earlier process is not there for the cache of the next', async () => {
  const first = begin(10 * SIZE);
  await first.until(SIZE);
  first.disk.freeBytes = 0;
  first.ballast.giveUp();
  await first.ballast.close();
  // Some room, and not enough for all of it.
  const next = begin(2 * SIZE, first.file);
  expect(next.ballast.isLow).toBe(true);
  next.disk.freeBytes = 10 * SIZE;
  next.clock.advance(60_000);
  await next.until(SIZE);
  await expect.poll(() => next.ballast.isLow).toBe(false);
  await next.ballast.close();
});

test('SYNC-F1 it does not fill a disk that is nearly full, which is not low as long as everything can be written', async () => {
  const { clock, disk, ballast, size, until } = begin(2 * SIZE);
  clock.advance(60_000);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect([size(), ballast.isLow]).toEqual([null, false]);
  disk.freeBytes = 10 * SIZE;
  clock.advance(60_000);
  await until(SIZE);
  await ballast.close();
});

test('SYNC-F1 half of it is no ballast: what broke off is grown whole', async () => {
  const { file, ballast, clock, until } = begin(10 * SIZE);
  await until(SIZE);
  fs.truncateSync(file, 100);
  clock.advance(60_000);
  await until(SIZE);
  await ballast.close();
});

test.each([
  ['with its last piece is kept: all of it is there', 3, SIZE],
  ['before its last piece goes', 2, null],
])('SYNC-F1 what is closed %s', async (_what, pieces, left) => {
  const file = path.join(makeFolder('liendesk-ballast-'), 'ballast');
  const random = createSystemRandom();
  let closing = null as Promise<void> | null;
  let made = 0;
  const bytes = (length: number) => {
    made += 1;
    if (made === pieces) closing = ballast.close();
    return random.bytes(length);
  };
  const parts = { file, sizeBytes: SIZE, clock: new ManualClock(), freeBytes: async () => 10 * SIZE };
  const ballast = new Ballast({ ...parts, random: { ...random, bytes } });
  ballast.watch(() => undefined);
  await expect.poll(() => closing).not.toBeNull();
  await closing;
  expect(fs.statSync(file, { throwIfNoEntry: false })?.size ?? null).toBe(left);
});
