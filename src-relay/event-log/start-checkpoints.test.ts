import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import BetterSqlite3, { type Database } from 'better-sqlite3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Subscribable } from '../../shared/primitives/subscribable.ts';
import type { Clock } from '../../shared/primitives/clock.ts';
import { waitFor } from '../../tests/fakes/wait-for.ts';
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
  await waitFor(() => expect(cursorInFile()).toBe(7));
  write(8);
  await waitFor(() => expect(cursorInFile()).toBe(8));
  await stop();
  expect(pagesBeforeCommitsCheckpoint(database)).toBe(1000);
  database.close();
  expect(error).not.toHaveBeenCalled();
});

test('SYNC-L7 the log of the database is emptied beside the thread that checkpoints', async () => {
  const { database, write, stop } = open();
  write(7);
  await waitFor(() => expect(cursorInFile()).toBe(7));
  write(8);
  await waitFor(() => expect(scrubDatabase(database)).toBe(true));
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

function stateOfLog(database: Database): { log: number; checkpointed: number } {
  const [result] = database.pragma('wal_checkpoint(NOOP)') as { log: number; checkpointed: number }[];
  return result!;
}

const pagesOfLog = (database: Database) => stateOfLog(database).log;
const pagesLeft = (database: Database) => pagesOfLog(database) - stateOfLog(database).checkpointed;

test('the write-ahead log begins anew between commits, and none of them has to see to it', async () => {
  const { database, write, stop, error } = open();
  fill(database);
  expect(pagesOfLog(database)).toBeGreaterThan(6000);
  const pragma = vi.spyOn(database, 'pragma');
  let cursor = 0;
  write(cursor);
  await waitFor(() => {
    // A commit in each of its rounds, as where flushing takes long, is the writer that never rests, below.
    expect(pagesLeft(database)).toBe(0);
    cursor += 1;
    write(cursor);
    expect(pagesOfLog(database)).toBeLessThan(1000);
  });
  expect(pragma).not.toHaveBeenCalledWith('wal_checkpoint(PASSIVE)');
  await stop();
  database.close();
  expect(error).not.toHaveBeenCalled();
});

test('the write-ahead log begins anew beside a writer that never rests', async () => {
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
    { timeout: 60_000, interval: 1 },
  );
  // Before a commit had to see to it.
  expect(most).toBeGreaterThan(6000);
  expect(most).toBeLessThan(14_900);
  await stop();
  database.close();
  expect(error).not.toHaveBeenCalled();
});
