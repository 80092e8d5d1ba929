import { z } from 'zod';
import { attachmentSchema } from '../domain/conversation/message.ts';
import { FEED_PAGE_LENGTH, MAX_WAIT_SECONDS } from './limits.ts';

/** One line of what a customer sees: an own message that the relay has, or a part of an agent's answer. */
export const feedEntrySchema = z.object({
  /** Position in this customer's feed, from 1, without gaps; not the relay's `seq`. */
  seq: z.number().int().positive(),
  messageId: z.string(),
  part: z.number().int().nonnegative(),
  author: z.enum(['customer', 'agent']),
  /** Name of the agent as customers see it; null for the customer's own messages. */
  agentName: z.string().nullable(),
  /** The id the customer's browser gave an own message; null for agents' messages. */
  clientId: z.string().nullable(),
  text: z.string(),
  attachments: z.array(attachmentSchema),
  /** Epoch ms by the relay. */
  at: z.number(),
});
export type FeedEntry = z.infer<typeof feedEntrySchema>;

/** Answer of `GET /w/v1/messages` and of the socket's `resume`. */
export interface FeedPage {
  /** Ascending by `seq`. */
  entries: FeedEntry[];
  /** Seq of the newest entry; 0 for an empty feed. */
  head: number;
  /** Whether `entries` reaches `head` (after) or the beginning (before). */
  isComplete: boolean;
}

const position = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Query of `GET /w/v1/messages`: newer than `afterSeq`, or the page before `beforeSeq`. */
export const feedQuerySchema = z.object({
  afterSeq: position.optional(),
  beforeSeq: position.optional(),
  limit: z.coerce.number().int().min(1).max(FEED_PAGE_LENGTH).default(FEED_PAGE_LENGTH),
  /** Seconds to wait for an entry when there is none after `afterSeq`. */
  wait: z.coerce.number().min(0).max(MAX_WAIT_SECONDS).default(0),
});

/** Body of `POST /w/v1/read`: the customer has seen all up to here. */
export const readMarkSchema = z.object({ upTo: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER) });
