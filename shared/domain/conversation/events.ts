import { z } from 'zod';
import { tierSchema } from '../agent/agent-access.ts';
import { replacing } from '../subject/redact.ts';
import { conversationStateSchema, prioritySchema } from './conversation.ts';
import { attachmentSchema, deliveryStateSchema } from './message.ts';

const id = z.string().min(1).max(64);

const withoutText = replacing({ text: '', attachments: [] });

export const answersSchema = z.array(z.object({ label: z.string().max(120), value: z.string().max(500) })).max(10);

/** What can happen to a conversation. Each carries results, not intents (SYNC-L2). */
export const conversationChanges = {
  'conversation-started': {
    v: 1,
    schema: z.object({
      channelId: id,
      customerId: id,
      queueId: id,
      subjectLine: z.string().max(300).nullable(),
      answers: answersSchema,
      language: z.enum(['vi', 'en']).nullable(),
      previousConversationId: id.nullable(),
    }),
    redact: replacing({ subjectLine: null, answers: [] }),
  },
  'message-received': {
    v: 1,
    schema: z.object({
      messageId: id,
      customerId: id,
      text: z.string(),
      attachments: z.array(attachmentSchema),
      writtenAt: z.number(),
      /** Assignee after this message (a reopened conversation may lose it). */
      assigneeId: id.nullable(),
    }),
    redact: withoutText,
  },
  'message-sent': {
    v: 1,
    schema: z.object({
      messageId: id,
      agentId: id,
      text: z.string(),
      attachments: z.array(attachmentSchema),
      writtenAt: z.number(),
      cannedReplyId: id.nullable(),
      /** Set when the reply also took an unassigned conversation. */
      claim: z.object({ assigneeId: id, version: id }).nullable(),
    }),
    redact: withoutText,
  },
  'note-added': {
    v: 1,
    schema: z.object({
      messageId: id,
      agentId: id,
      text: z.string(),
      attachments: z.array(attachmentSchema),
      writtenAt: z.number(),
      mentions: z.array(id),
    }),
    redact: withoutText,
  },
  'delivery-updated': {
    v: 1,
    schema: z.object({
      messageIds: z.array(id).min(1),
      state: deliveryStateSchema,
      reason: z.string().max(200).nullable(),
    }),
    redact: replacing({ reason: null }),
  },
  'conversation-assigned': {
    v: 1,
    schema: z.object({ assigneeId: id.nullable(), previousAssigneeId: id.nullable(), version: id }),
  },
  'conversation-moved': {
    v: 1,
    schema: z.object({
      queueId: id,
      previousQueueId: id,
      assigneeId: id.nullable(),
      /** New version if the move changed the assignee, else null. */
      version: id.nullable(),
    }),
  },
  /** One change for every change of state by hand or by a timer. */
  'conversation-state-changed': {
    v: 1,
    schema: z.object({
      state: conversationStateSchema,
      previousState: conversationStateSchema,
      snoozedUntil: z.number().nullable(),
    }),
  },
  'conversation-escalated': {
    v: 1,
    schema: z.object({
      escalationId: id,
      tier: tierSchema,
      previousTier: tierSchema,
      queueId: id,
      previousQueueId: id,
      reason: z.string(),
      byAgentId: id,
      version: id,
    }),
    redact: replacing({ reason: '' }),
  },
  /** It went back to where an escalation came from, and that one ended. */
  'conversation-handed-back': {
    v: 1,
    schema: z.object({ escalationId: id, tier: tierSchema, previousTier: tierSchema }),
  },
  'conversation-tagged': {
    v: 1,
    schema: z.object({ added: z.array(z.string()), removed: z.array(z.string()) }),
    redact: replacing({ added: [], removed: [] }),
  },
  'conversation-priority-set': {
    v: 1,
    schema: z.object({ priority: prioritySchema, previousPriority: prioritySchema }),
  },
  /** The customer was erased, and this with them (SYNC-L7). */
  'conversation-erased': { v: 1, schema: z.object({}) },
} as const;

type Changes = typeof conversationChanges;
export type ConversationChangeType = keyof Changes;
export type ConversationChangeData<Type extends ConversationChangeType> = z.infer<Changes[Type]['schema']>;
