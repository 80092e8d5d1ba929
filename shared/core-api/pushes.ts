import { z } from 'zod';
import { ephemeralSchema } from '../domain/presence/ephemeral.ts';
import { syncStatusSchema } from './views.ts';

/** What the core tells every view unasked. */
export const corePushes = {
  /** These subjects look different now (`kind:id`); views read again what they show of them. `*` stands for all. */
  changed: z.object({ subjects: z.array(z.string()) }),
  status: syncStatusSchema,
  /** Outbox or attention list changed. */
  outbox: z.object({ pendingCount: z.number().int(), attentionCount: z.number().int() }),
  /** A customer's message that this agent should hear of: assigned to the agent, or unassigned in an own queue. */
  arrived: z.object({
    conversationId: z.string(),
    messageId: z.string(),
    customerName: z.string(),
    text: z.string(),
    isMine: z.boolean(),
  }),
  /** Another machine of this agent, or another view, changed what is being written here; read it again (`draft.get`). */
  draftChanged: z.object({ conversationId: z.string() }),
  /** The session ended at the relay; sign in again. Nothing is lost. */
  signedOut: z.object({ reason: z.string() }),
} as const;

export type CorePushes = { [Name in keyof typeof corePushes]: z.infer<(typeof corePushes)[Name]> };
export type CorePushName = keyof CorePushes;

/** From core to views and back; may be dropped. */
export const coreEphemerals = {
  /** From the core: somebody types, looks, or changed availability. */
  ephemeral: ephemeralSchema,
  /** From a view: this agent types. */
  typing: z.object({ conversationId: z.string(), isTyping: z.boolean(), isNote: z.boolean() }),
  /** From a view: this agent has the conversation open, or closed it. */
  viewing: z.object({ conversationId: z.string(), isViewing: z.boolean() }),
} as const;

export type CoreEphemerals = { [Name in keyof typeof coreEphemerals]: z.infer<(typeof coreEphemerals)[Name]> };
