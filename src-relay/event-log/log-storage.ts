import type { ItemRow, RootRow, RowChange, SubjectKind, SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { CommandResult } from '../../shared/relay-protocol/commands.ts';
import type { LoggedEvent } from '../../shared/relay-protocol/frames.ts';
import type { DeliveryStore } from './delivery-store.ts';
import type { Effect } from './effects.ts';
import type { Lineage } from './event-log.ts';
import type { FrameEvent } from './stored-event.ts';
import type { Timer, TimerStore } from './timer-store.ts';

/** What a transaction is about, for whoever follows or disturbs a storage from outside. */
export type TransactionName =
  | 'execute-commands'
  | 'refuse-command'
  | 'rotate-epoch'
  | 'truncate'
  | 'prune-results'
  | 'prune-deliveries'
  | 'note-erased-files'
  | 'forget-erased-files'
  | 'doubt-queued'
  | 'bring-forward'
  | 'begin-attempt'
  | 'end-attempt'
  | 'record-receipt'
  | 'mark-reported'
  | 'remove-timer';

/**
 * Where an event log keeps what it knows. Whoever opens a storage becomes its one writer (SYNC-L5). One contract suite
 * runs on each implementation, through the log.
 *
 * All of it is synchronous, as SQLite is. For a database server `transaction`, `listRoots` and the reads outside of a
 * transaction would return promises, and the home node would (1) read the rows that a group of commands may touch
 * before it plans them, since `decide` and `fold` are synchronous and stay so; (2) lock the row of the head first, which
 * gives `seq` its order, and check the writer's generation with it; (3) hold `epoch`, head, floor and acknowledged marks
 * in memory, as the log does already.
 */
export interface LogStorage {
  readonly records: LogRecords;
  readonly rows: ProjectionRows;
  readonly deliveries: DeliveryStore & DeliveryWriter;
  readonly timers: TimerStore & TimerWriter;
  /**
   * Runs `write`, whole or not at all; what it did is durable when this returns. Not to be nested.
   * @throws WriterReplacedError when somebody else has opened the storage; what `write` throws; errors of its own
   */
  transaction<Result>(name: TransactionName, write: () => Result): Result;
  /**
   * Whether an error is the storage's, and of which kind. `unwritable`: nothing can be stored now, whatever it is (the
   * disk, another process, another writer). `refused`: this one thing cannot. Null: it comes from elsewhere.
   */
  failureOf(error: unknown): 'unwritable' | 'refused' | null;
  /** Every root row of a kind, in order of id, as of one moment. May give others a turn between its steps. */
  listRoots(kind: SubjectKind, nextTurn: () => Promise<void>): Promise<RootRow[]>;
}

/** Another process has become the writer of this log: nothing may be written any more (SYNC-L5). */
export class WriterReplacedError extends Error {
  constructor() {
    super('another relay has opened this database for writing');
    this.name = 'WriterReplacedError';
  }
}

export interface ResultRecord {
  /** Of `hashCommand`. */
  payloadHash: Uint8Array;
  result: CommandResult;
  /** Epoch ms. */
  at: number;
  device: { id: string; n: number } | undefined;
}

/** Lineages that are remembered: a console of an older one is told as much as one of a log that it never saw. */
export const LINEAGES_KEPT = 64;

/** The log's own tables. What writes is for the inside of a transaction. */
export interface LogRecords {
  readMeta(): { epoch: string; head: number; floor: number };
  setHead(head: number): void;
  setFloor(floor: number): void;
  /** The log goes on under another epoch; up to `since` it is as it was. Keeps the newest `LINEAGES_KEPT`. */
  startLineage(lineage: Lineage): void;
  /** Oldest first. */
  listLineages(): Lineage[];
  /** Epoch ms of the newest event; 0 where there is none. */
  readLastAt(): number;
  appendEvent(event: LoggedEvent): void;
  /** Events with `after < seq`, at most `limit`, in order. */
  listEvents(after: number, limit: number): LoggedEvent[];
  /** The same in the form that is the nearest to how they are stored. */
  listStoredEvents(after: number, limit: number): FrameEvent[];
  deleteEvent(event: LoggedEvent): void;
  /** Puts what `redact` makes of the data of each change of a subject in its place. */
  redactEvents(subject: SubjectRef, redact: (change: LoggedEvent['changes'][number]) => unknown): void;
  findResult(id: string): { payloadHash: Uint8Array; result: CommandResult } | undefined;
  putResult(record: ResultRecord): void;
  /** Forgets at most `limit` results from before `olderThan` (epoch ms) that their device has. @returns how many */
  deleteResults(olderThan: number, limit: number): number;
  readAckedN(device: string): number;
  raiseAckedN(device: string, agentId: string, ackedN: number): void;
  readCursor(reactor: string): number;
  setCursor(reactor: string, cursor: number): void;
  linkFile(fileId: string, subject: SubjectRef): void;
  listFileSubjects(fileId: string): SubjectRef[];
  /** Takes the files of an erased subject from it, and remembers them until `forgetErasedFiles`. */
  eraseFileLinks(subject: SubjectRef): void;
  noteErasedFiles(fileIds: readonly string[]): void;
  /** Files that were taken from an erased subject: those that no other subject has are to be deleted. */
  listErasedFiles(): string[];
  forgetErasedFiles(fileIds: readonly string[]): void;
}

/** The rows of every kind of subject, as its `TableSpec`s declare them. Nobody changes a row that he was given. */
export interface ProjectionRows {
  readRoot(kind: SubjectKind, id: string): RootRow | null;
  /** An item by its id, whichever subject it belongs to. */
  readItem(table: string, id: string): ItemRow | null;
  write(kind: SubjectKind, change: RowChange): void;
  /** Subjects that are erased with `owner`, as their kinds say (`erasure.ownerOf`); also those that are gone. */
  listOwned(owner: SubjectRef): SubjectRef[];
  /** Ids of all items of a subject. */
  listItemIds(subject: SubjectRef): string[];
  /** The newest `limit` items of a subject before `position`, ascending, and whether there are no older ones. */
  listItemsBefore(
    subject: SubjectRef,
    position: number,
    limit: number,
  ): { items: { table: string; row: ItemRow }[]; isComplete: boolean };
}

/** For the inside of the log's own transaction. */
export interface DeliveryWriter {
  put(effect: Extract<Effect, { kind: 'deliver' }>, at: number): void;
  /** Deletes all of these messages, which must be all of their conversation, whatever became of them. */
  forget(messageIds: readonly string[]): void;
  /**
   * Deletes rows of messages that were given before `olderThan` (epoch ms), of which every part is final and the log knows
   * it; at most so many, the oldest first. @returns how many
   */
  forgetSettled(olderThan: number, limit: number): number;
}

/** Likewise. */
export interface TimerWriter {
  put(timer: Timer): void;
  cancel(id: string): void;
}
