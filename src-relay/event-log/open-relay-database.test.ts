import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import { openRelayDatabase } from './open-relay-database.ts';
import { logMigrations, migratePart } from './schema-migrations.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'relay-database-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (): string => path.join(folder, 'relay.db');

function errorOf(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('it should have been refused');
}

test('SYNC-C4 the database is opened with WAL and full synchronisation', () => {
  const database = openRelayDatabase(file());
  expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
  expect(database.pragma('synchronous', { simple: true })).toBe(2);
  expect(database.pragma('foreign_keys', { simple: true })).toBe(1);
  database.close();
});

test('a database is opened again as it was left', () => {
  const first = openRelayDatabase(file());
  first.exec("INSERT INTO reactor VALUES ('routing', 7)");
  first.close();
  const second = openRelayDatabase(file());
  expect(second.prepare('SELECT cursor FROM reactor').pluck().get()).toBe(7);
  second.close();
});

test('SYNC-O6 a database from before lineages were written down began with the epoch it has', () => {
  const old = new BetterSqlite3(file());
  old.exec(logMigrations[0]!);
  old.exec("INSERT INTO log_meta VALUES (1, 'old', 12, 0, 0); PRAGMA user_version = 1");
  old.pragma(`application_id = ${0x4c44726c}`);
  old.close();
  const database = openRelayDatabase(file());
  expect(database.prepare('SELECT epoch, since FROM lineage').all()).toEqual([{ epoch: 'old', since: 0 }]);
  database.close();
});

test('a database of a newer version is refused in one clear line and left as it is', () => {
  const database = openRelayDatabase(file());
  database.pragma('user_version = 999');
  database.close();
  const error = errorOf(() => openRelayDatabase(file()));
  expect(error.kind).toBe('incompatible');
  expect(error.message).toContain('newer version');
  const untouched = new BetterSqlite3(file());
  expect(untouched.pragma('user_version', { simple: true })).toBe(999);
  untouched.close();
});

test('a database of another program is refused', () => {
  const other = new BetterSqlite3(file());
  other.exec('CREATE TABLE theirs (id)');
  other.close();
  expect(errorOf(() => openRelayDatabase(file())).details.reason).toBe('database-foreign');
});

test('noise and an unreachable folder are storage errors', () => {
  writeFileSync(
    file(),
    'this is not a database, and it is long enough to have a header of one hundred bytes. '.repeat(9),
  );
  expect(errorOf(() => openRelayDatabase(file())).kind).toBe('storage');
  expect(errorOf(() => openRelayDatabase(path.join(folder, 'missing', 'relay.db'))).kind).toBe('storage');
});

test('parts bring their own numbered tables, step by step, and a newer part is refused', () => {
  const database = openRelayDatabase(file());
  const steps = ['CREATE TABLE session (id TEXT) STRICT', 'ALTER TABLE session ADD COLUMN agent TEXT'];
  migratePart(database, 'auth', steps.slice(0, 1));
  migratePart(database, 'auth', steps);
  migratePart(database, 'auth', steps);
  database.exec("INSERT INTO session VALUES ('a', 'b')");
  expect(errorOf(() => migratePart(database, 'auth', steps.slice(0, 1))).kind).toBe('incompatible');
  expect(() => migratePart(database, 'files', ['CREATE TABLE kept (id TEXT) STRICT', 'NOT SQL'])).toThrow();
  expect(database.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'kept'").pluck().get()).toBe(0);
  database.close();
});
