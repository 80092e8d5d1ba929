import { kindOf } from '../registry.ts';
import { type FoldChange, type ItemRow, type RootRow, type RowChange, type SubjectReader } from './subject-kind.ts';

export type FoldOutcome =
  | { known: true; rows: RowChange[] }
  /** This version knows neither kind nor change type, or not in this form: the subject has to be fetched again after an upgrade (SYNC-P1). */
  | { known: false };

/**
 * Folds the changes that one event makes to one subject, in their order, over the rows that `reader` shows; for every
 * kind alike. Rows that contain the event already (`seq ≤ asOf`) stay as they are, so that applying anything twice is
 * harmless (SYNC-L2, SYNC-S4). Never call it with a part of an event's changes to the subject: rows say up to which
 * event they are, not up to which change. Of several changes to one row only the last comes back.
 */
export function foldChanges(reader: SubjectReader, changes: readonly FoldChange[]): FoldOutcome {
  const [first] = changes;
  if (first === undefined) return { known: true, rows: [] };
  const kind = kindOf(first.subject);
  const rootTable = kind?.tables[0]?.name;
  if (kind === undefined || rootTable === undefined) return { known: false };
  for (const change of changes) {
    const declared = kind.changes[change.type];
    if (declared === undefined || change.v > declared.v) return { known: false };
  }
  const root = reader.root();
  if (root !== null && root.asOf >= first.seq) return { known: true, rows: [] };

  if (changes.length === 1) {
    // Nearly always it is one, which sees no other; and its rows, the root and an item, are not of one table.
    const rows = kind.fold(reader, first).filter((row) => !containsItem(reader, row, first.seq));
    if (rows.length < 2 || (rows.length === 2 && rows[0]!.table !== rows[1]!.table)) return { known: true, rows };
  }
  const overlay = new OverlayReader(reader, rootTable);
  const folded = new Map<string, RowChange>();
  for (const change of changes) {
    const rows = kind.fold(overlay, change).filter((row) => !containsItem(reader, row, change.seq));
    overlay.apply(rows);
    for (const row of rows) {
      const key = `${row.table}/${row.op === 'put' ? row.row.id : row.id}`;
      // Deleted first, so that the order is that of the last change: deleting a root takes its items with it.
      folded.delete(key);
      folded.set(key, row);
    }
  }
  return { known: true, rows: [...folded.values()] };
}

function containsItem(reader: SubjectReader, row: RowChange, seq: number): boolean {
  if (row.op !== 'put' || !('position' in row.row)) return false;
  const current: ItemRow | null = reader.item(row.table, row.row.id);
  return current !== null && current.asOf >= seq;
}

/** A reader with not yet stored row changes on top: what a second change of the same event, or a prediction, must see. */
export class OverlayReader<Root extends RootRow = RootRow> implements SubjectReader<Root> {
  readonly #base: SubjectReader;
  readonly #rootTable: string;
  #root: Root | null | undefined;
  readonly #items = new Map<string, ItemRow | null>();

  constructor(base: SubjectReader, rootTable: string) {
    this.#base = base;
    this.#rootTable = rootTable;
  }

  apply(rows: readonly RowChange[]): void {
    for (const row of rows) {
      const isRoot = row.table === this.#rootTable;
      if (isRoot) this.#root = row.op === 'put' ? (row.row as Root) : null;
      else if (row.op === 'put') this.#items.set(`${row.table}/${row.row.id}`, row.row as ItemRow);
      else this.#items.set(`${row.table}/${row.id}`, null);
    }
  }

  root(): Root | null {
    return this.#root === undefined ? (this.#base.root() as Root | null) : this.#root;
  }

  item<Item extends ItemRow = ItemRow>(table: string, id: string): Item | null {
    const known = this.#items.get(`${table}/${id}`);
    return known === undefined ? this.#base.item<Item>(table, id) : (known as Item | null);
  }
}
