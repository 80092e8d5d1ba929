import type { ItemRow } from '../../../shared/domain/subject/subject-kind.ts';
import type {
  CacheMeta,
  CachePlace,
  CacheStore,
  CachedFiles,
  OpenedCache,
  NewItem,
  RowTable,
  StoredRoot,
} from '../../../src-main/core/cache/cache-store.ts';
import { frozenJson } from './frozen-json.ts';
import { type DiskRoot, type DiskTable, MemoryCacheState } from './memory-cache-state.ts';
import type { MemoryDisk } from './memory-disk.ts';

const MOST_LOST_COMMITS = 8;

/** Takes back, in reverse order, what a transaction did that failed. */
type UndoLog = (() => void)[];

class MemoryRowTable implements RowTable {
  readonly #table: DiskTable;
  readonly #undo: UndoLog;

  constructor(table: DiskTable, undo: UndoLog) {
    this.#table = table;
    this.#undo = undo;
  }

  findRoot(id: string): StoredRoot | null {
    return this.#table.roots.get(id) ?? null;
  }

  findItem(subject: number, id: string): ItemRow | null {
    return this.#table.items.get(subject)?.get(id) ?? null;
  }

  itemsOf(subject: number): ItemRow[] {
    return [...this.#table.itemsOf(subject)];
  }

  insertRoot(root: StoredRoot): number {
    const { roots } = this.#table;
    if (roots.has(root.row.id)) throw constraint();
    const rowid = root.rowid ?? this.#table.lastRowid + 1;
    this.#put({ ...root, rowid, row: frozenJson(root.row) });
    return rowid;
  }

  updateRoot(rowid: number, root: StoredRoot): void {
    this.#put({ ...root, rowid, row: frozenJson(root.row) });
  }

  deleteRoot(rowid: number, { id }: { id: string }): void {
    const before = this.#table.roots.get(id);
    if (before?.rowid !== rowid) return;
    this.#table.roots.delete(id);
    // As in a database, the rowid that was given last is given again.
    const { lastRowid } = this.#table;
    if (rowid === lastRowid) this.#table.lastRowid -= 1;
    this.#undo.push(() => {
      this.#table.roots.set(id, before);
      this.#table.lastRowid = lastRowid;
    });
  }

  insertItems(items: readonly NewItem[]): void {
    for (const { subject, row } of items) this.#insertItem(subject, row);
  }

  #insertItem(subject: number, item: ItemRow): void {
    const { items, positions } = this.#table;
    if (positions.has(item.position)) throw constraint();
    let ofSubject = items.get(subject);
    if (ofSubject === undefined) {
      ofSubject = new Map();
      items.set(subject, ofSubject);
    }
    const known = ofSubject;
    known.set(item.id, frozenJson(item));
    positions.set(item.position, subject);
    this.#table.itemsChanged(subject);
    this.#undo.push(() => {
      known.delete(item.id);
      positions.delete(item.position);
      this.#table.itemsChanged(subject);
    });
  }

  updateItem(subject: number, item: ItemRow, before: ItemRow): void {
    if (item.position !== before.position) {
      this.deleteItem(before);
      this.#insertItem(subject, item);
      return;
    }
    const ofSubject = this.#table.items.get(subject);
    ofSubject?.set(item.id, frozenJson(item));
    this.#table.itemsChanged(subject);
    this.#undo.push(() => {
      ofSubject?.set(item.id, before);
      this.#table.itemsChanged(subject);
    });
  }

  deleteItem(before: ItemRow): void {
    const { items, positions } = this.#table;
    const subject = positions.get(before.position);
    const ofSubject = items.get(subject ?? 0);
    const row = ofSubject?.get(before.id);
    if (subject === undefined || ofSubject === undefined || row === undefined) return;
    ofSubject.delete(before.id);
    positions.delete(before.position);
    this.#table.itemsChanged(subject);
    this.#undo.push(() => {
      ofSubject.set(before.id, row);
      positions.set(before.position, subject);
      this.#table.itemsChanged(subject);
    });
  }

  deleteItemsOf(subject: number): void {
    const { items, positions } = this.#table;
    const before = items.get(subject);
    if (before === undefined) return;
    items.delete(subject);
    for (const { position } of before.values()) positions.delete(position);
    this.#table.itemsChanged(subject);
    this.#undo.push(() => {
      this.#table.itemsChanged(subject);
      items.set(subject, before);
      for (const { position } of before.values()) positions.set(position, subject);
    });
  }

  ids(afterId: string, limit: number): string[] {
    return [...this.#table.roots.keys()]
      .filter((id) => id > afterId)
      .sort()
      .slice(0, limit);
  }

  allIds(): Iterable<string> {
    return this.#table.roots.keys();
  }

  dirtyIds(limit: number): string[] {
    const dirty = [...this.#table.roots.values()].filter(({ isDirty }) => isDirty);
    return dirty.slice(0, limit).map(({ row }) => row.id);
  }

  #put(root: DiskRoot): void {
    const { roots } = this.#table;
    const { id } = root.row;
    const before = roots.get(id);
    const { lastRowid } = this.#table;
    roots.set(id, root);
    this.#table.lastRowid = Math.max(lastRowid, root.rowid);
    this.#undo.push(() => {
      if (before === undefined) roots.delete(id);
      else roots.set(id, before);
      this.#table.lastRowid = lastRowid;
    });
  }
}

/** A handle of the writer. */
class MemoryCacheStore implements CacheStore {
  readonly tables: ReadonlyMap<string, RowTable>;
  readonly files: CachedFiles;
  readonly #disk: MemoryDisk;
  readonly #life: number;
  readonly #state: MemoryCacheState;
  readonly #undo: UndoLog = [];

  constructor(disk: MemoryDisk, state: MemoryCacheState) {
    this.#disk = disk;
    this.#life = disk.life;
    this.#state = state;
    this.tables = new Map([...state.tables].map(([name, table]) => [name, new MemoryRowTable(table, this.#undo)]));
    this.files = {
      put: (fileId, subject, chunks) =>
        this.transact(() => {
          const before = state.files.get(fileId);
          state.files.set(fileId, { chunks, subjects: new Set([...(before?.subjects ?? []), subject]) });
          this.#undo.push(() => {
            if (before === undefined) state.files.delete(fileId);
            else state.files.set(fileId, before);
          });
        }),
      unlink: (subject) => {
        for (const [fileId, file] of state.files) {
          if (!file.subjects.has(subject)) continue;
          const subjects = new Set([...file.subjects].filter((one) => one !== subject));
          if (subjects.size === 0) state.files.delete(fileId);
          else state.files.set(fileId, { ...file, subjects });
          this.#undo.push(() => state.files.set(fileId, file));
        }
      },
    };
  }

  meta(): CacheMeta {
    this.#disk.requireAlive(this.#life);
    this.#state.requireSound();
    return this.#state.meta;
  }

  setMeta(meta: CacheMeta): void {
    const before = this.#state.meta;
    this.#state.meta = meta;
    this.#undo.push(() => {
      this.#state.meta = before;
    });
  }

  recordCommand(commandId: string, seq: number): void {
    const { appliedCommands } = this.#state;
    if (appliedCommands.has(commandId)) return;
    appliedCommands.set(commandId, seq);
    this.#undo.push(() => appliedCommands.delete(commandId));
  }

  forgetCommands(seq: number): void {
    this.transact(() => {
      const { appliedCommands } = this.#state;
      for (const [id, appliedAt] of appliedCommands) {
        if (appliedAt > seq) continue;
        appliedCommands.delete(id);
        this.#undo.push(() => appliedCommands.set(id, appliedAt));
      }
    });
  }

  transact(work: () => void): void {
    this.#state.requireSound();
    this.#disk.commit(this.#life, 'cache', this.#disk.task, () => {
      try {
        work();
      } catch (error) {
        for (const undo of this.#undo.reverse()) undo();
        this.#undo.length = 0;
        throw error;
      }
      this.#state.version += 1;
      this.#state.recent.push(this.#undo.splice(0));
      if (this.#state.recent.length > MOST_LOST_COMMITS) this.#state.recent.shift();
    });
  }

  settle(): void {
    // Nothing is kept for speed.
  }

  tidy(): void {
    // There is no file.
  }

  scrub(): boolean {
    return true;
  }

  close(): void {
    // There is nothing to let go of.
  }

  closeInOrder(): void {
    this.#disk.requireAlive(this.#life);
    this.#state.isOpen = false;
  }
}

/** What `CacheFolder` is to files. */
export class MemoryCachePlace implements CachePlace {
  readonly #disk: MemoryDisk;
  readonly #life: number;
  readonly #agentId: string;

  constructor(disk: MemoryDisk, agentId: string) {
    this.#disk = disk;
    this.#life = disk.life;
    this.#agentId = agentId;
  }

  open(): OpenedCache {
    this.#disk.requireAlive(this.#life);
    const { cache } = this.#disk;
    this.#finishSwap();
    cache.next = null;
    const kept = cache.current;
    if (kept === null || (kept.meta.epoch === null && !kept.isDamaged)) {
      return { store: this.#make('current'), state: 'made', wasUnclean: false };
    }
    if (kept.isDamaged || kept.agentId !== this.#agentId) {
      this.moveAside();
      return { store: this.#make('current'), state: 'rebuilt', wasUnclean: false };
    }
    const wasUnclean = kept.isOpen;
    kept.isOpen = true;
    return { store: new MemoryCacheStore(this.#disk, kept), state: 'kept', wasUnclean };
  }

  makeNext(): CacheStore {
    return this.#make('next');
  }

  swap(): void {
    this.#commit('swap.ready', () => {
      const { cache } = this.#disk;
      cache.ready = cache.next;
      cache.next = null;
    });
    this.#finishSwap();
  }

  dropNext(): void {
    this.#disk.requireAlive(this.#life);
    this.#disk.cache.next = null;
  }

  moveAside(): void {
    this.#commit('moveAside', () => {
      const { cache } = this.#disk;
      cache.damaged = cache.current;
      cache.current = null;
    });
  }

  dropDamaged(): void {
    this.#disk.requireAlive(this.#life);
    this.#disk.cache.damaged = null;
  }

  removeAll(): void {
    for (const slot of ['current', 'next', 'ready', 'damaged'] as const) {
      if (this.#disk.cache[slot] === null) continue;
      this.#commit(`remove.${slot}`, () => {
        this.#disk.cache[slot] = null;
      });
    }
  }

  #finishSwap(): void {
    const { cache } = this.#disk;
    if (cache.ready === null) return;
    this.#commit('swap.removeOld', () => {
      cache.current = null;
    });
    this.#commit('swap.done', () => {
      cache.current = cache.ready;
      cache.ready = null;
    });
  }

  #make(slot: 'current' | 'next'): MemoryCacheStore {
    this.#disk.requireAlive(this.#life);
    const state = new MemoryCacheState(this.#agentId);
    this.#disk.cache[slot] = state;
    return new MemoryCacheStore(this.#disk, state);
  }

  /** Files are renamed and removed also on a full disk. */
  #commit(name: string, work: () => void): void {
    const { isFull } = this.#disk;
    this.#disk.isFull = false;
    try {
      this.#disk.commit(this.#life, 'cache', name, work);
    } finally {
      this.#disk.isFull = isFull;
    }
  }
}

function constraint(): Error {
  return Object.assign(new Error('UNIQUE constraint failed'), { code: 'SQLITE_CONSTRAINT_UNIQUE' });
}
