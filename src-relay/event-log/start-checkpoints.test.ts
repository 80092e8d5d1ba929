import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import BetterSqlite3, { type Database } from 'better-sqlite3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Subscribable } from '../../shared/primitives/subscribable.ts';
import type { Clock } from '../../shared/primitives/clock.ts';
import { createSystemClock } from '../system-clock.ts';
import type { Commit } from './event-log.ts';
import { openRelayDatabase, scrubDatabase } from './open-relay-database.ts';
import { startCheckpoints } from './start-checkpoints.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'relay-checkpoints-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const system = createSystemClock();
/** In which a second is a twentieth of one. */
const quickClock: Clock = { ...system, after: (delayMs, task) => system.after(delayMs / 20, task) };

const NOTHING: Commit = { events: [], touched: new Map() };

function open() {
  const database = openRelayDatabase(path.join(folder, 'relay.db'));
  const commits = new Subscribable<Commit>();
  const error = vi.fn();
  const stop = startCheckpoints({
    database,
    eventLog: { onCommit: (listener) => commits.subscribe(listener) },
    clock: quickClock,
    logger: { error },
  });
  const write = (cursor: number): void => {
    database.exec(`INSERT OR REPLACE INTO reactor VALUES ('routing', ${cursor})`);
    commits.publish(NOTHING);
  };
  return { database, write, stop, error };
}

function pagesBeforeCommitsCheckpoint(database: Database): unknown {
  return database.pragma('wal_autocheckpoint', { simple: true });
}

/** What is in the file without its write-ahead log. */
function cursorInFile(): unknown {
  const copy = path.join(folder, 'copy.db');
  copyFileSync(path.join(folder, 'relay.db'), copy);
  const database = new BetterSqlite3(copy);
  try {
    return database.prepare('SELECT cursor FROM reactor').pluck().get();
  } finally {
    database.close();
  }
}

test('SYNC-C4 what was committed is carried over to the database by a thread of its own', async () => {
  const { database, write, stop, error } = open();
  database.pragma('wal_checkpoint(TRUNCATE)');
  write(7);
  expect([cursorInFile(), pagesBeforeCommitsCheckpoint(database)]).toEqual([undefined, 15_000]);
  await vi.waitFor(() => expect(cursorInFile()).toBe(7), 5000);
  write(8);
  await vi.waitFor(() => expect(cursorInFile()).toBe(8), 5000);
  await stop();
  expect(pagesBeforeCommitsCheckpoint(database)).toBe(1000);
  database.close();
  expect(error).not.toHaveBeenCalled();
});

test('SYNC-L7 the log of the database is emptied beside the thread that checkpoints', async () => {
  const { database, write, stop } = open();
  write(7);
  await vi.waitFor(() => expect(cursorInFile()).toBe(7), 5000);
  write(8);
  await vi.waitFor(() => expect(scrubDatabase(database)).toBe(true), 5000);
  expect(statSync(path.join(folder, 'relay.db-wal')).size).toBe(0);
  await stop();
  database.close();
});

/** So much that the log is to begin anew. */
function fill(database: Database): void {
  database.exec('CREATE TABLE filler (id INTEGER PRIMARY KEY, bytes BLOB)');
  const insert = database.prepare('INSERT INTO filler VALUES (?, zeroblob(400000))');
  for (let round = 0; round < 70; round += 1) insert.run(round);
}

function pagesOfLog(database: Database): number {
  const [result] = database.pragma('wal_checkpoint(NOOP)') as { log: number }[];
  return result!.log;
}

test('the write-ahead log begins anew between commits, and none of them has to see to it', async () => {
  const { database, write, stop, error } = open();
  fill(database);
  expect(pagesOfLog(database)).toBeGreaterThan(6000);
  const pragma = vi.spyOn(database, 'pragma');
  let cursor = 0;
  await vi.waitFor(
    () => {
      cursor += 1;
      write(cursor);
      expect(pagesOfLog(database)).toBeLessThan(1000);
    },
    { timeout: 4000, interval: 50 },
  );
  expect(pragma).not.toHaveBeenCalledWith('wal_checkpoint(PASSIVE)');
  await stop();
  database.close();
  expect(error).not.toHaveBeenCalled();
});

test('the write-ahead log begins anew beside a writer that never rests', { timeout: 20_000 }, async () => {
  const { database, write, stop, error } = open();
  fill(database);
  const still = new Int32Array(new SharedArrayBuffer(4));
  let cursor = 0;
  let most = 0;
  await vi.waitFor(
    () => {
      // So quickly that something is left whenever the thread is through.
      for (let commit = 0; commit < 50; commit += 1) {
        cursor += 1;
        write(cursor);
        Atomics.wait(still, 0, 0, 1);
      }
      const pages = pagesOfLog(database);
      most = Math.max(most, pages);
      expect(pages).toBeLessThan(1000);
    },
    { timeout: 15_000, interval: 1 },
  );
  // Before a commit had to see to it.
  expect(most).toBeGreaterThan(6000);
  expect(most).toBeLessThan(14_900);
  await stop();
  database.close();
  expect(error).not.toHaveBeenCalled();
});
