import { z } from 'zod';
import { errorBodySchema } from '../errors.ts';
import { commandResultSchema } from './commands.ts';
import { ephemeralSchema } from '../domain/presence/ephemeral.ts';
import { frameSchema, snapshotPageSchema, subjectSnapshotSchema } from './frames.ts';

const session = z.uuid();

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
  }),
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
  /** Every 20 s: a lost last frame is noticed by it (SYNC-D3). */
  tick: z.object({ session, head: z.number().int(), serverNow: z.number() }),
  ephemeral: z.object({ ephemeral: ephemeralSchema }),
  /** The relay ends the session; come back after `afterMs`. `final` errors need a person (sign in, upgrade). */
  bye: z.object({ afterMs: z.number(), error: errorBodySchema.nullable() }),
} as const;

export type FromRelay = { [Name in keyof typeof fromRelay]: z.infer<(typeof fromRelay)[Name]> };
