import { z } from 'zod';
import type { ActorRef, SubjectRef } from '../domain/subject/subject-kind.ts';
import { subjectRefSchema } from './commands.ts';

const subject = subjectRefSchema as z.ZodType<SubjectRef>;
const actor = z.string().regex(/^(agent|customer|channel|system):/) as unknown as z.ZodType<ActorRef>;

/**
 * A fact of the log. A console receives only the changes of subjects that it may see, each with its place in the
 * whole event, since positions are made from it.
 */
export const loggedEventSchema = z.object({
  seq: z.number().int().positive(),
  /** Epoch ms by the relay. */
  at: z.number(),
  actor,
  /** Id of the command that made it. */
  commandId: z.string(),
  changes: z.array(
    z.object({
      index: z.number().int().nonnegative(),
      subject,
      type: z.string(),
      v: z.number().int(),
      data: z.unknown(),
      /** A console that does not know this type needs an upgrade: what it shows without it would be wrong. */
      isEssential: z.literal(true).optional(),
    }),
  ),
});
export type LoggedEvent = z.infer<typeof loggedEventSchema>;

const row = z.looseObject({ id: z.string(), asOf: z.number().int() });

/** A subject as it stands: its root row, its newest items, and whether there are older ones. */
export const subjectSnapshotSchema = z.object({
  subject,
  /** The head at which it was read; every row's own `asOf` is at most this. */
  asOf: z.number().int(),
  root: row.extend({ bornSeq: z.number().int() }),
  /** Newest items in ascending order of position, with the table each belongs to. */
  items: z.array(
    z.object({ table: z.string(), row: row.extend({ subjectId: z.string(), position: z.number().int() }) }),
  ),
  /** False when there are items older than the first of `items`. */
  isComplete: z.boolean(),
});
export type SubjectSnapshot = z.infer<typeof subjectSnapshotSchema>;

/**
 * One step of a console from cursor `from` to cursor `to` (SYNC-S2). Leaves, enters, events and the cursor are
 * applied in one transaction. A range in which nothing concerns the agent still moves `to`.
 */
export const frameSchema = z.object({
  session: z.uuid(),
  from: z.number().int().nonnegative(),
  to: z.number().int().nonnegative(),
  leave: z.array(subject),
  enter: z.array(subjectSnapshotSchema),
  events: z.array(loggedEventSchema),
  /** True on frames of a catch-up; each of them takes one credit. */
  isCatchUp: z.boolean(),
  /** On a live frame: it takes a credit as well. Between two of these the relay counts what the console may not have applied. */
  wantsCredit: z.literal(true).optional(),
  /**
   * How many frames that moved no cursor the session had since the last one that did, this one included; left out for
   * none. By it one that got lost is missed, which `from` and `to` do not tell.
   */
  still: z.number().int().positive().optional(),
});
export type Frame = z.infer<typeof frameSchema>;

/** A page of a snapshot after a reset (SYNC-S4). Each takes one credit. */
export const snapshotPageSchema = z.object({
  session: z.uuid(),
  page: z.number().int().nonnegative(),
  /** Head before the first page; the cursor once all pages are applied. */
  startSeq: z.number().int().nonnegative(),
  subjects: z.array(subjectSnapshotSchema),
  /** How many subjects the whole snapshot will have, as counted at its beginning. */
  totalSubjects: z.number().int(),
  isLast: z.boolean(),
});
export type SnapshotPage = z.infer<typeof snapshotPageSchema>;
