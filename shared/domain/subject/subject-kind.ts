import type { z } from 'zod';
import type { AppError } from '../../errors.ts';
import type { AgentAccess } from '../agent/agent-access.ts';
import type { KindEffect } from './kind-effect.ts';
import type { CommandContent } from './raise-command.ts';

/**
 * A subject is `kind:id`: the unit of visibility, snapshot, held set, lane and conflict (SYNC-U1).
 * Everything the sync, the cache, the outbox and the gateway know of a kind is what its `SubjectKind` declares.
 */
export type SubjectRef = `${string}:${string}`;

/** A row of a projection. `asOf` is the seq of the last change folded into it (SYNC-L2). */
export interface RootRow {
  id: string;
  /** Seq of the last change folded into this row or, in a prediction, `PENDING_SEQ` and more. */
  asOf: number;
  /** Seq of the change that made the subject. */
  bornSeq: number;
}

/** A row that belongs to a subject, such as a message of a conversation. */
export interface ItemRow {
  id: string;
  /** Id (without the kind) of the subject it belongs to. */
  subjectId: string;
  /** `seq * POSITIONS_PER_EVENT + index of the change`: unique, and the one order of items. It is also the SQL rowid. */
  position: number;
  asOf: number;
}

export type Row = RootRow | ItemRow;

export type RowChange =
  | { op: 'put'; table: string; row: Row }
  /** Deletes one row of `table`. Deleting a root row deletes the subject's items with it. */
  | { op: 'delete'; table: string; id: string };

/** Read access to one subject's rows, as `decide` and `fold` see them: confirmed rows, or those with pending work on top. */
export interface SubjectReader<Root extends RootRow = RootRow> {
  root(): Root | null;
  item<Item extends ItemRow = ItemRow>(table: string, id: string): Item | null;
}

/** One fact about one subject. An event carries one or more of them (SYNC-U2). */
export interface Change {
  subject: SubjectRef;
  /** Past tense: `conversation-snoozed`. */
  type: string;
  v: number;
  data: unknown;
}

/** A change with its place in the log, as `fold` receives it. */
export interface FoldChange extends Change {
  seq: number;
  position: number;
  /** Epoch ms by the relay's clock. */
  at: number;
  actor: ActorRef;
}

/** Who did it: `agent:ID`, `customer:ID`, `channel:ID` or `system:NAME`. */
export type ActorRef = `agent:${string}` | `customer:${string}` | `channel:${string}` | `system:${string}`;

export type Actor =
  | { kind: 'agent'; access: AgentAccess }
  | { kind: 'channel'; id: string }
  | { kind: 'system'; name: string };

export interface DecideContext {
  actor: Actor;
  /** Id of the command that is decided. It also serves as the version token of what the command sets. */
  commandId: string;
  /** Epoch ms: the relay's clock, or the console's estimate of it in a prediction. */
  now: number;
  /** True when the command waited offline, or for more than a minute (by the monotonic clock). */
  isDelayed: boolean;
  /** Set where a channel tells of a customer: the seq up to which it knew of erasures when it did (SYNC-L7). */
  knownSeq?: number;
  /**
   * Set where a console predicts again what it took already: what it holds counts as visible. In the middle of a catch-up
   * a conversation may have moved before the news of the agent's new queues is here, and own work must not vanish
   * meanwhile (INV-9). The relay judges by the truth.
   */
  trustsHeld?: boolean;
  read<Root extends RootRow>(subject: SubjectRef): SubjectReader<Root>;
  /** The changes that erase a subject with all that belongs to it (SYNC-L7). Only the relay knows all that there is. */
  erase?(subject: SubjectRef): { changes: Change[]; remaining: number };
}

export type Decision = { ok: true; changes: Change[]; output?: unknown } | { ok: false; error: AppError };

/** What the writer of a command sees at that moment, for the command's `base`. */
export interface Seen {
  agentId: string;
  /** Rows as the relay confirmed them. */
  confirmed<Root extends RootRow>(subject: SubjectRef): SubjectReader<Root>;
  /** Rows with the console's own pending work on top. */
  predicted<Root extends RootRow>(subject: SubjectRef): SubjectReader<Root>;
}

/** A command as its kind declares it. `decide` runs on the console (what the agent sees) and on the relay (the truth). */
export interface CommandSpec {
  /** Imperative: `conversation.snooze`. */
  type: string;
  v: number;
  args: z.ZodType;
  /** What the writer saw, for compare-and-set and staleness rules. */
  base?: z.ZodType;
  /** Makes `base` where the command is written. */
  observe?(seen: Seen, args: unknown): unknown;
  /** The lanes it takes (SYNC-O2, SYNC-C6). */
  subjects(args: unknown): SubjectRef[];
  decide(context: DecideContext, args: unknown, base: unknown): Decision;
  /** Makes of version `v` the next one, where that is more than something new that may be left out (SYNC-P1). */
  upcast?: Readonly<Record<number, (content: CommandContent) => CommandContent>>;
  /**
   * The agent is not told of it: it is not counted as waiting, goes out when nothing else wants to, and one that is
   * refused needs nobody's attention. For work whose content is kept elsewhere until it went through.
   */
  isQuiet?: boolean;
  /** Ids of files that the command needs the relay to have (SYNC-A1). */
  files?(args: unknown): string[];
}

export interface TableSpec {
  name: string;
  role: 'root' | 'item';
  /** Fields of the row that get a column of their own, for queries and indexes. The whole row is kept beside them. */
  columns: Readonly<Record<string, 'text' | 'integer'>>;
  indexes: readonly (readonly string[])[];
  /** Text to be found by search, unfolded; null for rows that are not searched. */
  searchText?(row: Row): string | null;
}

export interface ChangeSpec {
  v: number;
  schema: z.ZodType;
  isEssential?: boolean;
  /**
   * What stays of the data once the subject is erased (SYNC-L7): of the same form, with nothing personal in it. All of
   * it, where this is left out. Data may be of any earlier version.
   */
  redact?(data: unknown): unknown;
}

export interface SubjectKind {
  name: string;
  /** The root table first. */
  tables: readonly TableSpec[];
  /**
   * Schema of `data` per change type and its newest version. A console that does not understand an essential one says
   * that it needs an update (SYNC-P1).
   */
  changes: Readonly<Record<string, ChangeSpec>>;
  commands: readonly CommandSpec[];
  /** Total, deterministic, free of increments. Unknown change types never reach it (SYNC-P1). */
  fold(reader: SubjectReader, change: FoldChange): RowChange[];
  /** What a change asks of the relay beside its rows: timers, deliveries, access to files. Pure. */
  effects?(change: Change, after: RootRow): KindEffect[];
  /** What the relay does when a timer of the kind is due, by the timer's name (unique among all kinds). */
  timers?: Readonly<Record<string, (due: { subjectId: string; dueAt: number }) => { type: string; args: unknown }>>;
  /** For kinds with personal data of customers (SYNC-L7). */
  erasure?: {
    /** The subject with which this one is erased, which never changes; null for one that stands by itself. */
    ownerOf(root: RootRow): SubjectRef | null;
    /** The change, of version 1 and without data, that deletes the subject. */
    change: string;
    /** Likewise, says that there is more to erase with the subject than one event carries: it has to go on. */
    begun?: string;
  };
  /** For the kind whose subjects say of another one that it was erased: that one, and when (epoch ms). */
  erases?(root: RootRow): { subject: SubjectRef; at: number };
  /** Whether an agent with this access may see the subject (SYNC-V1). Reads only `visibilityFields` of the root. */
  isVisible(access: AgentAccess, root: RootRow): boolean;
  visibilityFields: readonly string[];
  /** Whether a console holds it without being asked to. `heldSince` (epoch ms) is where the default window begins. */
  isHeld(root: RootRow, access: AgentAccess, heldSince: number): boolean;
  /** Fields of the root that `isHeld` reads. The relay keeps these and `visibilityFields` in memory, nothing else. */
  heldFields: readonly string[];
  /** How many newest items come with a snapshot (SYNC-S5). */
  tailLength: number;
}

/** Changes that fit in one event; also the factor between seq and position. */
export const POSITIONS_PER_EVENT = 4096;

/**
 * Seq of a predicted change: later than everything in the log. The n-th pending command on a subject is folded at
 * `PENDING_SEQ + n`, or it would be taken for a repetition of the one before it.
 */
export const PENDING_SEQ = 2 ** 40;

export function positionOf(seq: number, changeIndex: number): number {
  return seq * POSITIONS_PER_EVENT + changeIndex;
}

export function subjectRef(kind: string, id: string): SubjectRef {
  return `${kind}:${id}`;
}

export function parseSubjectRef(subject: SubjectRef): { kind: string; id: string } {
  const colon = subject.indexOf(':');
  return { kind: subject.slice(0, colon), id: subject.slice(colon + 1) };
}

export function actorRef(actor: Actor): ActorRef {
  switch (actor.kind) {
    case 'agent':
      return `agent:${actor.access.agentId}`;
    case 'channel':
      return `channel:${actor.id}`;
    case 'system':
      return `system:${actor.name}`;
  }
}
