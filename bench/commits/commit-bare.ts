import type { Database, Statement } from 'better-sqlite3';
import { openRelayDatabase } from '../../src-relay/event-log/open-relay-database.ts';
import type { BareInput, CommitOutcome } from './commit-calls.ts';
import { countRows, tablesOf } from './count-rows.ts';

interface Write {
  statement: Statement<unknown[]>;
  values: unknown[];
}

/** Writes what makes one database of the other, in so many transactions, by statements alone. */
export function commitBare({ before, after, warmUpGroups, groups }: BareInput): CommitOutcome {
  const database = openRelayDatabase(before);
  try {
    const writes = planWrites(database, after, warmUpGroups + groups);
    let startedAt = performance.now();
    for (const [index, group] of writes.entries()) {
      if (index === warmUpGroups) startedAt = performance.now();
      database
        .transaction(() => {
          for (const { statement, values } of group) statement.run(...values);
        })
        .immediate();
    }
    return { seconds: (performance.now() - startedAt) / 1000, rows: countRows(database) };
  } finally {
    database.close();
  }
}

/**
 * New rows are spread over the groups in the order in which they were made. A row that changed was written once by every
 * group, since each group works on every conversation.
 */
function planWrites(database: Database, after: string, groups: number): Write[][] {
  const writes: Write[][] = Array.from({ length: groups }, () => []);
  database.prepare('ATTACH ? AS later').run(after);
  const tables = tablesOf(database);
  const found = tables.map((table) => ({ table, ...differences(database, table) }));
  database.exec('DETACH later');
  for (const { table, columns, keys, added, changed } of found) {
    const list = columns.map((column) => `"${column}"`).join(', ');
    const insert = database.prepare<unknown[]>(
      `INSERT INTO "${table}" (${list}) VALUES (${columns.map(() => '?').join(', ')})`,
    );
    added.forEach((row, index) => {
      const group = writes[Math.floor((index * groups) / added.length)]!;
      group.push({ statement: insert, values: columns.map((column) => row[column]) });
    });
    if (changed.length === 0) continue;
    const others = columns.filter((column) => !keys.includes(column));
    const update = database.prepare<unknown[]>(
      `UPDATE "${table}" SET ${others.map((column) => `"${column}" = ?`).join(', ')} WHERE ${where(keys)}`,
    );
    for (const group of writes) {
      for (const row of changed) group.push({ statement: update, values: [...others, ...keys].map((one) => row[one]) });
    }
  }
  return writes;
}

function differences(database: Database, table: string) {
  const info = database.pragma(`table_info("${table}")`) as { name: string; pk: number }[];
  const columns = info.map(({ name }) => name);
  const keys = info.filter(({ pk }) => pk > 0).map(({ name }) => name);
  // Rows of an event were made with it, whatever the table's own order: what is to hit all over an index is to do so.
  const order = [...columns.filter((column) => column === 'seq'), ...keys].map((column) => `"${column}"`).join(', ');
  const rows = database
    .prepare<[], Record<string, unknown>>(
      `SELECT * FROM later."${table}" EXCEPT SELECT * FROM main."${table}" ORDER BY ${order}`,
    )
    .all();
  const isThere = database.prepare(`SELECT 1 FROM main."${table}" WHERE ${where(keys)}`);
  const isChanged = (row: Record<string, unknown>): boolean =>
    isThere.get(...keys.map((key) => row[key])) !== undefined;
  return { columns, keys, added: rows.filter((row) => !isChanged(row)), changed: rows.filter(isChanged) };
}

function where(keys: readonly string[]): string {
  return keys.map((key) => `"${key}" = ?`).join(' AND ');
}
