import { z } from 'zod';
import { agentRoleSchema, tierSchema } from '../domain/agent/agent-access.ts';
import { conversationStateSchema, prioritySchema } from '../domain/conversation/conversation.ts';
import { attachmentSchema, deliveryStateSchema } from '../domain/conversation/message.ts';
import { orderSchema } from '../domain/customer/customer.ts';
import { errorBodySchema } from '../errors.ts';

/** What views show. Names are resolved here, so that a list row needs no further request. */

const named = z.object({ id: z.string(), name: z.string() });

export const agentViewSchema = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: agentRoleSchema,
  tier: tierSchema,
  queueIds: z.array(z.string()),
  isActive: z.boolean(),
  presence: z.enum(['available', 'away', 'offline']),
});
export type AgentView = z.infer<typeof agentViewSchema>;

export const queueViewSchema = named.extend({
  /** Open conversations, and those of them that nobody has. */
  openCount: z.number().int(),
  unassignedCount: z.number().int(),
  isMember: z.boolean(),
});
export type QueueView = z.infer<typeof queueViewSchema>;

export const conversationSummarySchema = z.object({
  id: z.string(),
  customer: named,
  channel: named.extend({ kind: z.string() }),
  queue: named,
  assignee: named.nullable(),
  state: conversationStateSchema,
  tier: tierSchema,
  priority: prioritySchema,
  tags: z.array(z.string()),
  subjectLine: z.string().nullable(),
  waitingSince: z.number().nullable(),
  snoozedUntil: z.number().nullable(),
  lastMessageAt: z.number(),
  lastMessage: z
    .object({ author: z.enum(['agent', 'customer']), text: z.string(), hasAttachments: z.boolean() })
    .nullable(),
  /** The customer wrote something this device has not shown yet. */
  isUnread: z.boolean(),
  /** Commands of this device on it that the relay has not confirmed yet. */
  pendingCount: z.number().int(),
  hasDraft: z.boolean(),
  /** How the draft began at the last pause, in one line; '' where it is only a file. */
  draftStart: z.string(),
});
export type ConversationSummary = z.infer<typeof conversationSummarySchema>;

const escalationOriginSchema = z.object({ reason: z.string(), fromQueue: named, fromTier: tierSchema });

export const conversationViewSchema = conversationSummarySchema.extend({
  answers: z.array(z.object({ label: z.string(), value: z.string() })),
  escalation: escalationOriginSchema
    .extend({
      by: named,
      at: z.number(),
      /** Those from lower tiers that have not ended either, the last one first. */
      earlier: z.array(escalationOriginSchema),
    })
    .nullable(),
  language: z.enum(['vi', 'en']).nullable(),
  createdAt: z.number(),
  closedAt: z.number().nullable(),
  previousConversationId: z.string().nullable(),
  /** Position up to which this device has shown it (`conversation.markSeen`); null when it never did. */
  seenPosition: z.number().nullable(),
  /** Position up to which the customer has written. */
  customerPosition: z.number(),
  /** What this agent may do with it now; views disable the rest. */
  may: z.object({ reply: z.boolean(), reassign: z.boolean(), escalate: z.boolean() }),
  maxTextLength: z.number().int(),
});
export type ConversationView = z.infer<typeof conversationViewSchema>;

/**
 * `waiting`: in the outbox, not yet at the relay; `refused`: needs attention, the text is kept; the rest as the
 * channel reports it. Null for lines that are not sent to a customer.
 */
const messageStateSchema = z.union([z.enum(['waiting', 'refused']), deliveryStateSchema]);
export type MessageState = z.infer<typeof messageStateSchema>;

export const messageViewSchema = z.object({
  id: z.string(),
  conversationId: z.string(),
  position: z.number(),
  kind: z.enum(['public', 'note', 'system']),
  author: z.object({ kind: z.enum(['agent', 'customer', 'system']), id: z.string(), name: z.string() }),
  text: z.string(),
  attachments: z.array(attachmentSchema),
  at: z.number(),
  /** True until the relay confirmed it. */
  isPending: z.boolean(),
  /** Command that made it, while it is pending. */
  commandId: z.string().nullable(),
  state: messageStateSchema.nullable(),
  stateReason: z.string().nullable(),
  /** What happened, for `system` lines; names are resolved into `params` (`assigneeName`, `queueName` …). */
  system: z
    .object({ type: z.string(), params: z.record(z.string(), z.union([z.string(), z.number(), z.null()])) })
    .nullable(),
});
export type MessageView = z.infer<typeof messageViewSchema>;

export const customerViewSchema = z.object({
  id: z.string(),
  name: z.string().nullable(),
  /** What to show: the name, else a phone or mail address, else "Visitor 1a2b". */
  displayName: z.string(),
  givenName: z.string().nullable(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  language: z.enum(['vi', 'en']).nullable(),
  address: z.string().nullable(),
  note: z.string().nullable(),
  isVerified: z.boolean(),
  identities: z.array(z.object({ channel: named, externalId: z.string(), isVerified: z.boolean() })),
  segments: z.array(z.string()),
  orders: z.array(orderSchema),
  createdAt: z.number(),
  lastSeenAt: z.number(),
  /** Newest first, at most 50. */
  conversations: z.array(conversationSummarySchema),
});
export type CustomerView = z.infer<typeof customerViewSchema>;

export const cannedReplyViewSchema = z.object({
  id: z.string(),
  shortcut: z.string(),
  title: z.string(),
  /** In the language asked for, or the one it has. */
  text: z.string(),
  language: z.enum(['vi', 'en']),
});
export type CannedReplyView = z.infer<typeof cannedReplyViewSchema>;

export const syncStatusSchema = z.object({
  /**
   * `signed-out`; `connecting`: trying now; `catching-up`: connected, not at the head yet; `online`: at the head;
   * `offline`: no connection (with the time of the next try); `paused`: told to stay offline.
   */
  state: z.enum(['signed-out', 'connecting', 'catching-up', 'online', 'offline', 'paused']),
  /** Since when it is so, epoch ms. */
  since: z.number(),
  /** Last moment at which everything was known to be up to date; null if never. */
  lastOnlineAt: z.number().nullable(),
  nextTryAt: z.number().nullable(),
  /** Share of a catch-up done, 0 to 1. */
  progress: z.number().nullable(),
  /** Changes, or conversations of a snapshot, that are still to come of it; null where that is not known. */
  remaining: z.number().int().nullable(),
  cursor: z.number().int(),
  head: z.number().int(),
  /** Commands that wait to be sent. */
  pendingCount: z.number().int(),
  /** When the oldest of them was given, epoch ms by this device's clock; null when nothing waits. */
  oldestPendingAt: z.number().nullable(),
  attentionCount: z.number().int(),
  /** Why it is offline, or what happened to the cache (`cache-rebuilt`), once. */
  notice: z.object({ id: z.string(), reason: z.string() }).nullable(),
  /**
   * `full`: this device's disk takes nothing more. Nothing new comes in; what is here can be read, and commands without
   * new files are still taken, in room that was kept for them.
   */
  storage: z.enum(['ok', 'full']),
  error: errorBodySchema.nullable(),
});
export type SyncStatus = z.infer<typeof syncStatusSchema>;

/** What a command is about, with names, so that a list can say it. */
const commandSubjectSchema = z.object({
  /** The conversation, or the first of several; null for commands about something else. */
  conversationId: z.string().nullable(),
  conversationCount: z.number().int(),
  /** False where this device does not hold it: it was withdrawn, or was never here. */
  isHere: z.boolean(),
  customerName: z.string().nullable(),
  /** Whom it is given to, which queue, which tag, as far as it is known. */
  target: z.string().nullable(),
  /** What was typed, whole. */
  text: z.string().nullable(),
  attachments: z.array(attachmentSchema),
});

const relatedCommandSchema = z.object({ commandId: z.string(), type: z.string(), text: z.string().nullable() });

export const outboxEntrySchema = commandSubjectSchema.extend({
  commandId: z.string(),
  n: z.number().int(),
  type: z.string(),
  subjects: z.array(z.string()),
  /** `waiting`: not sent yet; `sent`: under way, no answer yet; `blocked`: waits for `after`, which was refused. */
  state: z.enum(['waiting', 'sent', 'confirmed', 'refused', 'blocked']),
  /** Epoch ms by this device's clock. */
  createdAt: z.number(),
  attempts: z.number().int(),
  /** It was never sent, so that `outbox.undo` takes it back. */
  mayTakeBack: z.boolean(),
  /** What is to happen only after it, and is taken back with it. */
  followers: z.array(relatedCommandSchema),
});
export type OutboxEntry = z.infer<typeof outboxEntrySchema>;

export const attentionItemSchema = commandSubjectSchema.extend({
  commandId: z.string(),
  type: z.string(),
  error: errorBodySchema,
  at: z.number(),
  /** What arrived meanwhile, for `stale`, oldest first; `hasMore` newer ones than these. */
  meanwhile: z.array(messageViewSchema),
  hasMore: z.boolean(),
  /** Who was first, and since when if that is known, for a lost assignment. */
  winner: z.object({ id: z.string(), name: z.string(), at: z.number().nullable() }).nullable(),
  /** Commands that were blocked with it. */
  blocked: z.array(relatedCommandSchema),
});
export type AttentionItem = z.infer<typeof attentionItemSchema>;

export const draftSchema = z.object({
  conversationId: z.string().min(1).max(64),
  kind: z.enum(['reply', 'note']),
  text: z.string().max(200_000),
  /** Caret as an offset in UTF-16 units. */
  caret: z.number().int().nonnegative(),
  attachments: z.array(attachmentSchema),
  /** Which text of another machine of this agent took the place of this one last; null for none. */
  edition: z.string().nullable(),
  updatedAt: z.number(),
});
export type Draft = z.infer<typeof draftSchema>;

export const searchHitSchema = z.object({
  kind: z.enum(['message', 'customer']),
  conversationId: z.string().nullable(),
  messageId: z.string().nullable(),
  /** Of the message, so that a view can load the page around it; null for customers. */
  position: z.number().nullable(),
  customerId: z.string().nullable(),
  customerName: z.string(),
  at: z.number(),
  /** The place found, with the ranges (UTF-16 offsets, end exclusive) that matched. */
  snippet: z.object({ text: z.string(), matches: z.array(z.tuple([z.number().int(), z.number().int()])) }),
});
export type SearchHit = z.infer<typeof searchHitSchema>;
