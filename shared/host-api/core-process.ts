import { z } from 'zod';
import type { FromCoreFrame } from '../core-api/port.ts';
import type { ErrorBody } from '../errors.ts';

/**
 * What a host and the core's process say to each other, over whatever the two have: `process.send` of a forked child,
 * `parentPort` of an Electron utility process.
 */
export const coreProcessStartSchema = z.object({
  type: z.literal('start'),
  options: z.object({
    dataDir: z.string(),
    /** 256-bit keys, 64 hex digits: one for what can be fetched again, one for what nobody else has. */
    keys: z.object({ cache: z.string().regex(/^[0-9a-f]{64}$/), outbox: z.string().regex(/^[0-9a-f]{64}$/) }),
    /** Where somebody who signs in here is expected to; the form begins with it. */
    relayUrl: z.string().optional(),
    /** Sign in by itself when nobody is signed in. */
    signIn: z.object({ relayUrl: z.string(), email: z.string(), password: z.string() }).optional(),
  }),
});

export const toCoreProcessSchema = z.discriminatedUnion('type', [
  coreProcessStartSchema,
  /** A window was opened; its frames carry this number. */
  z.object({ type: z.literal('attach'), client: z.number().int() }),
  z.object({ type: z.literal('frame'), client: z.number().int(), frame: z.unknown() }),
  z.object({ type: z.literal('detach'), client: z.number().int() }),
  z.object({ type: z.literal('stop') }),
]);
export type ToCoreProcess = z.infer<typeof toCoreProcessSchema>;
export type CoreProcessOptions = z.infer<typeof coreProcessStartSchema>['options'];

export type FromCoreProcess =
  | { type: 'started' }
  | { type: 'failed'; error: ErrorBody }
  | { type: 'frame'; client: number; frame: FromCoreFrame }
  | { type: 'stopped' };
