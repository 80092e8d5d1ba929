import type { ItemRow, RowChange, SubjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import type { BaseRows, PendingTable } from './reader-store.ts';

/** Rowids of predicted subjects that no confirmed row has yet. */
const FIRST_NEW_ROWID = 2 ** 50;

/**
 * Predicted rows beside the confirmed ones. A list is `base minus hidden, union pending`
 * (SYNC-R5).
 */
export class PendingRows {
  readonly #base: BaseRows;
  readonly #tables: ReadonlyMap<string, PendingTable>;
  /** How many predicted rows each table has. */
  readonly #counts = new Map<string, number>();
  readonly #newRoots = new Map<SubjectRef, number>();

  constructor(tables: ReadonlyMap<string, PendingTable>, base: BaseRows) {
    this.#base = base;
    this.#tables = tables;
  }

  /** Whether any row of the table is predicted, so that queries can leave the union out. */
  hasRows(table: string): boolean {
    return (this.#counts.get(table) ?? 0) > 0;
  }

  /** Puts a predicted row. @returns what `undo` needs to take it away again */
  put(subject: SubjectRef, change: RowChange, commandId: string): { table: string; rowid: number } | null {
    const table = this.#tables.get(change.table);
    if (table === undefined) return null;
    const isRoot = table.role === 'root';
    const id = change.op === 'put' ? change.row.id : change.id;
    const root = this.rootRowid(subject);
    const stored = this.#base.rootRowid(subject);
    const base = isRoot ? stored : stored === null ? null : this.#base.itemRowid(change.table, stored, id);
    const rowid = isRoot ? root : (base ?? (change.op === 'put' ? (change.row as ItemRow).position : null));
    // An item that is deleted before it ever was.
    if (rowid === null) return null;
    if (change.op === 'put') table.put(rowid, root, change.row, commandId);
    else table.remove(rowid);
    // Not before its successor is there: what cannot be written must not make the row vanish.
    if (base !== null) table.hide(base);
    this.#count(change.table, 1);
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
    for (const table of this.#tables.values()) table.clear();
    this.#counts.clear();
  }

  undo({ table: name, rowid }: { table: string; rowid: number }): void {
    const table = this.#tables.get(name);
    if (table === undefined) return;
    table.remove(rowid);
    table.show(rowid);
    this.#count(name, -1);
  }

  #count(table: string, change: number): void {
    this.#counts.set(table, (this.#counts.get(table) ?? 0) + change);
  }
}
