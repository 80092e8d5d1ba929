import type { Logger } from 'pino';
import type { Clock, Random } from '../../../shared/primitives/clock.ts';
import type { Account, AccountParts } from '../../../src-main/core/account.ts';
import type { PlanDelivery } from '../../../src-relay/event-log/effects.ts';
import type { EventLog, Submitter } from '../../../src-relay/event-log/event-log.ts';
import type { LoggedEvent, SubjectSnapshot } from '../../../shared/relay-protocol/frames.ts';
import type { ItemRow, RootRow, SubjectRef } from '../../../shared/domain/subject/subject-kind.ts';

/** What a relay process needs of its world to open the log. */
export interface LogProcess {
  clock: Clock;
  random: Random;
  plan: PlanDelivery;
  hasFile(fileId: string, by: Submitter): boolean;
  logger: Pick<Logger, 'error' | 'fatal'>;
}

/** Told of each durable write of a process, right before and right after it: where the process may be made to die. */
export type OnCommit = (point: 'before-commit' | 'after-commit', what: string) => void;

/** The disk of a relay. */
export interface RelayStore {
  open(process: LogProcess): EventLog;
  /** The process that opened it died: nothing that it was at gets to the disk any more. */
  crash(): void;
  /** Every event on the disk, for the one who watches. */
  listEvents(after: number): LoggedEvent[] | Promise<LoggedEvent[]>;
  backup(): unknown;
  /** Puts a backup in the place of the log; nobody has it open. */
  restore(backup: unknown): void;
  setFull(isFull: boolean): void;
  dispose(): void;
}

/** What a console process needs of its world. */
export type AccountProcess = Pick<
  AccountParts,
  'relayUrl' | 'agentId' | 'connect' | 'fetch' | 'clock' | 'random' | 'logger' | 'push' | 'onEphemeral'
>;

/** A subject as a cache has it. */
export type HeldSubject = Pick<SubjectSnapshot, 'root' | 'items' | 'isComplete'>;

/** A subject as the agent sees it, with pending work on top; items in the order of lists. */
export interface SeenSubject {
  root: RootRow | null;
  items: readonly ItemRow[];
}

/** The disk of a console. */
export interface ConsoleStore {
  open(process: AccountProcess): Promise<Account>;
  /** As kill −9: the disk stays as it is, and nothing that the process was at gets to it any more. */
  crash(): void;
  /** Confirmed rows of everything held. */
  held(): Map<SubjectRef, HeldSubject>;
  see(subject: SubjectRef): Promise<SeenSubject>;
  backupOutbox(): unknown;
  /** Nobody has it open. */
  restoreOutbox(backup: unknown): void;
  /** Deletes or spoils the cache; nobody has it open. */
  loseCache(how: 'deleted' | 'damaged'): void;
  setFull(isFull: boolean): void;
  dispose(): void;
}

export interface Stores {
  makeRelay(onCommit: OnCommit): RelayStore;
  makeConsole(agentId: string, onCommit: OnCommit): ConsoleStore;
}
