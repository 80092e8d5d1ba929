import { findKind } from '../registry.ts';
import {
  type FoldChange,
  type ItemRow,
  type RootRow,
  type RowChange,
  type SubjectReader,
  parseSubjectRef,
} from './subject-kind.ts';

export type FoldOutcome =
  | { known: true; rows: RowChange[] }
  /** This version knows neither kind nor change type, or not in this form: the subject has to be fetched again after an upgrade (SYNC-P1). */
  | { known: false };

/**
 * Folds one change over the rows that `reader` shows, for every kind alike. Changes that a row already contains
 * (`seq ≤ asOf`) leave it as it is, so that applying anything twice is harmless (SYNC-L2, SYNC-S4).
 */
export function foldChange(reader: SubjectReader, change: FoldChange): FoldOutcome {
  const kind = findKind(parseSubjectRef(change.subject).kind);
  const declared = kind?.changes[change.type];
  if (kind === undefined || declared === undefined || change.v > declared.v) return { known: false };
  const root = reader.root();
  if (root !== null && root.asOf >= change.seq) return { known: true, rows: [] };
  const rows = kind.fold(reader, change).filter((row) => !contains(reader, row, change.seq));
  return { known: true, rows };
}

function contains(reader: SubjectReader, row: RowChange, seq: number): boolean {
  const { table } = row;
  const id = row.op === 'put' ? row.row.id : row.id;
  const current: ItemRow | RootRow | null =
    row.op === 'put' && 'position' in row.row ? reader.item(table, id) : null;
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
