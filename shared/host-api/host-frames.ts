import { z } from 'zod';

/**
 * A window's request to its host, on the same pipe as its requests to the core (loopback) or through preload
 * (Electron). Its reply is a reply frame with the same id; what a host tells its windows travels as push frames.
 */
export const hostRequestFrameSchema = z.object({
  id: z.number().int(),
  host: z.string(),
  input: z.unknown().optional(),
});
export type HostRequestFrame = z.infer<typeof hostRequestFrameSchema>;
