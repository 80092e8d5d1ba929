import { subjectKinds } from '../../../shared/domain/registry.ts';
import {
  type ItemRow,
  type RootRow,
  type SubjectRef,
  parseSubjectRef,
  subjectRef,
} from '../../../shared/domain/subject/subject-kind.ts';
import { tableSpecs } from '../../../src-main/core/cache/cache-schema.ts';
import type { CacheMeta, StoredRoot } from '../../../src-main/core/cache/cache-store.ts';
import type { SeenItem } from './memory-reader.ts';

export type DiskRoot = StoredRoot & { rowid: number };

interface CachedFile {
  chunks: readonly Uint8Array[];
  /** Subjects that link it. */
  subjects: Set<string>;
}

/** A subject as a cache has it. */
export interface HeldRows {
  root: RootRow;
  items: { table: string; row: ItemRow }[];
  isComplete: boolean;
  windowFrom: number;
  isDirty: boolean;
}

/** One table on the disk. */
export class DiskTable {
  readonly role: 'root' | 'item';
  readonly roots = new Map<string, DiskRoot>();
  readonly items = new Map<number, Map<string, ItemRow>>();
  /** Items in order of position, of roots whose items did not change since somebody asked. */
  readonly #lists = new Map<number, readonly ItemRow[]>();
  /** Positions of all items, which are unique in the table, with the rowids of their roots. */
  readonly positions = new Map<number, number>();
  lastRowid = 0;

  constructor(role: 'root' | 'item') {
    this.role = role;
  }

  /** In ascending order of position; the same list until they change. */
  itemsOf(root: number): readonly ItemRow[] {
    let list = this.#lists.get(root);
    if (list === undefined) {
      list = [...(this.items.get(root)?.values() ?? [])].sort((a, b) => a.position - b.position);
      this.#lists.set(root, list);
    }
    return list;
  }

  /** To be called with each change of the root's items. */
  itemsChanged(root: number): void {
    this.#lists.delete(root);
  }
}

/** What lies in one cache file. */
export class MemoryCacheState {
  readonly agentId: string;
  readonly tables = new Map(tableSpecs.map((spec) => [spec.name, new DiskTable(spec.role)]));
  readonly appliedCommands = new Map<string, number>();
  readonly files = new Map<string, CachedFile>();
  meta: CacheMeta = { epoch: null, cursor: 0, heldSince: 0 };
  /** Another one after each commit. */
  version = 1;
  /** No process closed it in order. */
  isOpen = true;
  isDamaged = false;
  /** What `held` said of a root, and the lists of items that it said it of. */
  readonly #knownHeld = new WeakMap<
    DiskRoot,
    { subject: SubjectRef; lists: readonly (readonly ItemRow[])[]; held: HeldRows }
  >();
  /** What `held` said last; nothing changes but in commits. */
  #lastHeld: { version: number; held: Map<SubjectRef, HeldRows> } | null = null;
  /** What a view shows of lists of which nothing is pending: they do not change. */
  readonly shownLists = new WeakMap<readonly ItemRow[], SeenItem[]>();
  readonly #roots: ReadonlyMap<string, DiskTable>;
  readonly #kinds: readonly { kind: string; roots: DiskTable; itemTables: { name: string; table: DiskTable }[] }[];
  /** What takes back the newest commits, newest last: they are lost when power fails. */
  readonly recent: (() => void)[][] = [];

  constructor(agentId: string) {
    this.agentId = agentId;
    this.#roots = new Map(subjectKinds.map(({ name, tables }) => [name, this.tables.get(tables[0]!.name)!]));
    this.#kinds = subjectKinds.map(({ name: kind, tables }) => {
      const items = tables.filter(({ role }) => role === 'item');
      const itemTables = items.map(({ name }) => ({ name, table: this.tables.get(name)! }));
      return { kind, roots: this.#roots.get(kind)!, itemTables };
    });
  }

  /** @throws an error as SQLite's when a page has gone bad */
  requireSound(): void {
    if (this.isDamaged) throw Object.assign(new Error('database disk image is malformed'), { code: 'SQLITE_CORRUPT' });
  }

  rootsOf(kind: string): DiskTable | undefined {
    return this.#roots.get(kind);
  }

  rootOf(subject: SubjectRef): DiskRoot | null {
    const { kind, id } = parseSubjectRef(subject);
    return this.rootsOf(kind)?.roots.get(id) ?? null;
  }

  /** Confirmed rows of everything held. What is said of a subject is the same object until the subject changes. */
  held(): Map<SubjectRef, HeldRows> {
    if (this.#lastHeld?.version !== this.version) this.#lastHeld = { version: this.version, held: this.#listHeld() };
    return this.#lastHeld.held;
  }

  #listHeld(): Map<SubjectRef, HeldRows> {
    const all = new Map<SubjectRef, HeldRows>();
    for (const { kind, roots, itemTables } of this.#kinds) {
      for (const root of roots.roots.values()) {
        let known = this.#knownHeld.get(root);
        if (
          known === undefined ||
          itemTables.some(({ table }, index) => table.itemsOf(root.rowid) !== known!.lists[index])
        ) {
          const lists = itemTables.map(({ table }) => table.itemsOf(root.rowid));
          const { rowid: _rowid, row, ...rest } = root;
          const items = lists.flatMap((list, index) =>
            list.map((item) => ({ table: itemTables[index]!.name, row: item })),
          );
          known = { subject: subjectRef(kind, row.id), lists, held: { root: row, items, ...rest } };
          this.#knownHeld.set(root, known);
        }
        all.set(known.subject, known.held);
      }
    }
    return all;
  }
}
