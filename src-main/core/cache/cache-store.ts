import type { ItemRow, RootRow, Row } from '../../../shared/domain/subject/subject-kind.ts';

/** A root row with what the cache knows of its subject. `rowid` is null while it is not stored. */
export interface StoredRoot {
  rowid: number | null;
  row: RootRow;
  /** Position of the first item held. */
  windowFrom: number;
  /** There is nothing older than that. */
  isComplete: boolean;
  /** It has a change that this version does not understand (SYNC-P1). */
  isDirty: boolean;
}

/** An item that is not stored yet. */
export interface NewItem {
  /** Rowid of its root. */
  subject: number;
  row: ItemRow;
}

/** One table of rows. Roots are found by id, items by id and the rowid of the root they belong to. */
export interface RowTable {
  findRoot(id: string): StoredRoot | null;
  findItem(subject: number, id: string): ItemRow | null;
  /** Items of one subject, in ascending order of position. */
  itemsOf(subject: number): ItemRow[];
  /** @returns the rowid it got: its own, where it has one */
  insertRoot(root: StoredRoot): number;
  /** @param before the row as it is stored, and for `delete…` too: an index may have to be told what leaves it */
  updateRoot(rowid: number, root: StoredRoot, before: Row): void;
  deleteRoot(rowid: number, before: Row): void;
  /** In ascending order of position, which is how an index is cheapest to fill (SYNC-S6). */
  insertItems(items: readonly NewItem[]): void;
  updateItem(subject: number, item: ItemRow, before: ItemRow): void;
  deleteItem(before: ItemRow): void;
  deleteItemsOf(subject: number): void;
  /** Ids of roots, in order, after `afterId`. */
  ids(afterId: string, limit: number): string[];
  /** Ids of all roots, in any order. */
  allIds(): Iterable<string>;
  /** Roots with a change that this version does not understand. */
  dirtyIds(limit: number): string[];
}

export interface CacheMeta {
  /** Null while nothing whole was ever fetched. */
  epoch: string | null;
  cursor: number;
  /** Epoch ms: where the default window of what is held begins. */
  heldSince: number;
}

/** Attachments fetched from the relay, each linked to the subjects whose members may see it. */
export interface CachedFiles {
  /** Keeps a whole file, in a transaction of its own. @param fetchedAt epoch ms */
  put(fileId: string, subject: string, chunks: readonly Uint8Array[], fetchedAt: number): void;
  /** The subject was left: files that no other subject links go with it. Part of the caller's transaction. */
  unlink(subject: string): void;
}

/** Where the rows of one cache lie, as its one writer sees it. */
export interface CacheStore {
  readonly tables: ReadonlyMap<string, RowTable>;
  readonly files: CachedFiles;
  meta(): CacheMeta;
  setMeta(meta: CacheMeta): void;
  /** A command of this agent is in the log; its prediction is not needed any more. */
  recordCommand(commandId: string, seq: number): void;
  /** Forgets those with a seq up to this one. */
  forgetCommands(seq: number): void;
  /** All of `work`, or nothing of it when it throws. */
  transact(work: () => void): void;
  /**
   * Work on the file that nobody waits for, a bounded piece of it: between transactions, so that none of them is longer
   * for it. To be called after each.
   */
  tidy(): void;
  /** There will be less to do from now on: memory that only speed needs is given back. */
  settle(): void;
  /** Removes deleted text from wherever else it may still lie. @returns false when it has to be tried again */
  scrub(): boolean;
  /** Closes it as it is: whoever opens it next has reason to check it. */
  close(): void;
  /** Marks it as closed in order, then closes it. */
  closeInOrder(): void;
}

/** What became of the cache when it was opened. */
export interface OpenedCache<Store extends CacheStore = CacheStore> {
  store: Store;
  /** `rebuilt`: what was there could not be used, and an empty one was made in its place. */
  state: 'kept' | 'made' | 'rebuilt';
  /** The last process did not close it: it should be checked. */
  wasUnclean: boolean;
}

/** Where a cache is kept, with the snapshot that is fetched beside it and the damaged one that was moved aside. */
export interface CachePlace {
  /** Opens the cache for writing, or makes an empty one. */
  open(): OpenedCache;
  /** An empty store for a snapshot. */
  makeNext(): CacheStore;
  /**
   * Puts a complete snapshot, closed before, in the place of the cache, which must be closed as well.
   * @throws AppError `storage` when the snapshot is not whole; the cache is then as it was
   */
  swap(): void;
  dropNext(): void;
  /** Takes a cache that cannot be used out of the way. One such is kept, until the cache is whole again. */
  moveAside(): void;
  /** What was moved aside may hold what the agent may no longer see; once all is fetched again nobody needs it. */
  dropDamaged(): void;
  /** Deletes everything cached. All stores must be closed. */
  removeAll(): void;
}
