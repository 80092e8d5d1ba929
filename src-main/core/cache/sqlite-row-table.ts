import type { Database, Statement } from 'better-sqlite3';
import type { ItemRow, RootRow, Row, TableSpec } from '../../../shared/domain/subject/subject-kind.ts';
import { foldText } from '../../../shared/primitives/fold-text.ts';
import { columnsOf, searchTableOf } from './cache-schema.ts';
import type { NewItem, RowTable, StoredRoot } from './cache-store.ts';
import { parseStoredRow } from './open-database.ts';

interface RootColumns {
  rid: number;
  windowFrom: number;
  isComplete: number;
  isDirty: number;
  row: string;
}

/** Of new items, by one statement: half of what it takes to write one is the call. */
const ITEMS_AT_ONCE = 16;

/** Writes one table and its search index. Every statement is prepared once. */
export class SqliteRowTable implements RowTable {
  readonly spec: TableSpec;
  readonly #find: Statement<(string | number)[], unknown>;
  readonly #insert: Statement<unknown[]>;
  readonly #insertMany: Statement<unknown[]> | null;
  readonly #database: Database;
  /** By the declared columns that they change: an index is rewritten whenever its column is named, changed or not. */
  readonly #updates = new Map<string, Statement<unknown[]>>();
  readonly #deleteOne: Statement<[number]>;
  readonly #listOfSubject: Statement<[number], { position: number; row: string }> | null;
  readonly #deleteOfSubject: Statement<[number]> | null;
  readonly #index: { insert: Statement<[number, string]>; remove: Statement<[number, string]> } | null;
  readonly #declared: string[];

  constructor(database: Database, spec: TableSpec) {
    this.#database = database;
    this.spec = spec;
    this.#declared = Object.keys(spec.columns);
    const name = `"${spec.name}"`;
    const rowid = spec.role === 'root' ? 'rid' : 'position';
    const columns = columnsOf(spec);
    const quoted = columns.map((column) => `"${column}"`);
    this.#find = database.prepare(
      spec.role === 'root'
        ? `SELECT rid, windowFrom, isComplete, isDirty, row FROM ${name} WHERE id = ?`
        : // The plus keeps the planner from walking all items of the subject.
          `SELECT row FROM ${name} WHERE id = ? AND +subject = ?`,
    );
    const values = `(${columns.map(() => '?').join(', ')})`;
    this.#insert = database.prepare(`INSERT INTO ${name} (${quoted.join(', ')}) VALUES ${values}`);
    this.#deleteOne = database.prepare(`DELETE FROM ${name} WHERE ${rowid} = ?`);
    const isItem = spec.role === 'item';
    // A failure ends the whole transaction anyhow: without `OR FAIL` each page would be copied first, to undo one statement.
    const many = `INSERT OR FAIL INTO ${name} (${quoted.join(', ')}) VALUES ${Array(ITEMS_AT_ONCE).fill(values).join(', ')}`;
    this.#insertMany = isItem ? database.prepare(many) : null;
    this.#listOfSubject = isItem ? database.prepare(`SELECT position, row FROM ${name} WHERE subject = ?`) : null;
    this.#deleteOfSubject = isItem ? database.prepare(`DELETE FROM ${name} WHERE subject = ?`) : null;
    const index = `"${searchTableOf(spec.name)}"`;
    this.#index =
      spec.searchText === undefined
        ? null
        : {
            insert: database.prepare(`INSERT INTO ${index} (rowid, text) VALUES (?, ?)`),
            remove: database.prepare(`INSERT INTO ${index} (${index}, rowid, text) VALUES ('delete', ?, ?)`),
          };
  }

  findRoot(id: string): StoredRoot | null {
    const found = this.#find.get(id) as RootColumns | undefined;
    if (found === undefined) return null;
    return {
      rowid: found.rid,
      row: parseStoredRow<RootRow>(found.row),
      windowFrom: found.windowFrom,
      isComplete: found.isComplete === 1,
      isDirty: found.isDirty === 1,
    };
  }

  findItem(subject: number, id: string): ItemRow | null {
    const found = this.#find.get(id, subject) as { row: string } | undefined;
    return found === undefined ? null : parseStoredRow<ItemRow>(found.row);
  }

  itemsOf(subject: number): ItemRow[] {
    const found = this.#listOfSubject?.all(subject) ?? [];
    return found.map(({ row }) => parseStoredRow<ItemRow>(row)).sort((a, b) => a.position - b.position);
  }

  insertRoot(root: StoredRoot): number {
    const { lastInsertRowid } = this.#insert.run(root.rowid, ...this.#rootValues(root));
    const rowid = Number(lastInsertRowid);
    this.#addToIndex(rowid, root.row);
    return rowid;
  }

  updateRoot(rowid: number, root: StoredRoot, before: Row): void {
    const { row } = root;
    const values = [row.asOf, root.windowFrom, root.isComplete ? 1 : 0, root.isDirty ? 1 : 0, JSON.stringify(row)];
    this.#change(rowid, ['asOf', 'windowFrom', 'isComplete', 'isDirty', 'row'], values, before, row);
    this.#changeInIndex(rowid, before, root.row);
  }

  deleteRoot(rowid: number, before: Row): void {
    this.#deleteOne.run(rowid);
    this.#removeFromIndex(rowid, before);
  }

  insertItems(items: readonly NewItem[]): void {
    let start = 0;
    for (; start + ITEMS_AT_ONCE <= items.length; start += ITEMS_AT_ONCE) {
      const values: unknown[] = [];
      for (let index = start; index < start + ITEMS_AT_ONCE; index += 1) this.#pushItem(values, items[index]!);
      this.#insertMany?.run(values);
    }
    for (; start < items.length; start += 1) this.#insert.run(this.#pushItem([], items[start]!));
    for (const { row } of items) this.#addToIndex(row.position, row);
  }

  updateItem(subject: number, item: ItemRow, before: ItemRow): void {
    if (item.position !== before.position) {
      this.deleteItem(before);
      this.insertItems([{ subject, row: item }]);
      return;
    }
    this.#change(item.position, ['asOf', 'row'], [item.asOf, JSON.stringify(item)], before, item);
    this.#changeInIndex(item.position, before, item);
  }

  deleteItem(before: ItemRow): void {
    this.#deleteOne.run(before.position);
    this.#removeFromIndex(before.position, before);
  }

  deleteItemsOf(subject: number): void {
    if (this.#index !== null) {
      for (const { position, row } of this.#listOfSubject?.all(subject) ?? []) {
        this.#removeFromIndex(position, parseStoredRow<Row>(row));
      }
    }
    this.#deleteOfSubject?.run(subject);
  }

  ids(afterId: string, limit: number): string[] {
    return this.#database
      .prepare<[string, number], string>(`SELECT id FROM "${this.spec.name}" WHERE id > ? ORDER BY id LIMIT ?`)
      .pluck()
      .all(afterId, limit);
  }

  allIds(): Iterable<string> {
    return this.#database.prepare<[], string>(`SELECT id FROM "${this.spec.name}"`).pluck().iterate();
  }

  dirtyIds(limit: number): string[] {
    return this.#database
      .prepare<[number], string>(`SELECT id FROM "${this.spec.name}" WHERE isDirty = 1 LIMIT ?`)
      .pluck()
      .all(limit);
  }

  #change(rowid: number, columns: readonly string[], values: unknown[], before: Row, after: Row): void {
    const changed: string[] = [];
    for (const column of this.#declared) {
      const value = valueOf(after, column);
      if (valueOf(before, column) === value) continue;
      changed.push(column);
      values.push(value);
    }
    const key = changed.length === 0 ? '' : changed.join(',');
    let update = this.#updates.get(key);
    if (update === undefined) {
      const assignments = [...columns, ...changed].map((column) => `"${column}" = ?`).join(', ');
      update = this.#database.prepare(`UPDATE "${this.spec.name}" SET ${assignments} WHERE rowid = ?`);
      this.#updates.set(key, update);
    }
    update.run(...values, rowid);
  }

  #rootValues(root: StoredRoot): unknown[] {
    const { row } = root;
    return [
      row.id,
      row.asOf,
      root.windowFrom,
      root.isComplete ? 1 : 0,
      root.isDirty ? 1 : 0,
      JSON.stringify(row),
      ...this.#declaredValues(row),
    ];
  }

  #pushItem(values: unknown[], { subject, row }: NewItem): unknown[] {
    values.push(row.position, row.id, subject, row.asOf, JSON.stringify(row));
    for (const column of this.#declared) values.push(valueOf(row, column));
    return values;
  }

  #declaredValues(row: Row): unknown[] {
    return this.#declared.map((column) => valueOf(row, column));
  }

  #addToIndex(rowid: number, row: Row): void {
    const text = this.#index === null ? null : searchTextOf(this.spec, row);
    if (text !== null) this.#index?.insert.run(rowid, text);
  }

  /** The index keeps no text, so what leaves it has to be told exactly as it was put in. */
  #removeFromIndex(rowid: number, before: Row): void {
    const text = this.#index === null ? null : searchTextOf(this.spec, before);
    if (text !== null) this.#index?.remove.run(rowid, text);
  }

  #changeInIndex(rowid: number, before: Row, after: Row): void {
    if (this.#index === null) return;
    if (this.spec.searchText?.(before) === this.spec.searchText?.(after)) return;
    this.#removeFromIndex(rowid, before);
    this.#addToIndex(rowid, after);
  }
}

function valueOf(row: Row, column: string): unknown {
  return (row as unknown as Record<string, unknown>)[column] ?? null;
}

/** What is indexed of a row, folded; null when it is not searched. */
export function searchTextOf(spec: TableSpec, row: Row): string | null {
  const text = spec.searchText?.(row) ?? null;
  return text === null || text === '' ? null : foldText(text);
}
