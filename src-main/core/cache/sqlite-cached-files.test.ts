import BetterSqlite, { type Database } from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cacheSchemaSql } from './cache-schema.ts';
import { SqliteCachedFiles } from './sqlite-cached-files.ts';

let database: Database;
beforeEach(() => {
  database = new BetterSqlite(':memory:');
  database.exec(cacheSchemaSql);
});
afterEach(() => database.close());

const ofKilobytes = (count: number) => [new Uint8Array(count * 1024)];

test('the oldest files make room for a new one, and nothing is left of them', () => {
  const files = new SqliteCachedFiles(database, 10 * 1024);
  files.put('old', 'conversation:a', ofKilobytes(4), 1);
  files.put('newer', 'conversation:a', ofKilobytes(4), 2);
  files.put('newest', 'conversation:b', ofKilobytes(4), 3);
  expect(database.prepare('SELECT id FROM file ORDER BY fetchedAt').pluck().all()).toEqual(['newer', 'newest']);
  expect(database.prepare('SELECT DISTINCT fileId FROM fileChunk ORDER BY fileId').pluck().all()).toEqual([
    ...['newer', 'newest'],
  ]);
  expect(database.prepare('SELECT subject, fileId FROM fileLink ORDER BY fileId').all()).toEqual([
    { subject: 'conversation:a', fileId: 'newer' },
    { subject: 'conversation:b', fileId: 'newest' },
  ]);
});

test('what is fetched anew keeps the links that it had', () => {
  const files = new SqliteCachedFiles(database, 10 * 1024);
  files.put('one', 'conversation:a', ofKilobytes(1), 1);
  files.put('one', 'conversation:b', ofKilobytes(1), 2);
  files.unlink('conversation:a');
  expect(database.prepare('SELECT id FROM file').pluck().all()).toEqual(['one']);
  files.unlink('conversation:b');
  expect(database.prepare('SELECT id FROM file').pluck().all()).toEqual([]);
});
