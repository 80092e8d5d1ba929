import { z } from 'zod';
import { errorBodySchema } from '../errors.ts';

/** A subject, `kind:id`. The id of one that speaks of another (an erasure) contains that one's reference. */
export const subjectRefSchema = z.templateLiteral([
  z.string().regex(/^[a-z-]{1,40}$/),
  ':',
  z.string().min(1).max(160),
]);

/** Largest command, in bytes of JSON (SYNC-C1). */
export const MAX_COMMAND_BYTES = 256 * 1024;
export const MAX_SUBJECTS_PER_COMMAND = 1001;

/** What an agent did, as it travels and as it lies in the outbox (SYNC-C1). */
export const commandSchema = z.object({
  /** UUIDv7, made once by the console. */
  id: z.uuid(),
  /** Per device, starting at 1, without holes. */
  n: z.number().int().positive(),
  type: z.string().max(80),
  v: z.number().int().positive(),
  subjects: z.array(subjectRefSchema).min(1).max(MAX_SUBJECTS_PER_COMMAND),
  args: z.unknown(),
  base: z.unknown().optional(),
  /** Id of the command whose success this one presupposes (SYNC-O3). */
  after: z.uuid().nullable(),
  /** Epoch ms by the device's clock; for display only. */
  clientAt: z.number(),
});
export type Command = z.infer<typeof commandSchema>;

/** A command as it is submitted: what may differ from try to try is outside of what is hashed. */
export const submissionSchema = z.object({
  command: commandSchema,
  /** Waited offline, over a restart, or for more than a minute. */
  isDelayed: z.boolean(),
});
export type Submission = z.infer<typeof submissionSchema>;

/** What became of a command. Final unless the error is retryable (SYNC-C5). */
export const commandResultSchema = z.discriminatedUnion('ok', [
  z.object({ id: z.uuid(), ok: z.literal(true), seq: z.number().int(), output: z.unknown().optional() }),
  z.object({ id: z.uuid(), ok: z.literal(false), error: errorBodySchema }),
]);
export type CommandResult = z.infer<typeof commandResultSchema>;
