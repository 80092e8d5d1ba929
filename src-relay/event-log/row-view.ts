import { kindOf } from '../../shared/domain/registry.ts';
import {
  type ItemRow,
  type RootRow,
  type RowChange,
  type SubjectReader,
  type SubjectRef,
  parseSubjectRef,
} from '../../shared/domain/subject/subject-kind.ts';
import type { ProjectionRows } from './log-storage.ts';
import type { PlanView } from './plan-command.ts';

const CACHED_ROOTS = 4096;

/**
 * Root rows as the last commits left them, for the next commands: those of the agents who work and of the conversations
 * they work on are read again and again. Right only as long as this process is the one writer. Never changed, since
 * `decide` and `fold` change nothing that they are given.
 */
export class RootCache {
  readonly #rows = new Map<SubjectRef, RootRow | null>();

  get(subject: SubjectRef): RootRow | null | undefined {
    return this.#rows.get(subject);
  }

  /** Takes over what a committed transaction wrote, and what it had to read from the storage. */
  keep(rows: ReadonlyMap<SubjectRef, RootRow | null>): void {
    for (const [subject, row] of rows) {
      // Those written of late last; where there is room for all of them, their order is of no account.
      if (this.#rows.size > CACHED_ROOTS / 2) this.#rows.delete(subject);
      this.#rows.set(subject, row);
    }
    for (const subject of this.#rows.keys()) {
      if (this.#rows.size <= CACHED_ROOTS) break;
      this.#rows.delete(subject);
    }
  }
}

/**
 * Rows of one transaction, each read from the storage at most once, with what the transaction has written so far.
 * Thrown away with the transaction, committed or not.
 */
export class RowView implements PlanView {
  readonly #stored: ProjectionRows;
  readonly #cache: RootCache | null;
  /** Those that the cache does not have as they are here. */
  readonly #roots = new Map<SubjectRef, RootRow | null>();
  /** By table and id. */
  readonly #items = new Map<string, Map<string, ItemRow | null>>();
  readonly #touched = new Map<SubjectRef, { before: RootRow | null; after: RootRow | null }>();

  constructor(stored: ProjectionRows, cache: RootCache | null = null) {
    this.#stored = stored;
    this.#cache = cache;
  }

  read<Root extends RootRow>(subject: SubjectRef): SubjectReader<Root> {
    return new RowReader<Root>(this, subject);
  }

  readRoot(subject: SubjectRef): RootRow | null {
    let known = this.#roots.get(subject);
    if (known === undefined) known = this.#cache?.get(subject);
    if (known !== undefined) return known;
    const kind = kindOf(subject);
    const row = kind === undefined ? null : this.#stored.readRoot(kind, parseSubjectRef(subject).id);
    this.#roots.set(subject, row);
    return row;
  }

  findItem(table: string, id: string): ItemRow | null {
    const known = this.#items.get(table)?.get(id);
    if (known !== undefined) return known;
    const row = this.#stored.readItem(table, id);
    this.#keepItem(table, id, row);
    return row;
  }

  listOwned(owner: SubjectRef): SubjectRef[] {
    return this.#stored.listOwned(owner);
  }

  /** Writes the rows of one subject, here and in the storage. */
  write(subject: SubjectRef, rows: readonly RowChange[]): void {
    const kind = kindOf(subject);
    if (kind === undefined) throw new Error(`no such kind of subject: ${subject}`);
    const before = this.readRoot(subject);
    for (const change of rows) {
      this.#stored.write(kind, change);
      const row = change.op === 'put' ? change.row : null;
      if (change.table !== kind.tables[0]?.name) {
        this.#keepItem(change.table, change.op === 'put' ? change.row.id : change.id, row as ItemRow | null);
        continue;
      }
      this.#roots.set(subject, row as RootRow | null);
      // Its items went with it; what is known of items is read again.
      if (row === null) this.#items.clear();
    }
    const after = this.readRoot(subject);
    const touched = this.#touched.get(subject);
    if (touched === undefined) this.#touched.set(subject, { before, after });
    else touched.after = after;
  }

  /** Root rows before the first and after the last write, per subject that was written. */
  touched(): ReadonlyMap<SubjectRef, { before: RootRow | null; after: RootRow | null }> {
    return this.#touched;
  }

  /** Root rows that were written, or were read from the storage. */
  roots(): ReadonlyMap<SubjectRef, RootRow | null> {
    return this.#roots;
  }

  #keepItem(table: string, id: string, row: ItemRow | null): void {
    const known = this.#items.get(table);
    if (known === undefined) this.#items.set(table, new Map([[id, row]]));
    else known.set(id, row);
  }
}

/** The rows of one subject in a view: many are asked for in each command, and each only once or twice. */
class RowReader<Root extends RootRow> implements SubjectReader<Root> {
  readonly #view: RowView;
  readonly #subject: SubjectRef;

  constructor(view: RowView, subject: SubjectRef) {
    this.#view = view;
    this.#subject = subject;
  }

  root(): Root | null {
    return this.#view.readRoot(this.#subject) as Root | null;
  }

  item<Item extends ItemRow>(table: string, id: string): Item | null {
    const row = this.#view.findItem(table, id);
    return row !== null && row.subjectId === parseSubjectRef(this.#subject).id ? (row as Item) : null;
  }
}
