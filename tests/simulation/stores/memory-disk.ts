import { type RootRow, type SubjectRef, parseSubjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import type { HeldRows, MemoryCacheState } from './memory-cache-state.ts';
import { MemoryOutboxState } from './memory-outbox-state.ts';

export type DiskFile = 'cache' | 'outbox';

/** Right before and right after something gets to the disk. */
export type CommitPoint = 'before-commit' | 'after-commit';

/** Thrown by everything that a process which died still tries to do with its disk. */
export class ProcessDied extends Error {
  constructor() {
    super('This process died.');
  }
}

/**
 * The disk of one console: what survives a kill −9. Rows on it are never changed but replaced, so that a copy of it is
 * cheap.
 */
export class MemoryDisk {
  outbox: MemoryOutboxState | null = null;
  /** As the files of `CacheFolder`: the one in use, a snapshot being fetched, a complete one, a damaged one. */
  readonly cache: Record<'current' | 'next' | 'ready' | 'damaged', MemoryCacheState | null> = {
    ...{ current: null, next: null, ready: null, damaged: null },
  };
  /**
   * Called around every durable write; `crash` in it is a kill −9 at that point.
   * @param name what writes: a method of the writer's thread (`applyFrame`), a step of a swap (`swap.ready`), or a
   * store's method (`command.add`)
   */
  onCommitPoint: (point: CommitPoint, file: DiskFile, name: string) => void = () => undefined;
  /** A disk on which nothing more can be written. */
  isFull = false;
  /** What the writer's thread is at, for the names of commit points. */
  task = 'open';
  #life = 1;

  /** Which process this is; a handle of an earlier one is dead. */
  get life(): number {
    return this.#life;
  }

  /** A kill −9: every handle that is open is dead from now on, and the disk stays as it is. */
  crash(): void {
    this.#life += 1;
  }

  /**
   * Power fails: as `crash`, and the newest commits of the cache, which is written without waiting for the disk, are
   * lost with their cursor (SYNC-O1). The outbox loses nothing.
   * @param commits at most; eight are remembered
   */
  losePower(commits: number): void {
    this.crash();
    const state = this.cache.current;
    for (let lost = 0; state !== null && lost < commits; lost += 1) {
      for (const undo of state.recent.pop()?.reverse() ?? []) undo();
      state.version += 1;
    }
  }

  /** @throws ProcessDied when the process of that number is gone */
  requireAlive(life: number): void {
    if (life !== this.#life) throw new ProcessDied();
  }

  /** One durable write: all of `work`, or nothing of it when it throws before its end. */
  commit<Answer>(life: number, file: DiskFile, name: string, work: () => Answer): Answer {
    this.requireAlive(life);
    this.onCommitPoint('before-commit', file, name);
    this.requireAlive(life);
    if (this.isFull) throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    const answer = work();
    this.onCommitPoint('after-commit', file, name);
    this.requireAlive(life);
    return answer;
  }

  /** The outbox as a backup of this machine would have it. */
  copyOutbox(): MemoryOutboxState | null {
    return this.outbox?.copy() ?? null;
  }

  /** Puts an old copy in its place. No process may be running. */
  restoreOutbox(copy: MemoryOutboxState | null): void {
    this.crash();
    this.outbox = copy?.copy() ?? null;
  }

  /** Confirmed rows of everything held in the cache that is in use, or would be used next. */
  held(): Map<SubjectRef, HeldRows> {
    return (this.cache.ready ?? this.cache.current)?.held() ?? new Map<SubjectRef, HeldRows>();
  }

  /**
   * The cache goes: deleted, which no running process notices, since its handles stay good, or with pages gone bad, which
   * whoever reads or writes it next notices.
   */
  loseCache(how: 'deleted' | 'damaged'): void {
    if (how === 'deleted') Object.assign(this.cache, { current: null, next: null, ready: null, damaged: null });
    else if (this.cache.current !== null) this.cache.current.isDamaged = true;
  }

  /** A page goes bad in a way that nothing notices but a digest (SYNC-D4): changes one stored row. */
  spoilRow(subject: SubjectRef, change: (row: RootRow) => RootRow): void {
    const root = this.cache.current?.rootOf(subject) ?? null;
    if (root === null) return;
    const state = this.cache.current!;
    state.rootsOf(parseSubjectRef(subject).kind)!.roots.set(root.row.id, { ...root, row: change(root.row) });
    state.version += 1;
  }
}
