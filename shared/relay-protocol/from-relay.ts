import { z } from 'zod';
import { errorBodySchema } from '../errors.ts';
import { ephemeralSchema } from '../domain/presence/ephemeral.ts';
import { commandResultSchema, subjectRefSchema } from './commands.ts';
import { frameSchema, snapshotPageSchema, subjectSnapshotSchema } from './frames.ts';

const session = z.uuid();
const agentId = z.string().min(1).max(64);

const welcomeSchema = z.object({
  session,
  protocol: z.number().int(),
  epoch: z.uuid(),
  head: z.number().int().nonnegative(),
  floor: z.number().int().nonnegative(),
  /** `tail`: events from the cursor on; `reset`: a snapshot, then events. */
  mode: z.enum(['tail', 'reset']),
  serverNow: z.number(),
  /** The console must send its held ids before the catch-up begins. */
  needHeld: z.boolean(),
  /** Where the default window begins from now on, epoch ms (SYNC-S5). */
  heldSince: z.number(),
  agentId: z.string(),
  /** The relay's `ackedN` of this device: above the device's own counter, the device is a restored copy (SYNC-C3). */
  ackedN: z.number().int().nonnegative(),
  limits: z.object({
    /** Frames or pages of a catch-up that may be under way. */
    credit: z.number().int(),
    /** Commands that may be under way. */
    lanes: z.number().int(),
    /** How long the cache may be read without word from the relay (SYNC-V3); version 1 does not say. */
    leaseMs: z.number().positive().optional(),
  }),
  /**
   * The lineages that led to this log, oldest first, `epoch` the last: what lies up to `since` is shared with the one
   * before (SYNC-O6). Version 1 does not say.
   */
  lineages: z.array(z.object({ epoch: z.uuid(), since: z.number().int().nonnegative() })).optional(),
});
export type Welcome = z.infer<typeof welcomeSchema>;

/** Everything the relay says to a console, by Socket.IO event name. */
export const fromRelay = {
  welcome: welcomeSchema,
  frame: frameSchema,
  page: snapshotPageSchema,
  results: z.object({ session, results: z.array(commandResultSchema) }),
  wanted: z.object({
    session,
    id: z.uuid(),
    answer: z.discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), snapshot: subjectSnapshotSchema }),
      z.object({ ok: z.literal(false), error: errorBodySchema }),
    ]),
  }),
  /** Results of those commands that this log knows; the others it never had, or lost. Or that it is asked too much. */
  lookedUp: z.object({
    session,
    id: z.uuid(),
    answer: z.discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), results: z.array(commandResultSchema) }),
      z.object({ ok: z.literal(false), error: errorBodySchema }),
    ]),
  }),
  /** Every 20 s: a lost last frame is noticed by it (SYNC-D3). */
  tick: z.object({
    session,
    head: z.number().int(),
    serverNow: z.number(),
    /** As in frames. */
    still: z.number().int().positive().optional(),
  }),
  ephemeral: z.object({ ephemeral: ephemeralSchema }),
  /** Presence of many agents at once; instead of one `ephemeral` for each. */
  presences: z.object({ available: z.array(agentId), away: z.array(agentId), offline: z.array(agentId) }),
  /**
   * What some of the subjects that the console holds look like: digests over the root and the newest items (SYNC-D4).
   * One that does not fit the stored rows says that these went bad.
   */
  digests: z.object({
    session,
    subjects: z.array(
      z.object({
        subject: subjectRefSchema,
        /** The relay's head when it read the subject. */
        asOf: z.number().int(),
        /** Position of the oldest item that is in the digest; 0 when all are. */
        fromPosition: z.number().int().nonnegative(),
        digest: z.string().max(32),
      }),
    ),
  }),
  /** The relay ends the session; come back after `afterMs`. `final` errors need a person (sign in, upgrade). */
  bye: z.object({ afterMs: z.number(), error: errorBodySchema.nullable() }),
} as const;

/**
 * A `frame` or `page` as the bytes of its JSON, packed for consoles behind a slow line. The console's main thread hands
 * the bytes on without looking into them.
 */
export const packedSchema = z.object({
  name: z.enum(['frame', 'page']),
  session,
  /** Otherwise they are the JSON itself. */
  isZstd: z.boolean(),
  /** Of everything but `session`. */
  bytes: z.instanceof(Uint8Array),
});
export type Packed = z.infer<typeof packedSchema>;

/** No frame or page is larger when unpacked, whatever the packed bytes claim. */
export const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;

export type FromRelay = { [Name in keyof typeof fromRelay]: z.infer<(typeof fromRelay)[Name]> };
