import { z } from 'zod';
import { errorBodySchema } from '../errors.ts';

/**
 * The frames between a view and the core, the same over every transport: WebSocket, MessagePort, and one JSON object
 * a line on stdin and stdout. (A fourth kind, credited streams, comes with the first feature that needs one.)
 */
export const requestFrameSchema = z.object({
  id: z.number().int(),
  request: z.string(),
  input: z.unknown().optional(),
});

export const replyFrameSchema = z.discriminatedUnion('ok', [
  z.object({ id: z.number().int(), ok: z.literal(true), output: z.unknown() }),
  z.object({ id: z.number().int(), ok: z.literal(false), error: errorBodySchema }),
]);
export type ReplyFrame = z.infer<typeof replyFrameSchema>;

export const pushFrameSchema = z.object({ push: z.string(), payload: z.unknown() });

export const ephemeralFrameSchema = z.object({ ephemeral: z.string(), payload: z.unknown() });

/** To the core. */
export const toCoreFrameSchema = z.union([requestFrameSchema, ephemeralFrameSchema]);
export type ToCoreFrame = z.infer<typeof toCoreFrameSchema>;

/** From the core. */
export const fromCoreFrameSchema = z.union([replyFrameSchema, pushFrameSchema, ephemeralFrameSchema]);
export type FromCoreFrame = z.infer<typeof fromCoreFrameSchema>;

/** A two-way pipe of frames. Every host implements it, and one contract suite runs on every implementation. */
export interface Port<Out, In> {
  send(frame: Out): void;
  /** @returns its own undo */
  onFrame(listener: (frame: In) => void): () => void;
  /** The other side is gone; pending requests have to be rejected. */
  onClose(listener: () => void): () => void;
  close(): void;
}
