import { z } from 'zod';
import type { ItemRow } from '../subject/subject-kind.ts';

/** Longest text an agent may send or note, in UTF-8 bytes (SYNC-C1). */
export const MAX_TEXT_BYTES = 32 * 1024;
export const MAX_ATTACHMENTS = 10;

export const attachmentSchema = z.object({
  /** SHA-256 of the content, 64 hex digits. Knowing it gives no right to the content. */
  fileId: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string().min(1).max(200),
  /** Media type as sniffed from the content. */
  mediaType: z.string().max(120),
  /** Bytes. */
  size: z.number().int().nonnegative(),
});
export type Attachment = z.infer<typeof attachmentSchema>;

/** Where an outgoing message is on its way to the customer. It only moves forward (SYNC-X1). */
export const deliveryStateSchema = z.enum(['queued', 'sent', 'delivered', 'read', 'failed', 'unknown']);
export type DeliveryState = z.infer<typeof deliveryStateSchema>;

export type MessageAuthor = { kind: 'agent' | 'customer' | 'system'; id: string };

/** A line of a conversation: what a customer or agent wrote, a private note, or what happened to the conversation. */
export type Message = ItemRow & {
  kind: 'public' | 'note' | 'system';
  author: MessageAuthor;
  text: string;
  attachments: Attachment[];
  /** Epoch ms by the relay. */
  at: number;
  /** When the customer's platform or the agent's console says it was written; for display beside `at`. */
  writtenAt: number;
  /** For agents' public messages; null otherwise. */
  delivery: { state: DeliveryState; reason: string | null } | null;
  /** For `system` lines: the change's type and what a view needs to say it. */
  system: { type: string; params: Record<string, string | number | null> } | null;
  /** Agents named in a note. */
  mentions: string[];
};

// `unknown` may still become `sent` by a late receipt; `failed` is final.
const RANK: Record<DeliveryState, number> = { queued: 0, unknown: 1, sent: 2, delivered: 3, read: 4, failed: 5 };

/**
 * Whether a message in state `from` may become `to`: receipts arrive late and out of order, states only move up. Platforms
 * take a message and say later that it could not be delivered (a mail bounces, a number is not reachable), so what was
 * sent may still fail; what arrived may not.
 */
export function mayAdvanceDelivery(from: DeliveryState, to: DeliveryState): boolean {
  if (from === 'failed') return false;
  if (to === 'failed') return RANK[from] <= RANK.sent;
  return RANK[to] > RANK[from];
}
