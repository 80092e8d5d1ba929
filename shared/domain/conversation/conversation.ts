import { z } from 'zod';
import type { Tier } from '../agent/agent-access.ts';
import type { RootRow } from '../subject/subject-kind.ts';

/** `bot`: the bot serves; `open`: ours to act; `waiting`: for the customer; `snoozed`: until a time or the next message. */
export const conversationStateSchema = z.enum(['bot', 'open', 'waiting', 'snoozed', 'closed']);
export type ConversationState = z.infer<typeof conversationStateSchema>;

export const prioritySchema = z.enum(['low', 'normal', 'high', 'urgent']);
export type Priority = z.infer<typeof prioritySchema>;

export interface Escalation {
  id: string;
  reason: string;
  byAgentId: string;
  fromQueueId: string;
  /** Left out, here and below, in rows from before escalations could be handed back. */
  fromTier?: Tier;
  at: number;
  /** The one from a lower tier that has not ended either. */
  before?: Escalation | null;
}

export type Conversation = RootRow & {
  channelId: string;
  customerId: string;
  queueId: string;
  /** The subject of a mail; null on channels that have none. */
  subjectLine: string | null;
  /** What the customer answered before the first message. */
  answers: { label: string; value: string }[];
  language: 'vi' | 'en' | null;
  state: ConversationState;
  /** Epoch ms; null while snoozed means "until the customer writes". */
  snoozedUntil: number | null;
  assigneeId: string | null;
  /** Id of the command that last set the assignee; '' before the first. Compare-and-set is on this. */
  assignmentVersion: string;
  tier: Tier;
  /** The last one that has not ended. */
  escalation: Escalation | null;
  priority: Priority;
  tags: string[];
  participantIds: string[];
  /** Seq of the customer's last message; 0 before the first. */
  customerSeq: number;
  /** Seq of each agent's last public message. */
  publicSeqByAgent: Record<string, number>;
  /** Since when the customer waits for a human's public reply, epoch ms; null when nobody waits. */
  waitingSince: number | null;
  createdAt: number;
  lastMessageAt: number;
  lastMessage: { author: 'agent' | 'customer'; text: string; hasAttachments: boolean } | null;
  firstReplyAt: number | null;
  closedAt: number | null;
  /** The conversation that this one continues, when a customer came back after `reopenDays`. */
  previousConversationId: string | null;
};

/** Seq of the last public message that `agentId` has not written: the customer's or another agent's. */
export function lastForeignPublicSeq(conversation: Conversation, agentId: string): number {
  let last = conversation.customerSeq;
  for (const [author, seq] of Object.entries(conversation.publicSeqByAgent)) {
    if (author !== agentId && seq > last) last = seq;
  }
  return last;
}
