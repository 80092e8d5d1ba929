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
  /** Positions of all items, which are unique in the table, with the rowids of their roots. */
  readonly positions = new Map<number, number>();
  lastRowid = 0;

  constructor(role: 'root' | 'item') {
    this.role = role;
  }

  /** In ascending order of position. */
  itemsOf(root: number): ItemRow[] {
    return [...(this.items.get(root)?.values() ?? [])].sort((a, b) => a.position - b.position);
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
  /** What takes back the newest commits, newest last: they are lost when power fails. */
  readonly recent: (() => void)[][] = [];

  constructor(agentId: string) {
    this.agentId = agentId;
  }

  /** @throws an error as SQLite's when a page has gone bad */
  requireSound(): void {
    if (this.isDamaged) throw Object.assign(new Error('database disk image is malformed'), { code: 'SQLITE_CORRUPT' });
  }

  rootsOf(kind: string): DiskTable | undefined {
    return this.tables.get(subjectKinds.find(({ name }) => name === kind)?.tables[0]?.name ?? '');
  }

  rootOf(subject: SubjectRef): DiskRoot | null {
    const { kind, id } = parseSubjectRef(subject);
    return this.rootsOf(kind)?.roots.get(id) ?? null;
  }

  /** Confirmed rows of everything held. */
  held(): Map<SubjectRef, HeldRows> {
    const held = new Map<SubjectRef, HeldRows>();
    for (const { name: kind, tables } of subjectKinds) {
      for (const { rowid, row, ...rest } of this.rootsOf(kind)?.roots.values() ?? []) {
        const items = tables.flatMap(({ name, role }) =>
          role === 'root'
            ? []
            : this.tables
                .get(name)!
                .itemsOf(rowid)
                .map((item) => ({ table: name, row: item })),
        );
        held.set(subjectRef(kind, row.id), { root: row, items, ...rest });
      }
    }
    return held;
  }
}
