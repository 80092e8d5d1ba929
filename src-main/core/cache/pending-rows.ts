import type { Database, Statement } from 'better-sqlite3';
import type { ItemRow, Row, RowChange, SubjectRef, TableSpec } from '../../../shared/domain/subject/subject-kind.ts';
import type { BaseRows } from './base-rows.ts';
import {
  columnsOf,
  createPendingSql,
  hiddenTableOf,
  pendingTableOf,
  searchTableOf,
  tableSpecs,
} from './cache-schema.ts';
import { searchTextOf } from './row-table.ts';

interface PendingTable {
  spec: TableSpec;
  put: Statement<unknown[]>;
  hide: Statement<[number]>;
  remove: Statement<[number]>;
  show: Statement<[number]>;
  index: Statement<[number, string]>;
  unindex: Statement<[number]>;
  clear: Statement<[]>[];
  count: number;
}

/** Rowids of predicted subjects that no confirmed row has yet. */
const FIRST_NEW_ROWID = 2 ** 50;

/**
 * Predicted rows in temporary tables of the reader's connection. A list is `base minus hidden, union pending`
 * (SYNC-R5).
 */
export class PendingRows {
  readonly #base: BaseRows;
  readonly #tables: Map<string, PendingTable>;
  readonly #newRoots = new Map<SubjectRef, number>();

  constructor(database: Database, base: BaseRows) {
    this.#base = base;
    for (const spec of tableSpecs) database.exec(createPendingSql(spec));
    this.#tables = new Map(tableSpecs.map((spec) => [spec.name, prepareTable(database, spec)]));
  }

  /** Whether any row of the table is predicted, so that queries can leave the union out. */
  hasRows(table: string): boolean {
    return (this.#tables.get(table)?.count ?? 0) > 0;
  }

  /** Puts a predicted row. @returns what `undo` needs to take it away again */
  put(subject: SubjectRef, change: RowChange, commandId: string): { table: string; rowid: number } | null {
    const table = this.#tables.get(change.table);
    if (table === undefined) return null;
    const isRoot = table.spec.role === 'root';
    const id = change.op === 'put' ? change.row.id : change.id;
    const root = this.rootRowid(subject);
    const stored = this.#base.rootRowid(subject);
    const base = isRoot ? stored : stored === null ? null : this.#base.itemRowid(change.table, stored, id);
    const rowid = isRoot ? root : (base ?? (change.op === 'put' ? (change.row as ItemRow).position : null));
    // An item that is deleted before it ever was.
    if (rowid === null) return null;
    table.unindex.run(rowid);
    if (change.op === 'put') {
      table.put.run(...valuesOf(table.spec, rowid, root, change.row), commandId);
      const text = searchTextOf(table.spec, change.row);
      if (text !== null) table.index.run(rowid, text);
    } else table.remove.run(rowid);
    // Not before its successor is there: what cannot be written must not make the row vanish.
    if (base !== null) table.hide.run(base);
    table.count += 1;
    return { table: change.table, rowid };
  }

  /** Rowid of a root as lists show it, confirmed or only predicted. */
  rootRowid(subject: SubjectRef): number {
    const base = this.#base.rootRowid(subject);
    if (base !== null) return base;
    let rowid = this.#newRoots.get(subject);
    if (rowid === undefined) {
      rowid = FIRST_NEW_ROWID + this.#newRoots.size;
      this.#newRoots.set(subject, rowid);
    }
    return rowid;
  }

  clear(): void {
    for (const table of this.#tables.values()) {
      for (const statement of table.clear) statement.run();
      table.count = 0;
    }
  }

  undo({ table: name, rowid }: { table: string; rowid: number }): void {
    const table = this.#tables.get(name);
    if (table === undefined) return;
    table.remove.run(rowid);
    table.show.run(rowid);
    table.unindex.run(rowid);
    table.count -= 1;
  }
}

function prepareTable(database: Database, spec: TableSpec): PendingTable {
  const pending = `temp."${pendingTableOf(spec.name)}"`;
  const hidden = `temp."${hiddenTableOf(spec.name)}"`;
  const index = `temp."${searchTableOf(pendingTableOf(spec.name))}"`;
  const columns = [...columnsOf(spec).map((column) => `"${column}"`), 'commandId'];
  return {
    spec,
    put: database.prepare(
      `INSERT OR REPLACE INTO ${pending} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
    ),
    hide: database.prepare(`INSERT OR IGNORE INTO ${hidden} (rid) VALUES (?)`),
    remove: database.prepare(`DELETE FROM ${pending} WHERE rowid = ?`),
    show: database.prepare(`DELETE FROM ${hidden} WHERE rid = ?`),
    index: database.prepare(`INSERT INTO ${index} (rowid, text) VALUES (?, ?)`),
    unindex: database.prepare(`DELETE FROM ${index} WHERE rowid = ?`),
    clear: [pending, hidden, index].map((name) => database.prepare(`DELETE FROM ${name}`)),
    count: 0,
  };
}

function valuesOf(spec: TableSpec, rowid: number, root: number, row: Row): unknown[] {
  const declared = Object.keys(spec.columns).map(
    (column) => (row as unknown as Record<string, unknown>)[column] ?? null,
  );
  const json = JSON.stringify(row);
  if (spec.role === 'item') return [rowid, row.id, root, row.asOf, json, ...declared];
  // Window and completeness of a predicted root are those of its base row; see `BaseRows.windowOf`.
  return [rowid, row.id, row.asOf, 0, 1, 0, json, ...declared];
}
