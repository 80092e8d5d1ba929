import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  ERASED_LIST_NAME,
  entriesOfLog,
  erasedBeyond,
  lacksSome,
  readErasedList,
  rememberErased,
  withEpochs,
} from './erased-list.ts';
import { followBackups } from './follow-backups.ts';
import { noteBackup } from './known-backups.ts';

const HERE = [{ epoch: 'one', since: 0 }];
const quiet = { error: () => {} };

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'liendesk-erased-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const entry = (id: string, seq: number, epoch = 'one') => ({ subject: `customer:${id}`, at: 1, seq, epoch, log: '' });

/** A backup, as far as it matters here. */
function makeBackup(...names: string[]): string {
  const backup = path.join(folder, ...names);
  mkdirSync(backup, { recursive: true });
  writeFileSync(path.join(backup, 'manifest.json'), '{}');
  return backup;
}

test('SYNC-L7 what was erased is listed once, and by its place in the log, whatever the clock says', async () => {
  expect(await readErasedList(folder)).toBeNull();
  await rememberErased(folder, [{ ...entry('a', 5), at: 1000 }]);
  await rememberErased(folder, [{ ...entry('b', 7), at: 10 }, entry('c', 8)]);
  await rememberErased(folder, [entry('c', 8)]);
  const entries = (await readErasedList(folder))!;
  expect(entries).toHaveLength(3);
  expect(erasedBeyond(entries, { lineages: HERE, head: 6 })).toEqual(['customer:b', 'customer:c']);
  expect(erasedBeyond(entries, { lineages: HERE, head: 8 })).toEqual([]);
});

test('SYNC-L7 what was erased in a history that the backup is not of is erased again', () => {
  const lineages = [...HERE, { epoch: 'two', since: 10 }, { epoch: 'three', since: 5 }];
  const entries = withEpochs(
    [3, 7, 12].map((seq) => ({ subject: 'customer:x', at: 1, seq })),
    lineages.slice(0, 2),
  );
  expect(entries.map(({ epoch }) => epoch)).toEqual(['one', 'one', 'two']);
  const beyond = (seq: number, epoch: string) =>
    erasedBeyond([entry('x', seq, epoch)], { lineages, head: 20 }).length > 0;
  // The third began at 5: of the ones before only what is up to there is in it.
  expect([beyond(3, 'one'), beyond(7, 'one'), beyond(12, 'two'), beyond(12, 'three')]).toEqual([
    ...[false, true, true, false],
  ]);
  expect(beyond(1, 'another')).toBe(true);
});

test('SYNC-L7 of a list that two relays share, the other’s entries say nothing of this log', () => {
  const [one, other] = [[...HERE, { epoch: 'one again', since: 4 }], [{ epoch: 'other', since: 0 }]];
  const erased = [{ subject: 'customer:kh-1', at: 1, seq: 5 }];
  const [own, foreign] = [withEpochs(erased, one), withEpochs(erased, other)];
  expect(entriesOfLog([...own, ...foreign], HERE)).toEqual(own);
  expect(entriesOfLog(foreign, HERE)).toEqual([]);
  // What does not say whose it is, from an older list, counts; and everything does where this log does not know itself.
  expect(entriesOfLog([entry('old', 5, 'other')], HERE)).toHaveLength(1);
  expect(entriesOfLog(foreign, [{ epoch: 'late', since: 70 }])).toEqual(foreign);
});

test('SYNC-L7 a line that was torn takes none of the next ones with it; one that says no place is erased again', async () => {
  appendFileSync(path.join(folder, ERASED_LIST_NAME), '{"subject":"customer:z","at":1}\n{"subject":"customer:a","a');
  await rememberErased(folder, [entry('a', 5)]);
  const entries = (await readErasedList(folder))!;
  expect(erasedBeyond(entries, { lineages: HERE, head: 4 })).toEqual(['customer:z', 'customer:a']);
  expect([lacksSome(entries, [entry('a', 5)]), lacksSome(entries, [entry('b', 5)])]).toEqual([false, true]);
});

test('SYNC-L7 a list that cannot be read is not taken for an empty one', async () => {
  mkdirSync(path.join(folder, ERASED_LIST_NAME));
  await expect(readErasedList(folder)).rejects.toThrow();
});

test('SYNC-L7 what is erased is noted in every backup that can be reached, and beside it', async () => {
  const own = makeBackup('backups', 'monday');
  const elsewhere = makeBackup('disk', 'tuesday');
  const backups = path.dirname(own);
  await noteBackup(backups, own);
  await noteBackup(backups, elsewhere);
  await noteBackup(backups, elsewhere);
  await noteBackup(backups, path.join(folder, 'unplugged', 'wednesday'));
  expect(readFileSync(path.join(backups, 'made-elsewhere.txt'), 'utf8').split('\n')).toHaveLength(3);
  await followBackups(backups, [entry('a', 5)], quiet);
  for (const where of [own, backups, elsewhere, path.dirname(elsewhere)]) {
    expect(await readErasedList(where), where).toEqual([entry('a', 5)]);
  }
  // One that cannot be written keeps none of the others back.
  rmSync(path.join(elsewhere, ERASED_LIST_NAME));
  mkdirSync(path.join(elsewhere, ERASED_LIST_NAME));
  await followBackups(backups, [entry('b', 6)], quiet);
  expect(await readErasedList(path.dirname(elsewhere))).toHaveLength(2);
});
