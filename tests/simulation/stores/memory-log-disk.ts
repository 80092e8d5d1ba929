import type { LoggedEvent } from '../../../shared/relay-protocol/frames.ts';
import {
  type LogStorage,
  type TransactionName,
  WriterReplacedError,
} from '../../../src-relay/event-log/log-storage.ts';
import { openMemoryDeliveries, openMemoryTimers } from './memory-log-deliveries.ts';
import { ConstraintError, openMemoryRecords } from './memory-log-records.ts';
import { listMemoryRoots, openMemoryRows } from './memory-log-rows.ts';
import { MemoryLogState } from './memory-log-state.ts';

/** The process that this storage was open in has died: whatever still runs of it gets nothing done. */
export class CrashedError extends Error {
  constructor() {
    super('this process has died');
    this.name = 'CrashedError';
  }
}

class DiskFullError extends Error {
  constructor() {
    super('the disk is full');
    this.name = 'DiskFullError';
  }
}

/** `before`: what the transaction did will not be there; `after`: it is, and nobody knows of it yet. */
export type CommitPoint = 'before-commit' | 'after-commit';

/**
 * What an event log leaves on a disk, without the disk: the storage for simulations, which open thousands of them. A
 * commit is durable, `crash` leaves what was committed and nothing else, and what JSON would lose is refused.
 */
export class MemoryLogDisk {
  #state: MemoryLogState | null = null;
  #handles = new Set<{ isAlive: boolean }>();

  /**
   * Called around every commit of something, in the middle of whoever commits. It may call `crash`, and then, in a world
   * of processes, nothing of the caller would be left: its storage throws from there on.
   */
  onCommitPoint: ((point: CommitPoint, name: TransactionName) => void) | null = null;
  /** So many of the next transactions that store something fail as on a full disk. */
  failTransactions = 0;

  /** Opens what is stored; the opener becomes its one writer. @param newEpoch of the first lineage */
  open(newEpoch: () => string): LogStorage {
    const state = (this.#state ??= new MemoryLogState(null, newEpoch()));
    state.writerGeneration += 1;
    const handle = { isAlive: true };
    this.#handles.add(handle);
    return this.#storageOf(handle, state.writerGeneration);
  }

  /** As `kill -9`: what has it open gets nothing done any more. What was committed stays. */
  crash(): void {
    for (const handle of this.#handles) handle.isAlive = false;
    this.#handles.clear();
  }

  /** Events that are stored, of `after < seq`: for one who watches, whether or not anybody has it open. */
  listEvents(after: number): LoggedEvent[] {
    const { events } = this.#state ?? new MemoryLogState();
    return events.slice(Math.max(0, after + 1 - (events.at(0)?.seq ?? 0)), events.length);
  }

  /** What is stored now, as a backup has it. */
  copy(): MemoryLogDisk {
    const copy = new MemoryLogDisk();
    copy.#state = this.#state === null ? null : new MemoryLogState(this.#state);
    return copy;
  }

  /** Puts a backup in the place of what is stored; what has it open dies. `rotateEpoch` is the next opener's to do. */
  restore(backup: MemoryLogDisk): void {
    this.crash();
    this.#state = backup.copy().#state;
  }

  #storageOf(handle: { isAlive: boolean }, generation: number): LogStorage {
    let isInTransaction = false;
    const read = (): MemoryLogState => {
      if (!handle.isAlive) throw new CrashedError();
      return this.#state!;
    };
    const transaction = <Result>(name: TransactionName, write: () => Result): Result => {
      const state = read();
      if (isInTransaction) throw new Error('transactions are not nested');
      if (state.writerGeneration !== generation) throw new WriterReplacedError();
      isInTransaction = true;
      let hasWritten: boolean;
      let result: Result;
      try {
        result = write();
        hasWritten = !state.journal.isEmpty;
        if (hasWritten) this.#beforeCommit(name);
        read();
        state.journal.commit();
      } catch (error) {
        state.journal.rollBack();
        throw error;
      } finally {
        isInTransaction = false;
      }
      if (hasWritten) this.onCommitPoint?.('after-commit', name);
      read();
      return result;
    };
    return {
      records: openMemoryRecords(read),
      rows: openMemoryRows(read),
      deliveries: openMemoryDeliveries(read, transaction),
      timers: openMemoryTimers(read, transaction),
      transaction,
      failureOf: (error) => {
        if (error instanceof ConstraintError) return 'refused';
        const isUnwritable =
          error instanceof CrashedError || error instanceof DiskFullError || error instanceof WriterReplacedError;
        return isUnwritable ? 'unwritable' : null;
      },
      listRoots: async (kind) => listMemoryRoots(read(), kind),
    };
  }

  #beforeCommit(name: TransactionName): void {
    if (this.failTransactions > 0) {
      this.failTransactions -= 1;
      throw new DiskFullError();
    }
    this.onCommitPoint?.('before-commit', name);
  }
}
