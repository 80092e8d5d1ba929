import { z } from 'zod';
import { submissionSchema, subjectRefSchema } from './commands.ts';
import { ephemeralSchema } from '../domain/presence/ephemeral.ts';

const session = z.uuid();

/** First frame of a session. */
const helloSchema = z.object({
  /** Oldest and newest protocol version this console speaks. */
  protocol: z.tuple([z.number().int(), z.number().int()]),
  /** Hash of the cache's schema; for the log. */
  schema: z.string().max(64),
  device: z.uuid(),
  /** Fresh for every connection (SYNC-D2). */
  session,
  /** Lineage of the log the cache was made from; null for an empty cache. */
  epoch: z.uuid().nullable(),
  cursor: z.number().int().nonnegative(),
  /** Digest of the subjects held, and the beginning of the default window by which they were chosen. */
  held: z.object({ count: z.number().int(), digest: z.string().max(32), since: z.number() }),
  /** Results up to this `n` are final in the device's own file (SYNC-C3). */
  ackedN: z.number().int().nonnegative(),
  /**
   * The newest command of this device that this lineage of the log acknowledged, where there is one: a log that does not
   * know it is an older copy of itself (SYNC-L3).
   */
  newest: z
    .object({ commandId: z.uuid(), n: z.number().int().positive(), seq: z.number().int().nonnegative() })
    .optional(),
});
export type Hello = z.infer<typeof helloSchema>;

/** Ids held, of one kind, in chunks; answers `needHeld` (SYNC-S1). */
const heldSchema = z.object({
  session,
  kind: z.string().max(40),
  ids: z.array(z.string().max(160)).max(6000),
  isLast: z.boolean(),
});
export type Held = z.infer<typeof heldSchema>;

/** Everything a console says, by Socket.IO event name. */
export const toRelay = {
  hello: helloSchema,
  held: heldSchema,
  /** One frame or page was committed: one more may be sent. */
  credit: z.object({
    session,
    cursor: z.number().int(),
    /** From when it had come whole until now: what the console took for it is not taken for the line's slowness. */
    heldMs: z.number().nonnegative().optional(),
  }),
  submit: z.object({
    session,
    submissions: z.array(submissionSchema).min(1).max(64),
    ackedN: z.number().int().nonnegative(),
  }),
  /** Older items of a subject, or (without `before`) a subject that is not held. Answered by `wanted`. */
  want: z.object({
    session,
    id: z.uuid(),
    subject: subjectRefSchema,
    before: z.number().int().nullable(),
    limit: z.number().int().min(1).max(200),
  }),
  /** What became of commands that another lineage of the log acknowledged (SYNC-O6). Answered by `lookedUp`. */
  lookUp: z.object({ session, id: z.uuid(), commandIds: z.array(z.uuid()).max(1000) }),
  ephemeral: z.object({ session, ephemeral: ephemeralSchema }),
} as const;

export type ToRelay = { [Name in keyof typeof toRelay]: z.infer<(typeof toRelay)[Name]> };
