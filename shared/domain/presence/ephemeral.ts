import { z } from 'zod';

const id = z.string().min(1).max(64);

/** What is true for seconds only: never logged, may be dropped, nothing depends on it (SYNC-E1). */
export const ephemeralSchema = z.discriminatedUnion('kind', [
  /** Somebody types in a conversation. Expires after 6 s. */
  z.object({
    kind: z.literal('typing'),
    conversationId: id,
    by: z.object({ kind: z.enum(['agent', 'customer']), id }),
    /** False ends it before its time. */
    isTyping: z.boolean(),
    /** True while an agent types a private note: other agents see it, the customer does not. */
    isNote: z.boolean(),
  }),
  /** An agent has a conversation open. Expires after 45 s. */
  z.object({ kind: z.literal('viewing'), conversationId: id, agentId: id, isViewing: z.boolean() }),
  /** An agent's availability. Holds until the next one; the relay says `offline` 45 s after the agent's last console went. */
  z.object({ kind: z.literal('presence'), agentId: id, status: z.enum(['available', 'away', 'offline']) }),
]);
export type Ephemeral = z.infer<typeof ephemeralSchema>;
