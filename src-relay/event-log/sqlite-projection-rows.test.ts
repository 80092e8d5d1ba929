import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findKind } from '../../shared/domain/registry.ts';
import { openRelayDatabase } from './open-relay-database.ts';
import { SqliteProjectionRows } from './sqlite-projection-rows.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'projection-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const customer = findKind('customer')!;
const conversation = findKind('conversation')!;
const lan = { id: 'lan', asOf: 3, bornSeq: 1, name: 'Lan', phone: '0901' };

test('a table whose kind has other columns now is filled again from its own rows', () => {
  const file = path.join(folder, 'relay.db');
  const database = openRelayDatabase(file);
  new SqliteProjectionRows(database).write(customer, { op: 'put', table: 'customer', row: lan });
  // As an earlier version, which had no columns yet, would have left it.
  database.exec(`
    ALTER TABLE customer DROP COLUMN phone;
    UPDATE projection_table SET definition = 'an earlier one' WHERE name = 'customer';`);
  const tables = new SqliteProjectionRows(database);
  expect(tables.readRoot(customer, 'lan')).toEqual(lan);
  expect(database.prepare('SELECT phone FROM customer').pluck().all()).toEqual(['0901']);
  database.close();
});

test('deleting a root deletes its items, and no others', () => {
  const database = openRelayDatabase(path.join(folder, 'relay.db'));
  const tables = new SqliteProjectionRows(database);
  for (const [position, subjectId] of [
    [1, 'a'],
    [2, 'b'],
    [3, 'a'],
  ] as const) {
    tables.write(conversation, {
      op: 'put',
      table: 'message',
      row: { id: `m${position}`, subjectId, position, asOf: 1 },
    });
  }
  tables.write(conversation, { op: 'delete', table: 'conversation', id: 'a' });
  expect(['m1', 'm2', 'm3'].map((id) => tables.readItem('message', id)?.id)).toEqual([undefined, 'm2', undefined]);
  database.close();
});
