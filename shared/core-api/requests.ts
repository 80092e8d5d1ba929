import { z } from 'zod';
import { tierSchema } from '../domain/agent/agent-access.ts';
import { prioritySchema } from '../domain/conversation/conversation.ts';
import { attachmentSchema } from '../domain/conversation/message.ts';
import { profileSchema } from '../domain/customer/customer.ts';
import { ephemeralSchema } from '../domain/presence/ephemeral.ts';
import {
  agentViewSchema,
  attentionItemSchema,
  cannedReplyViewSchema,
  conversationSummarySchema,
  conversationViewSchema,
  customerViewSchema,
  draftSchema,
  messageViewSchema,
  outboxEntrySchema,
  queueViewSchema,
  searchHitSchema,
  syncStatusSchema,
} from './views.ts';

const id = z.string().min(1).max(64);
const conversationIds = z.array(id).min(1).max(1000);
const nothing = z.object({});

/** The command is in the outbox, synced to disk, when the reply arrives. */
const queued = z.object({ commandId: z.string() });
/** Made by the client where it wants to know it beforehand (retry without doubling). */
const commandId = z.uuid().optional();

const conversationFilterSchema = z.object({
  /** `open` covers everything that is neither closed nor snoozed. */
  view: z.enum(['mine', 'unassigned', 'open', 'waiting', 'snoozed', 'closed', 'escalated', 'attention']),
  queueId: id.nullable().default(null),
  customerId: id.nullable().default(null),
});
export type ConversationFilter = z.input<typeof conversationFilterSchema>;

const current = z.object({
  agent: agentViewSchema.nullable(),
  workspaceName: z.string().nullable(),
  relayUrl: z.string().nullable(),
});

/**
 * Every request of a view to the core, the same in every host. Input is checked on arrival; output is what the
 * feature returns. Commands answer once they are safe in the outbox, not when the relay confirmed them.
 */
export const coreRequests = {
  'session.signIn': {
    does: 'Signs in at a relay; needs a connection. Reuses the cache and outbox that this agent left on this device.',
    input: z.object({ relayUrl: z.url().max(500), email: z.string().max(254), password: z.string().max(1000) }),
    output: current,
  },
  'session.current': { does: 'Who is signed in here, also offline.', input: nothing, output: current },
  'session.signOut': {
    does: 'Signs out and deletes the cache. Refused with `conflict` while commands are unsent, unless `force`; they are kept on this device for the next sign-in of the same agent either way.',
    input: z.object({ force: z.boolean().default(false) }),
    output: nothing,
  },
  'sync.status': { does: 'The connection as it really is.', input: nothing, output: syncStatusSchema },
  'sync.setOnline': {
    does: 'Goes offline on purpose, or online again.',
    input: z.object({ isOnline: z.boolean() }),
    output: syncStatusSchema,
  },
  'sync.networkBack': {
    does: 'The network of this machine is back, as far as the window knows: whoever waits to connect again does so soon, and a connection has to show that it lives.',
    input: nothing,
    output: nothing,
  },
  'sync.dismissNotice': {
    does: 'The notice in the status was seen.',
    input: z.object({ id: z.string() }),
    output: nothing,
  },

  'conversation.list': {
    does: 'A window of a filtered list. `attention` lists conversations with a refused command.',
    input: z.object({
      filter: conversationFilterSchema,
      sort: z.enum(['newest', 'waiting-longest']).default('newest'),
      offset: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(200).default(50),
    }),
    output: z.object({ items: z.array(conversationSummarySchema), total: z.number().int() }),
  },
  'conversation.counts': {
    does: 'Counters of the filters.',
    input: nothing,
    output: z.object({
      mine: z.number().int(),
      mineUnread: z.number().int(),
      unassigned: z.number().int(),
      open: z.number().int(),
      /** Of these, those in which a customer waits for an answer. */
      customerWaiting: z.number().int(),
      waiting: z.number().int(),
      snoozed: z.number().int(),
      escalated: z.number().int(),
      attention: z.number().int(),
    }),
  },
  'conversation.get': {
    does: 'One conversation.',
    input: z.object({ conversationId: id }),
    output: conversationViewSchema,
  },
  'conversation.assign': {
    does: 'To an agent, or back into the queue (`agentId: null`).',
    input: z.object({ conversationIds, agentId: id.nullable(), force: z.boolean().default(false), commandId }),
    output: queued,
  },
  'conversation.move': {
    does: 'To another queue.',
    input: z.object({ conversationIds, queueId: id, commandId }),
    output: queued,
  },
  'conversation.close': { does: 'Closes.', input: z.object({ conversationIds, commandId }), output: queued },
  'conversation.reopen': { does: 'Opens again.', input: z.object({ conversationIds, commandId }), output: queued },
  'conversation.wait': {
    does: 'It is the customer’s turn.',
    input: z.object({ conversationIds, commandId }),
    output: queued,
  },
  'conversation.snooze': {
    does: 'Puts aside until a time (epoch ms), or until the customer writes (`until: null`).',
    input: z.object({ conversationIds, until: z.number().nullable(), commandId }),
    output: queued,
  },
  'conversation.escalate': {
    does: 'One tier up, or to the tier and queue named, with a reason.',
    input: z.object({
      conversationId: id,
      reason: z.string().max(20_000),
      tier: tierSchema.optional(),
      queueId: id.optional(),
      commandId,
    }),
    output: queued,
  },
  'conversation.tag': {
    does: 'Adds and removes tags.',
    input: z.object({
      conversationId: id,
      add: z.array(z.string()).default([]),
      remove: z.array(z.string()).default([]),
      commandId,
    }),
    output: queued,
  },
  'conversation.setPriority': {
    does: 'Sets the priority.',
    input: z.object({ conversationId: id, priority: prioritySchema, commandId }),
    output: queued,
  },
  'conversation.markSeen': {
    does: 'This device has shown the conversation up to here; ends `isUnread`.',
    input: z.object({ conversationId: id }),
    output: nothing,
  },

  'message.list': {
    does: 'Messages, notes and system lines in order, the newest page first; older pages by `before`. Fetches from the relay what the cache does not hold; offline, `isOlderMissing` tells that something is not here.',
    input: z.object({
      conversationId: id,
      before: z.number().nullable().default(null),
      /** Instead of `before`: the page that follows this position, for reading on from a search hit. */
      after: z.number().nullable().default(null),
      limit: z.number().int().min(1).max(200).default(50),
    }),
    output: z.object({
      /** Ascending. */
      messages: z.array(messageViewSchema),
      hasOlder: z.boolean(),
      /** There are newer ones than the last of this page (always false for the newest page). */
      hasNewer: z.boolean(),
      /** There are older ones, at the relay only, and it cannot be reached now. */
      isOlderMissing: z.boolean(),
    }),
  },
  'message.send': {
    does: 'A reply to the customer.',
    input: z.object({
      conversationId: id,
      text: z.string(),
      attachments: z.array(attachmentSchema).default([]),
      cannedReplyId: id.nullable().default(null),
      messageId: z.uuid().optional(),
      commandId,
    }),
    output: queued.extend({ messageId: z.string() }),
  },
  'note.add': {
    does: 'A private note.',
    input: z.object({
      conversationId: id,
      text: z.string(),
      attachments: z.array(attachmentSchema).default([]),
      mentions: z.array(id).default([]),
      messageId: z.uuid().optional(),
      commandId,
    }),
    output: queued.extend({ messageId: z.string() }),
  },

  'customer.get': {
    does: 'One customer with orders and conversations.',
    input: z.object({ customerId: id }),
    output: customerViewSchema,
  },
  'customer.update': {
    does: 'Changes profile fields.',
    input: z.object({ customerId: id, profile: profileSchema.partial(), commandId }),
    output: queued,
  },
  'agent.list': {
    does: 'Everyone who answers here.',
    input: nothing,
    output: z.object({ agents: z.array(agentViewSchema) }),
  },
  'queue.list': {
    does: 'Queues with counters.',
    input: nothing,
    output: z.object({ queues: z.array(queueViewSchema) }),
  },
  'cannedReply.list': {
    does: 'Canned replies that fit, best first: shortcut begins so, then contains, then title or text contains (accents folded).',
    input: z.object({
      text: z.string().max(200).default(''),
      language: z.enum(['vi', 'en']).nullable().default(null),
      conversationId: id.nullable().default(null),
    }),
    output: z.object({ cannedReplies: z.array(cannedReplyViewSchema) }),
  },
  'cannedReply.render': {
    does: 'A canned reply filled in for a conversation; `missing` names what could not be.',
    input: z.object({ cannedReplyId: id, conversationId: id, language: z.enum(['vi', 'en']).nullable().default(null) }),
    output: z.object({ text: z.string(), missing: z.array(z.string()) }),
  },

  'draft.save': {
    does: 'Keeps what is being written; empty text and no attachment deletes it. Durable when answered.',
    // The edition that was read last tells whether what another machine brought meanwhile was seen. Left out: it was.
    input: draftSchema.omit({ updatedAt: true }).partial({ edition: true }),
    output: nothing,
  },
  'draft.get': {
    does: 'What was being written.',
    input: z.object({ conversationId: id }),
    output: z.object({ reply: draftSchema.nullable(), note: draftSchema.nullable() }),
  },
  'draft.leave': {
    does: 'The agent turned to something else: what is being written there goes to their other machines now.',
    input: z.object({ conversationId: id }),
    output: nothing,
  },
  'setting.get': {
    does: 'A setting of this device: open tabs, theme, language …',
    input: z.object({ key: z.string().max(80) }),
    output: z.object({ value: z.unknown() }),
  },
  'setting.set': {
    does: 'Keeps a setting. Durable when answered.',
    input: z.object({ key: z.string().max(80), value: z.unknown() }),
    output: nothing,
  },

  'search.run': {
    does: 'Newest first over everything cached; accents and case do not matter, the last word may be unfinished.',
    input: z.object({ text: z.string().max(500), limit: z.number().int().min(1).max(200).default(50) }),
    output: z.object({ hits: z.array(searchHitSchema), tookMs: z.number() }),
  },

  'outbox.list': {
    does: 'Commands that are not settled, in the order in which they go out; of one conversation, or all.',
    input: z.object({
      conversationId: id.nullable().default(null),
      limit: z.number().int().min(1).max(10_000).default(10_000),
    }),
    output: z.object({ entries: z.array(outboxEntrySchema), total: z.number().int() }),
  },
  'outbox.undo': {
    does: 'Takes back a command that was not sent yet, and with it what was to happen only after it (a close behind a reply). `conflict` once it was sent.',
    input: z.object({ commandId: z.string() }),
    output: z.object({ takenBack: z.array(z.object({ commandId: z.string(), type: z.string() })) }),
  },
  'attention.list': {
    does: 'Refused commands, with what was typed.',
    input: nothing,
    output: z.object({ items: z.array(attentionItemSchema) }),
  },
  'attention.resolve': {
    does: '`send-anyway` submits it again as a new command with the same message; `edit` puts the text back into the draft; `discard` drops it.',
    input: z.object({ commandId: z.string(), action: z.enum(['send-anyway', 'edit', 'discard']) }),
    output: nothing,
  },

  'file.begin': {
    does: 'Begins to take over a file of `size` bytes (at most 10 MB).',
    input: z.object({ name: z.string().max(400), size: z.number().int().min(1) }),
    output: z.object({ uploadId: z.string(), chunkSize: z.number().int() }),
  },
  'file.append': {
    does: 'The next bytes of it, base64.',
    input: z.object({ uploadId: z.string(), offset: z.number().int().min(0), content: z.string().max(400_000) }),
    output: nothing,
  },
  'file.finish': {
    does: 'It is complete and kept on this device; the attachment can be sent, also offline.',
    input: z.object({ uploadId: z.string() }),
    output: z.object({ attachment: attachmentSchema }),
  },
  'file.read': {
    does: 'Bytes of an attachment, base64; fetched from the relay when this device has it not.',
    input: z.object({
      fileId: z.string(),
      conversationId: id,
      offset: z.number().int().min(0),
      length: z.number().int().min(1).max(262_144),
    }),
    output: z.object({ content: z.string(), size: z.number().int() }),
  },

  'presence.set': {
    does: 'Own availability.',
    input: z.object({ status: z.enum(['available', 'away']) }),
    output: nothing,
  },
  'presence.list': {
    does: 'Who types and who looks at a conversation now.',
    input: z.object({ conversationId: id }),
    output: z.object({ ephemerals: z.array(ephemeralSchema) }),
  },
} as const;

export type CoreRequests = typeof coreRequests;
export type CoreRequestName = keyof CoreRequests;
/** What a caller may write (defaults may be left out). */
export type CoreInput<Name extends CoreRequestName> = z.input<CoreRequests[Name]['input']>;
/** What a feature receives. */
export type CoreParsedInput<Name extends CoreRequestName> = z.output<CoreRequests[Name]['input']>;
export type CoreOutput<Name extends CoreRequestName> = z.output<CoreRequests[Name]['output']>;
