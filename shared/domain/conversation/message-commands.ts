import { z } from 'zod';
import { cleanLine, cleanText } from '../../primitives/clean-text.ts';
import type { Channel } from '../channel/channel.ts';
import { requireNotErased, requireNotErasedSince } from '../erasure/erasure.ts';
import { type Customer, type Profile, identitySchema, profileSchema } from '../customer/customer.ts';
import type { Queue } from '../queue/queue.ts';
import { accept, defineCommand, refuse } from '../subject/define-command.ts';
import { type Change, type DecideContext, type Decision, subjectRef } from '../subject/subject-kind.ts';
import { type Conversation, lastForeignPublicSeq } from './conversation.ts';
import { conversationRef, requireAgent, requireConversation, requireText } from './decide.ts';
import { answersSchema, type ConversationChangeData } from './events.ts';
import { MAX_ATTACHMENTS, type Message, attachmentSchema, deliveryStateSchema, mayAdvanceDelivery } from './message.ts';

const id = z.string().min(1).max(64);
// Longer than the limit on purpose: `decide` refuses with a reason that a view can say, the schema only bounds it.
const text = z.string().max(200_000).transform(cleanText);
const attachments = z
  .array(attachmentSchema.extend({ name: z.string().max(400).transform(cleanFileName) }))
  .max(MAX_ATTACHMENTS);

const DAY_MS = 24 * 60 * 60 * 1000;
/** How exact `lastSeenAt` is kept while a customer goes on writing. */
const SEEN_INTERVAL_MS = 60 * 60 * 1000;

/** A file name that is safe to show and to save: one line, no path, never empty, at most 200 characters. */
function cleanFileName(name: string): string {
  const line = cleanLine(name).replaceAll(/[\\/:*?"<>|]/gu, '_');
  const short = line.length <= 200 ? line : `${line.slice(0, 150)}…${line.slice(-40)}`.toWellFormed();
  return short === '' || /^\.+$/u.test(short) ? 'file' : short;
}

const sendArgs = z.object({
  conversationId: id,
  /** Made by the console; the same again in a "send anyway". */
  messageId: id,
  text,
  attachments: attachments.default([]),
  cannedReplyId: id.nullable().default(null),
  writtenAt: z.number(),
  /** The agent saw what arrived meanwhile and sends all the same. */
  isConfirmed: z.boolean().default(false),
});

/** A reply to the customer. */
const sendMessage = defineCommand({
  type: 'message.send',
  args: sendArgs,
  base: z.object({
    /** Seq of the newest public message the writer saw that is not the writer's own (confirmed rows only). */
    foreignPublicSeq: z.number().int(),
  }),
  observe: (seen, args) => {
    const root = seen.confirmed<Conversation>(conversationRef(args.conversationId)).root();
    return { foreignPublicSeq: root === null ? 0 : lastForeignPublicSeq(root, seen.agentId) };
  },
  subjects: (args) => [conversationRef(args.conversationId)],
  files: (args) => args.attachments.map((attachment) => attachment.fileId),
  decide: (context, args, base) => {
    const access = requireAgent(context);
    const root = requireConversation(context, args.conversationId);
    requireText(args.text, args.attachments.length > 0);
    const subject = conversationRef(args.conversationId);
    if (context.read(subject).item<Message>('message', args.messageId) !== null) {
      return refuse('conflict', 'This message was sent already.', { reason: 'already-sent' });
    }
    const newest = lastForeignPublicSeq(root, access.agentId);
    if (context.isDelayed && !args.isConfirmed && newest > base.foreignPublicSeq) {
      return refuse('stale', 'The conversation moved on since this was written; look at it before sending.', {
        reason: 'conversation-moved-on',
        current: { afterSeq: base.foreignPublicSeq, newestSeq: newest },
      });
    }
    const limit = context.read(subjectRef('channel', root.channelId)).root() as Channel | null;
    if (limit !== null && args.text.length > limit.maxTextLength) {
      return refuse('too_large', `This channel carries at most ${limit.maxTextLength} characters a message.`, {
        reason: 'text-too-long-for-channel',
        params: { limit: limit.maxTextLength },
      });
    }
    const data: ConversationChangeData<'message-sent'> = {
      messageId: args.messageId,
      agentId: access.agentId,
      text: args.text,
      attachments: args.attachments,
      writtenAt: args.writtenAt,
      cannedReplyId: args.cannedReplyId,
      claim: root.assigneeId === null ? { assigneeId: access.agentId, version: context.commandId } : null,
    };
    return accept([{ subject, type: 'message-sent', v: 1, data }]);
  },
});

/** A private note; never refused for staleness. */
const addNote = defineCommand({
  type: 'note.add',
  args: z.object({
    conversationId: id,
    messageId: id,
    text,
    attachments: attachments.default([]),
    mentions: z.array(id).max(20).default([]),
    writtenAt: z.number(),
  }),
  subjects: (args) => [conversationRef(args.conversationId)],
  files: (args) => args.attachments.map((attachment) => attachment.fileId),
  decide: (context, args) => {
    const access = requireAgent(context);
    requireConversation(context, args.conversationId);
    requireText(args.text, args.attachments.length > 0);
    const subject = conversationRef(args.conversationId);
    if (context.read(subject).item<Message>('message', args.messageId) !== null) {
      return refuse('conflict', 'This note was added already.', { reason: 'already-sent' });
    }
    const data: ConversationChangeData<'note-added'> = {
      messageId: args.messageId,
      text: args.text,
      attachments: args.attachments,
      mentions: args.mentions,
      writtenAt: args.writtenAt,
      agentId: access.agentId,
    };
    return accept([{ subject, type: 'note-added', v: 1, data }]);
  },
});

const receiveArgs = z.object({
  channelId: id,
  customer: z.object({ id, identity: identitySchema, profile: profileSchema.partial() }),
  /** The conversation the channel last used for this customer; null when there is none. */
  conversationId: id.nullable(),
  /** Used when a new conversation has to be started. */
  newConversationId: id,
  messageId: id,
  text,
  attachments: attachments.default([]),
  writtenAt: z.number(),
  subjectLine: z.string().max(300).transform(cleanLine).nullable().default(null),
  answers: answersSchema.default([]),
  language: z.enum(['vi', 'en']).nullable().default(null),
});

/** A customer's message, from a channel. Output: `{ conversationId }`, the one it went into. */
const receiveMessage = defineCommand({
  type: 'message.receive',
  args: receiveArgs,
  subjects: (args) => [
    conversationRef(args.conversationId ?? args.newConversationId),
    subjectRef('customer', args.customer.id),
  ],
  files: (args) => args.attachments.map((attachment) => attachment.fileId),
  decide: (context, args) => {
    if (context.actor.kind === 'agent') {
      return refuse('forbidden', 'Customers’ messages come from channels only.', { reason: 'channel-only' });
    }
    requireText(args.text, args.attachments.length > 0);
    requireNotErasedSince(context, subjectRef('customer', args.customer.id));
    // A channel that does not know of the conversation which it started is not to start it over.
    const knownId = args.conversationId ?? args.newConversationId;
    const known = context.read<Conversation>(conversationRef(knownId)).root();
    const target = known !== null && mayContinue(context, known) ? known : null;
    return receiveInto(context, args, target, known);
  },
});

function receiveInto(
  context: DecideContext,
  args: z.infer<typeof receiveArgs>,
  target: Conversation | null,
  previous: Conversation | null,
): Decision {
  const changes: Change[] = [];
  const conversationId = target?.id ?? args.newConversationId;
  const subject = conversationRef(conversationId);
  if (target === null) {
    if (context.read(subject).root() !== null) {
      return refuse('conflict', 'A conversation with this id exists already.', { reason: 'id-taken' });
    }
    // A message of before, told once more: it must not bring back what was erased.
    requireNotErased(context, subject);
    const channel = context.read(subjectRef('channel', args.channelId)).root() as Channel | null;
    if (channel === null) {
      return refuse('not_found', 'There is no such channel.', { reason: 'no-such-channel' });
    }
    const data: ConversationChangeData<'conversation-started'> = {
      channelId: args.channelId,
      customerId: args.customer.id,
      queueId: channel.queueId,
      subjectLine: args.subjectLine,
      answers: args.answers,
      language: args.language,
      previousConversationId: previous?.id ?? null,
    };
    changes.push({ subject, type: 'conversation-started', v: 1, data });
  }
  const seen = newsOfCustomer(context, args);
  if (seen !== null) changes.unshift(seen);
  const data: ConversationChangeData<'message-received'> = {
    messageId: args.messageId,
    customerId: args.customer.id,
    text: args.text,
    attachments: args.attachments,
    writtenAt: args.writtenAt,
    assigneeId: target === null ? null : assigneeAfter(context, target),
  };
  changes.push({ subject, type: 'message-received', v: 1, data });
  return accept(changes, { conversationId });
}

/**
 * What the message says of its customer that is not known yet; once in a while, that the customer is still there.
 * A channel fills in blanks and never overwrites: what an agent corrected would be undone by every message.
 */
function newsOfCustomer(context: DecideContext, args: z.infer<typeof receiveArgs>): Change | null {
  const { id: customerId, identity, profile } = args.customer;
  const subject = subjectRef('customer', customerId);
  const known = context.read<Customer>(subject).root();
  const blanks = Object.entries(profile).filter(
    ([field, value]) =>
      value !== null && value !== undefined && (known === null || known[field as keyof Profile] === null),
  );
  const isKnown =
    known?.identities.some(
      (one) =>
        one.channelId === identity.channelId &&
        one.externalId === identity.externalId &&
        one.isVerified === identity.isVerified,
    ) === true;
  if (isKnown && blanks.length === 0 && context.now - known!.lastSeenAt <= SEEN_INTERVAL_MS) return null;
  const data = { identity, profile: Object.fromEntries(blanks), seenAt: context.now };
  return { subject, type: 'customer-seen', v: 1, data };
}

/** A closed conversation is continued within its queue's `reopenDays`, any other always. */
function mayContinue(context: DecideContext, conversation: Conversation): boolean {
  if (conversation.closedAt === null) return true;
  const queue = queueOf(context, conversation);
  return context.now - conversation.closedAt <= (queue?.reopenDays ?? 7) * DAY_MS;
}

function assigneeAfter(context: DecideContext, conversation: Conversation): string | null {
  if (conversation.closedAt === null) return conversation.assigneeId;
  return queueOf(context, conversation)?.keepAssigneeOnReopen === false ? null : conversation.assigneeId;
}

function queueOf(context: DecideContext, conversation: Conversation): Queue | null {
  return context.read(subjectRef('queue', conversation.queueId)).root() as Queue | null;
}

/** What became of outgoing messages. Messages the update does not move forward are left out of the fact. */
const updateDelivery = defineCommand({
  type: 'delivery.update',
  args: z.object({
    conversationId: id,
    messageIds: z.array(id).min(1).max(500),
    state: deliveryStateSchema,
    reason: z.string().max(200).nullable().default(null),
  }),
  subjects: (args) => [conversationRef(args.conversationId)],
  decide: (context, args) => {
    if (context.actor.kind === 'agent') {
      return refuse('forbidden', 'Receipts come from channels only.', { reason: 'channel-only' });
    }
    requireConversation(context, args.conversationId);
    const subject = conversationRef(args.conversationId);
    const { state, reason } = args;
    const reader = context.read(subject);
    const messageIds = args.messageIds.filter((messageId) => {
      const delivery = reader.item<Message>('message', messageId)?.delivery;
      return delivery !== undefined && delivery !== null && mayAdvanceDelivery(delivery.state, state);
    });
    if (messageIds.length === 0) return accept([]);
    return accept([{ subject, type: 'delivery-updated', v: 1, data: { messageIds, state, reason } }]);
  },
});

export const messageCommands = [sendMessage, addNote, receiveMessage, updateDelivery];
