import { makeUuidV7 } from '../../../shared/primitives/uuid-v7.ts';
import type { SubjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import type { Account } from '../../../src-main/core/account.ts';
import type { EventLog } from '../../../src-relay/event-log/event-log.ts';
import { openEventLog } from '../../../src-relay/event-log/open-event-log.ts';
import { type MemoryAccount, openMemoryAccount } from './memory-account.ts';
import { MemoryDisk } from './memory-disk.ts';
import { MemoryLogDisk } from './memory-log-disk.ts';
import type {
  AccountProcess,
  ConsoleStore,
  HeldSubject,
  LogProcess,
  OnCommit,
  RelayStore,
  SeenSubject,
  Stores,
} from './stores.ts';

/** Disks in memory: thousands of worlds a minute, and a process may die at each single write. */
export const memoryStores: Stores = {
  makeRelay: (onCommit) => new MemoryRelayStore(onCommit),
  makeConsole: (_agentId, onCommit) => new MemoryConsoleStore(onCommit),
};

class MemoryRelayStore implements RelayStore {
  readonly #disk = new MemoryLogDisk();

  constructor(onCommit: OnCommit) {
    // Named first: V8 makes a function old at once that is written where it is assigned, with the world that it knows.
    const tell: NonNullable<MemoryLogDisk['onCommitPoint']> = (point, name) => onCommit(point, `log (${name})`);
    this.#disk.onCommitPoint = tell;
  }

  open(process: LogProcess): EventLog {
    const newEpoch = () => makeUuidV7(process.clock.now(), process.random.bytes(10));
    return openEventLog({
      ...process,
      storage: this.#disk.open(newEpoch),
      afterTurn: (task) => queueMicrotask(task),
    });
  }

  crash(): void {
    this.#disk.crash();
  }

  listEvents(after: number) {
    return this.#disk.listEvents(after);
  }

  backup(): unknown {
    return this.#disk.copy();
  }

  restore(backup: unknown): void {
    this.#disk.restore(backup as MemoryLogDisk);
  }

  setFull(isFull: boolean): void {
    this.#disk.failTransactions = isFull ? Number.POSITIVE_INFINITY : 0;
  }

  dispose(): void {
    this.#disk.crash();
  }
}

class MemoryConsoleStore implements ConsoleStore {
  readonly #disk = new MemoryDisk();
  #opened: MemoryAccount | null = null;

  constructor(onCommit: OnCommit) {
    const tell: MemoryDisk['onCommitPoint'] = (point, file, name) => onCommit(point, `${file} (${name})`);
    this.#disk.onCommitPoint = tell;
  }

  async open(process: AccountProcess): Promise<Account> {
    this.#opened = await openMemoryAccount(this.#disk, process);
    return this.#opened.account;
  }

  crash(): void {
    this.#disk.crash();
    this.#opened = null;
  }

  held(): Map<SubjectRef, HeldSubject> {
    return this.#disk.held() as unknown as Map<SubjectRef, HeldSubject>;
  }

  async see(subject: SubjectRef): Promise<SeenSubject> {
    const { root, items } = this.#opened!.see(subject);
    return { root, items: items.map(({ row }) => row) };
  }

  backupOutbox(): unknown {
    return this.#disk.copyOutbox();
  }

  restoreOutbox(backup: unknown): void {
    this.#disk.restoreOutbox(backup as ReturnType<MemoryDisk['copyOutbox']>);
  }

  loseCache(how: 'deleted' | 'damaged'): void {
    this.#disk.loseCache(how);
  }

  setFull(isFull: boolean): void {
    this.#disk.isFull = isFull;
  }

  dispose(): void {
    this.#disk.crash();
  }
}
