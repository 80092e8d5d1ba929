import { kindOf, subjectKinds } from '../../../shared/domain/registry.ts';
import {
  type ItemRow,
  type RootRow,
  type SubjectReader,
  type SubjectRef,
  subjectRef,
} from '../../../shared/domain/subject/subject-kind.ts';
import { AppError } from '../../../shared/errors.ts';
import type { Overlay } from '../../../src-main/core/cache/overlay.ts';
import type {
  BaseRows,
  HeldWindow,
  PendingTable,
  ReaderStore,
  ReaderView,
  ReaderViewParts,
} from '../../../src-main/core/cache/reader-store.ts';
import { selectArrivals } from '../../../src-main/core/features/arrival-views.ts';
import type { SharedDraft } from '../../../shared/domain/draft/draft.ts';
import type { listSharedDrafts } from '../../../src-main/core/features/draft-views.ts';
import type { listErasures } from '../../../src-main/core/features/erasure-views.ts';
import { describeSelf } from '../../../src-main/core/features/workspace-views.ts';
import type { MemoryCacheState } from './memory-cache-state.ts';
import type { MemoryDisk } from './memory-disk.ts';

/** An item as a list shows it. */
export interface SeenItem {
  table: string;
  row: ItemRow;
  /** The pending command that made the row what it is; null for a confirmed one. */
  commandId: string | null;
}

/** A subject as the agent sees it: confirmed rows with pending work on top. */
export interface SeenSubject {
  root: RootRow | null;
  /** In the order of lists. */
  items: SeenItem[];
}

class MemoryBaseRows implements BaseRows {
  readonly #state: MemoryCacheState;

  constructor(state: MemoryCacheState) {
    this.#state = state;
  }

  reader(subject: SubjectRef): SubjectReader {
    return {
      root: <Root extends RootRow>() => (this.#state.rootOf(subject)?.row ?? null) as Root | null,
      item: <Item extends ItemRow>(table: string, id: string) => {
        const rowid = this.rootRowid(subject);
        return rowid === null
          ? null
          : ((this.#state.tables.get(table)?.items.get(rowid)?.get(id) ?? null) as Item | null);
      },
    } as SubjectReader;
  }

  rootRowid(subject: SubjectRef): number | null {
    return this.#state.rootOf(subject)?.rowid ?? null;
  }

  itemRowid(table: string, root: number, id: string): number | null {
    return this.#state.tables.get(table)?.items.get(root)?.get(id)?.position ?? null;
  }

  windowOf(subject: SubjectRef): HeldWindow | null {
    const root = this.#state.rootOf(subject);
    return root === null ? null : { from: root.windowFrom, isComplete: root.isComplete };
  }
}

class MemoryPendingTable implements PendingTable {
  readonly role: 'root' | 'item';
  readonly rows = new Map<number, { root: number; row: RootRow | ItemRow; commandId: string }>();
  readonly hidden = new Set<number>();

  constructor(role: 'root' | 'item') {
    this.role = role;
  }

  put(rowid: number, root: number, row: RootRow | ItemRow, commandId: string): void {
    this.rows.set(rowid, { root, row, commandId });
  }

  remove(rowid: number): void {
    this.rows.delete(rowid);
  }

  hide(rowid: number): void {
    this.hidden.add(rowid);
  }

  show(rowid: number): void {
    this.hidden.delete(rowid);
  }

  clear(): void {
    this.rows.clear();
    this.hidden.clear();
  }
}

/** What queries of a simulation read: the same fields as of a `CacheView`, without its SQL. */
export interface MemoryView extends Pick<ReaderViewParts, 'overlay' | 'local' | 'agentId'> {
  /** A subject as lists show it: base minus hidden, union pending. */
  see(subject: SubjectRef): SeenSubject;
}

export type MemoryQueries = Readonly<Record<string, (view: MemoryView, input: never) => unknown>>;

/** A handle of the reader, on the cache that was in use when it was opened. */
export class MemoryReaderStore implements ReaderStore {
  readonly base: BaseRows;
  readonly pending: ReadonlyMap<string, MemoryPendingTable>;
  readonly #disk: MemoryDisk;
  readonly #life: number;
  readonly #state: MemoryCacheState;
  readonly #queries: MemoryQueries;

  constructor(disk: MemoryDisk, queries: MemoryQueries) {
    const state = disk.cache.current;
    if (state === null) throw new AppError('internal', 'There is no cache to read.');
    this.#disk = disk;
    this.#life = disk.life;
    this.#state = state;
    this.#queries = queries;
    this.base = new MemoryBaseRows(state);
    this.pending = new Map([...state.tables].map(([name, { role }]) => [name, new MemoryPendingTable(role)]));
  }

  version(): number {
    return this.#state.version;
  }

  isApplied(commandId: string): boolean {
    return this.#state.appliedCommands.has(commandId);
  }

  transact<Answer>(work: () => Answer): Answer {
    this.#disk.requireAlive(this.#life);
    this.#state.requireSound();
    return work();
  }

  /** Answers what the core itself asks, and what the simulation does. */
  makeView({ overlay, local, agentId }: ReaderViewParts): ReaderView {
    const view = {
      ...{ overlay, local, agentId },
      see: (subject: SubjectRef) => this.#see(overlay, subject),
      root: (kind: string, id: string) => overlay.reader(subjectRef(kind, id)).root(),
      item: (subject: SubjectRef, table: string, id: string) => overlay.reader(subject).item(table, id),
    };
    return {
      answer: (name, input) => {
        const query = this.#queries[name];
        if (query !== undefined) return query(view, input as never);
        if (name === 'self') return describeSelf(view as unknown as Parameters<typeof describeSelf>[0]);
        if (name === 'arrivals') {
          return selectArrivals(view as unknown as Parameters<typeof selectArrivals>[0], input as never);
        }
        if (name === 'erasures') return this.#listErasures();
        if (name === 'sharedDrafts') return this.#listSharedDrafts();
        throw new AppError('unsupported', `There is no request ${name} in memory.`);
      },
    };
  }

  close(): void {
    // There is nothing to let go of.
  }

  #listSharedDrafts(): ReturnType<typeof listSharedDrafts> {
    const pending = this.pending.get('draft')!;
    const base = [...(this.#state.rootsOf('draft')?.roots.values() ?? [])];
    const rows = [
      ...base.filter(({ rowid }) => !pending.hidden.has(rowid)).map(({ row }) => row),
      ...[...pending.rows.values()].map(({ row }) => row),
    ];
    return rows as SharedDraft[];
  }

  #listErasures(): ReturnType<typeof listErasures> {
    return subjectKinds.flatMap(({ name, erases }) =>
      erases === undefined
        ? []
        : [...(this.#state.rootsOf(name)?.roots.values() ?? [])].map(({ row }) => {
            const { subject, at } = erases(row);
            return { subject, at, seq: row.asOf, isBack: this.#state.rootOf(subject) !== null };
          }),
    );
  }

  #see(overlay: Overlay, subject: SubjectRef): SeenSubject {
    const rowid = overlay.rows.rootRowid(subject);
    const items = (kindOf(subject)?.tables ?? []).flatMap(({ name, role }): SeenItem[] => {
      if (role === 'root') return [];
      const { rows, hidden } = this.pending.get(name)!;
      const list = this.#state.tables.get(name)!.itemsOf(rowid);
      if (rows.size + hidden.size === 0) return this.#seenAsTheyAre(name, list);
      const confirmed = list
        .filter(({ position }) => !hidden.has(position))
        .map((row) => ({ at: row.position, table: name, row, commandId: null as string | null }));
      const predicted = [...rows]
        .filter(([, { root }]) => root === rowid)
        .map(([at, { row, commandId }]) => ({ at, table: name, row: row as ItemRow, commandId }));
      return [...confirmed, ...predicted].sort((a, b) => a.at - b.at).map(({ at: _at, ...item }) => item);
    });
    return { root: overlay.reader(subject).root(), items };
  }

  /** Items of which nothing is pending: lists of rows do not change. */
  #seenAsTheyAre(table: string, list: readonly ItemRow[]): SeenItem[] {
    const { shownLists } = this.#state;
    let seen = shownLists.get(list);
    if (seen === undefined) {
      seen = list.map((row) => ({ table, row, commandId: null }));
      shownLists.set(list, seen);
    }
    return seen;
  }
}
