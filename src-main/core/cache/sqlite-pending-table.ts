import type { Database, Statement } from 'better-sqlite3';
import type { Row, TableSpec } from '../../../shared/domain/subject/subject-kind.ts';
import { columnsOf, createPendingSql, hiddenTableOf, pendingTableOf, searchTableOf } from './cache-schema.ts';
import type { PendingTable } from './reader-store.ts';
import { searchTextOf } from './sqlite-row-table.ts';

/** Temporary tables of the reader's connection, with a search index of their own. */
export class SqlitePendingTable implements PendingTable {
  readonly #spec: TableSpec;
  readonly #put: Statement<unknown[]>;
  readonly #hide: Statement<[number]>;
  readonly #remove: Statement<[number]>;
  readonly #show: Statement<[number]>;
  readonly #index: Statement<[number, string]>;
  readonly #unindex: Statement<[number]>;
  readonly #clear: Statement<[]>[];

  constructor(database: Database, spec: TableSpec) {
    this.#spec = spec;
    database.exec(createPendingSql(spec));
    const pending = `temp."${pendingTableOf(spec.name)}"`;
    const hidden = `temp."${hiddenTableOf(spec.name)}"`;
    const index = `temp."${searchTableOf(pendingTableOf(spec.name))}"`;
    const columns = [...columnsOf(spec).map((column) => `"${column}"`), 'commandId'];
    this.#put = database.prepare(
      `INSERT OR REPLACE INTO ${pending} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
    );
    this.#hide = database.prepare(`INSERT OR IGNORE INTO ${hidden} (rid) VALUES (?)`);
    this.#remove = database.prepare(`DELETE FROM ${pending} WHERE rowid = ?`);
    this.#show = database.prepare(`DELETE FROM ${hidden} WHERE rid = ?`);
    this.#index = database.prepare(`INSERT INTO ${index} (rowid, text) VALUES (?, ?)`);
    this.#unindex = database.prepare(`DELETE FROM ${index} WHERE rowid = ?`);
    this.#clear = [pending, hidden, index].map((name) => database.prepare(`DELETE FROM ${name}`));
  }

  get role(): 'root' | 'item' {
    return this.#spec.role;
  }

  put(rowid: number, root: number, row: Row, commandId: string): void {
    this.#unindex.run(rowid);
    this.#put.run(...valuesOf(this.#spec, rowid, root, row), commandId);
    const text = searchTextOf(this.#spec, row);
    if (text !== null) this.#index.run(rowid, text);
  }

  remove(rowid: number): void {
    this.#unindex.run(rowid);
    this.#remove.run(rowid);
  }

  hide(rowid: number): void {
    this.#hide.run(rowid);
  }

  show(rowid: number): void {
    this.#show.run(rowid);
  }

  clear(): void {
    for (const statement of this.#clear) statement.run();
  }
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
