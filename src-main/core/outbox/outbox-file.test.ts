import fs from 'node:fs';
import path from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import { TEST_KEYS, makeFolder, removeFolders } from '../../../tests/fakes/console-process.ts';
import { isDamage } from '../cache/open-database.ts';
import { openEncryptedDatabase } from '../encrypted-database.ts';
import { openOutboxFile } from './outbox-file.ts';

afterEach(removeFolders);

function open(file: string, key = TEST_KEYS.outbox) {
  return openOutboxFile({ file, open: (one) => openEncryptedDatabase(one, key, 'write'), isDamage, now: 1234 });
}

test('SYNC-O1 every commit of the outbox is on the disk when it returns, also on macOS', () => {
  const { database } = open(path.join(makeFolder('liendesk-outbox-'), 'outbox.db'));
  expect(database.pragma('synchronous', { simple: true })).toBe(2);
  expect(database.pragma('fullfsync', { simple: true })).toBe(1);
  expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
  database.close();
});

test.each([
  ['overwritten', (file: string) => fs.writeFileSync(file, Buffer.alloc(50_000, 'noise'))],
  ['cut in half', (file: string) => fs.truncateSync(file, Math.floor(fs.statSync(file).size / 8192) * 4096)],
])('SYNC-O1 an outbox that is %s is moved aside, never deleted, and an empty one begun', (_what, damage) => {
  const file = path.join(makeFolder('liendesk-outbox-'), 'outbox.db');
  open(file).database.close();
  damage(file);
  const damaged = fs.readFileSync(file);
  const { database, damagedFile } = open(file);
  expect(damagedFile).toBe(`${file}.damaged-1234`);
  expect(fs.readFileSync(damagedFile!).equals(damaged)).toBe(true);
  expect(database.prepare('SELECT count(*) FROM command').pluck().get()).toBe(0);
  database.close();
});

test('SYNC-P1 an outbox of a newer version is refused, and left as it is', () => {
  const file = path.join(makeFolder('liendesk-outbox-'), 'outbox.db');
  const { database } = open(file);
  database.pragma('user_version = 99');
  database.close();
  expect(() => open(file)).toThrow(expect.objectContaining({ kind: 'incompatible' }));
  expect(fs.readdirSync(path.dirname(file))).toEqual(['outbox.db']);
});

test('SYNC-L7 what was deleted is not in the file any more', () => {
  const file = path.join(makeFolder('liendesk-outbox-'), 'outbox.db');
  const plain = (name: string) => {
    const database = new BetterSqlite3(name);
    database.pragma('journal_mode = WAL');
    return database;
  };
  const { database } = openOutboxFile({ file, open: plain, isDamage: () => false, now: 0 });
  const texts = ['before', 'zzsecretword', 'after'].map((word) => `${word} `.repeat(300));
  for (const [index, text] of texts.entries()) {
    database.prepare('INSERT INTO setting (key, value) VALUES (?, ?)').run(String(index), text);
  }
  const fold = () => database.pragma('wal_checkpoint(TRUNCATE)');
  fold();
  expect(fs.readFileSync(file).includes('zzsecretword')).toBe(true);
  database.prepare("DELETE FROM setting WHERE key = '1'").run();
  fold();
  expect(fs.readFileSync(file).includes('zzsecretword')).toBe(false);
  database.close();
});
