import type { Actor, RootRow, SubjectReader, SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { CommandResult } from '../../shared/relay-protocol/commands.ts';
import type { LoggedEvent, SubjectSnapshot } from '../../shared/relay-protocol/frames.ts';
import type { DeliveryStore } from './delivery-store.ts';
import type { FrameEvent } from './stored-event.ts';
import type { TimerStore } from './timer-store.ts';

/** Who submits. An agent's access is read from the agent's own row inside the transaction, never taken from a token. */
export type Submitter = { kind: 'agent'; agentId: string } | Exclude<Actor, { kind: 'agent' }>;

export interface LogSubmission {
  command: {
    id: string;
    type: string;
    v: number;
    args: unknown;
    base?: unknown;
  };
  by: Submitter;
  /** Set for consoles: results are kept per device and `n` (SYNC-C3). */
  device?: { id: string; n: number };
  isDelayed: boolean;
  /** For channels: the seq up to which the channel had forgotten who was erased when it was told this (SYNC-L7). */
  knownSeq?: number;
}

/** What one committed transaction did, for fan-out and reactors. */
export interface Commit {
  /** One per successful command, in order of seq, all changes included. */
  events: readonly LoggedEvent[];
  /** Root rows before the first and after the last event of this commit. */
  touched: ReadonlyMap<SubjectRef, { before: RootRow | null; after: RootRow | null }>;
}

/** A history of the log: what it shares with the lineage before it ends at seq `since`; 0 for the first. */
export interface Lineage {
  epoch: string;
  since: number;
}

/**
 * The ordered log of facts, with its projections and command results: the relay's only writer.
 * Implementations: SQLite (one process). One contract suite runs on each.
 */
export interface EventLog {
  /** Lineage of the log; a restored backup gets a new one (SYNC-L3). */
  readonly epoch: string;
  /**
   * The lineages that led to the present one, which is the last. Results that a console got under one of the others, of
   * a seq above `since` of the lineage after it, are of a history that is lost (SYNC-O6). The oldest of very many are
   * forgotten.
   */
  lineages(): readonly Lineage[];
  /** Seq of the newest event; 0 for an empty log. */
  head(): number;
  /** Events up to here may be gone (SYNC-L4). */
  floor(): number;

  /**
   * Executes a command exactly once: look up the id, authorise, decide, append, project, deliveries, timers, result,
   * in one transaction, shared by all commands of an event-loop turn (SYNC-C2, SYNC-C4). Resolves once that is
   * durable. A refusal is a result, not a rejection, and so is a database that cannot write (`retry`).
   */
  submit(submission: LogSubmission): Promise<CommandResult>;
  /** As `submit`, of each by itself and in this order. @returns their results, once all of them are there */
  submitEach(submissions: readonly LogSubmission[]): Promise<CommandResult[]>;
  /**
   * Commits what was submitted and waits for the end of the turn. For whoever is about to keep everybody waiting for a
   * while. @returns whether there was anything
   */
  commitWaiting(): boolean;

  /** Results of those commands that this log knows, in no order; others it never had, or has forgotten. */
  findResults(commandIds: readonly string[]): Promise<CommandResult[]>;

  /** Whether the log gave this command this result, or may have: what its device reported as final may be forgotten. */
  mayHaveAcknowledged(device: string, command: { commandId: string; n: number; seq: number }): boolean;

  /** Rows as they stand now, for channels and the admin API. */
  read<Root extends RootRow>(subject: SubjectRef): SubjectReader<Root>;
  /** Events with `after < seq`, at most `limit`, in order. */
  readEvents(after: number, limit: number): Promise<LoggedEvent[]>;
  /** The same for frames: as they are stored, where nobody needs to look into their data. */
  readStoredEvents(after: number, limit: number): Promise<FrameEvent[]>;
  /** A subject with its newest items, or null where there is none. */
  readSnapshot(subject: SubjectRef): Promise<SubjectSnapshot | null>;
  /** Items of a subject before a position, newest `limit` of them, ascending; `root` and `isComplete` as in a snapshot. */
  readItemsBefore(subject: SubjectRef, before: number, limit: number): Promise<SubjectSnapshot | null>;
  /** Every root row of a kind, in order of id, in one consistent view. */
  listRoots(kind: string): Promise<RootRow[]>;

  /** Called after each commit, before the results of its commands resolve. @returns its own undo */
  onCommit(listener: (commit: Commit) => void): () => void;

  /** Highest `n` whose result the device reported as final; raising it allows older results to be forgotten. */
  readAckedN(deviceId: string): number;
  raiseAckedN(deviceId: string, agentId: string, ackedN: number): void;

  /** Position of a reactor, moved in the transaction of what it submits (SYNC-C7). */
  readReactorCursor(name: string): number;
  /** Submits commands and moves the reactor's cursor in the same transaction. Ids must be derived from (reactor, seq). */
  submitFromReactor(name: string, cursor: number, submissions: LogSubmission[]): Promise<CommandResult[]>;

  /** Subjects that a file was attached to: whoever may see one of them may have the file. */
  listFileSubjects(fileId: string): SubjectRef[];
  /** Notes files that a channel had of an erased subject, as those that the log has of it. */
  noteErasedFiles(fileIds: readonly string[]): void;
  /** Files that erased subjects had, until `forgetErasedFiles`: those that no subject has any more are to be deleted. */
  listErasedFiles(): string[];
  forgetErasedFiles(fileIds: readonly string[]): void;

  /**
   * Gives the log a new lineage, so that every console fetches anew; after a backup was restored (SYNC-L3).
   * @param since the last seq that is as it was before; the head unless told otherwise
   */
  rotateEpoch(since?: number): void;
  /** Forgets events with `seq < keepFrom` and moves the floor; a console behind it gets a snapshot (SYNC-L4). */
  truncate(keepFrom: number): Promise<void>;
  /** Forgets results given before `olderThan` (epoch ms) which their device reported as final. @returns how many */
  pruneResults(olderThan: number): Promise<number>;
  /**
   * Forgets how messages given before `olderThan` (epoch ms) were delivered, where nothing more is tried and the log knows
   * what became of them. A receipt that comes for one of them later changes nothing. @returns how many parts
   */
  pruneDeliveries(olderThan: number): Promise<number>;

  readonly deliveries: DeliveryStore;
  readonly timers: TimerStore;

  /** Commits what is under way, then closes. Further submissions are refused with `retry`. The database stays open. */
  close(): Promise<void>;
}
