import { ERASED_REASON } from '../../../shared/domain/erasure/erasure.ts';
import type { ErrorBody } from '../../../shared/errors.ts';
import type { Command } from '../../../shared/relay-protocol/commands.ts';

export type OutboxState = 'waiting' | 'sent' | 'confirmed' | 'blocked' | 'settled';

export interface OutboxCommand {
  command: Command;
  state: OutboxState;
  /** How often it was sent. */
  attempts: number;
  /** Its place in the log, once known. */
  seq: number | null;
  /** When it was given, epoch ms by the relay's clock as it was known here. */
  at: number;
  /** Files that the relay must have before it. */
  fileIds: string[];
  /** The refused command it waits for. */
  blockedBy: string | null;
}

/** A command that was refused for good. What was typed is in `command.args`. */
export interface RefusedEntry {
  command: Pick<Command, 'id' | 'n' | 'type' | 'v' | 'subjects' | 'args' | 'base'>;
  error: ErrorBody;
  /** Epoch ms. */
  at: number;
}

/** A command that is about to be written; `n` is given to it then. */
export type NewCommand = Omit<Command, 'n'> & { fileIds: string[]; at: number };

/** How long settled commands and resolved refusals are kept (SYNC-O6). */
export const SETTLED_KEPT_MS = 30 * 24 * 60 * 60 * 1000;

export interface AcknowledgedCommand {
  commandId: string;
  n: number;
  /** Where the log was when it had its effect. */
  seq: number;
}

/**
 * Commands of this device until they are settled, and for thirty days after. Each method is one transaction, which is on
 * the disk when it returns.
 */
export interface CommandStore {
  /** Writes a command; it is on the disk when this returns. */
  add(command: NewCommand): OutboxCommand;
  find(commandId: string): OutboxCommand | null;
  /** Everything that is neither settled nor refused, in order of `n`. */
  listOpen(): OutboxCommand[];
  markSent(commandIds: readonly string[]): void;
  /** The relay executed it; its facts come with `seq`. */
  confirm(confirmed: readonly { id: string; seq: number }[]): void;
  /** The cache contains their facts (SYNC-R3). @param settledAt epoch ms */
  settle(commandIds: readonly string[], settledAt: number): void;
  /** Deletes commands that are done, of which nothing has to be known any more. */
  forget(commandIds: readonly string[]): void;
  /**
   * Moves a command that was refused for good to the attention list, and blocks those that came after it on its
   * condition (SYNC-O3), in one transaction: what was typed is always in one of the two (SYNC-R4).
   * @returns ids of the blocked ones
   */
  refuse(commandId: string, error: ErrorBody, at: number): string[];
  /**
   * Takes back a command that was never sent, and with it what was to happen only after it, which was not sent either:
   * a conversation must not close without the reply that was to end it, and the agent sees at once that it is open.
   * @returns ids of all that was taken back; none if it was sent, or does not exist
   */
  removeUnsent(commandId: string): string[];
  listRefused(): RefusedEntry[];
  findRefused(commandId: string): (RefusedEntry & { isResolved: boolean }) | null;
  listBlockedBy(commandId: string): OutboxCommand[];
  /** What this refused command blocks and another refused one would block as well waits for that one from now on. */
  passBlockedOn(commandId: string): void;
  /**
   * Ends a refused command's wait for a decision. `replacements` are submitted in its place and in that of those it
   * blocked, in one transaction; without any, all of them are dropped. Of either kind the ids stay known as refused and
   * decided (SYNC-C1): a view that asks for a blocked one again gets no second one, given as if it were new.
   */
  resolve(commandId: string, replacements: readonly NewCommand[], resolvedAt: number): OutboxCommand[];
  /** Of those that the relay acknowledged, the one with the greatest seq; of the last thirty days. */
  newestAcknowledged(): AcknowledgedCommand | null;
  /** Commands that the relay acknowledged with a greater seq than this, in order of `n`; of the last thirty days. */
  listAcknowledgedBeyond(seq: number): string[];
  /**
   * The relay was restored from a backup and lost these (SYNC-O6): they come back to the agent, none is sent again by
   * itself.
   * @returns ids of those that were acknowledged, and are in the attention list now
   */
  reclaim(commandIds: readonly string[], error: ErrorBody, at: number): string[];
  /**
   * Forgets commands that are done, of erased subjects (SYNC-L7). What was refused keeps its text, which is the agent's
   * own, for thirty days, with `error` in the place of what it was refused with.
   * @param at epoch ms
   * @returns ids of files that the forgotten ones had
   */
  forgetErased(erased: ReadonlyMap<string, ErasedAt>, error: ErrorBody, at: number): string[];
  /** Everything up to here has its result in this file (SYNC-C3). */
  ackedN(): number;
  nextN(): number;
  /** Forgets settled commands, resolved refusals and texts for erased subjects that are too old. @param now epoch ms */
  prune(now: number): void;
}

/** When a subject was erased: what came later is of another who bears its id. */
export interface ErasedAt {
  /** Of the event that erased it. */
  seq: number;
  /** Epoch ms by the relay. */
  at: number;
  /** There is another of its id. */
  isBack: boolean;
}

/** Whether a command that the relay has was about one of these subjects before it was erased. */
export function isDoneBefore(erased: ReadonlyMap<string, ErasedAt>, { command, seq }: OutboxCommand): boolean {
  return command.subjects.some((subject) => (seq ?? 0) < (erased.get(subject)?.seq ?? 0));
}

/** The same of a refused one, which nobody has said yet that it is of. */
export function isRefusedBefore(erased: ReadonlyMap<string, ErasedAt>, { command, at, error }: RefusedEntry): boolean {
  if (error.reason === ERASED_REASON) return false;
  return command.subjects.some((subject) => {
    const erasedAt = erased.get(subject);
    // Clocks are compared only where there is something to tell apart.
    return erasedAt !== undefined && (!erasedAt.isBack || at < erasedAt.at);
  });
}

/** What decides which commands are on the condition of one. */
export type ParentCommand = Pick<Command, 'id' | 'n' | 'type' | 'subjects'>;

/**
 * `after` names the newest reply that a command waits for, and stands for all replies before it in any of the same
 * conversations: a close of several waits for the replies in each. Lanes keep it from going out before they are decided.
 */
export function isOnConditionOf(command: Command, parent: ParentCommand): boolean {
  if (command.after === null || command.n < parent.n) return false;
  if (command.after === parent.id) return true;
  return parent.type === 'message.send' && command.subjects.some((subject) => parent.subjects.includes(subject));
}

/** The relay has it in its log, as it said. */
export function isAcknowledged({ state }: OutboxCommand): boolean {
  return state === 'confirmed' || state === 'settled';
}
