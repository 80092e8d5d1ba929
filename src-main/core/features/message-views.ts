import type { Conversation } from '../../../shared/domain/conversation/conversation.ts';
import { conversationRef } from '../../../shared/domain/conversation/decide.ts';
import type { Message } from '../../../shared/domain/conversation/message.ts';
import { PENDING_SEQ, positionOf } from '../../../shared/domain/subject/subject-kind.ts';
import type { CoreParsedInput } from '../../../shared/core-api/requests.ts';
import type { MessageState, MessageView } from '../../../shared/core-api/views.ts';
import type { CacheView, FoundRow } from '../cache/cache-view.ts';
import type { RefusedCommand } from '../cache/local-state.ts';
import { noSuchConversation } from './conversation-views.ts';
import { nameAgent, nameCustomer, nameQueue } from './names.ts';

export interface MessagePage {
  messages: MessageView[];
  hasOlder: boolean;
  hasNewer: boolean;
  /** Where the held window begins; what is older is at the relay. Null when all is held. */
  missingBefore: number | null;
}

/** Refused texts stand after everything confirmed and before what is pending. */
const REFUSED_POSITION = positionOf(PENDING_SEQ, 0) - 4096;

export function listMessages(
  view: CacheView,
  { conversationId, before, after, limit }: CoreParsedInput<'message.list'>,
): MessagePage {
  const subject = conversationRef(conversationId);
  const conversation = view.root<Conversation>('conversation', conversationId);
  if (conversation === null) throw noSuchConversation(view, conversationId);
  const isForward = after !== null;
  const bound = isForward ? 'position > ?' : before === null ? '' : 'position < ?';
  const parameters = isForward ? [after] : before === null ? [] : [before];
  const found = view.find<Message>({
    table: 'message',
    anyOf: [view.itemsOf(subject, bound, ...parameters)],
    orderBy: [{ column: 'position', isDescending: !isForward }],
    limit: limit + 1,
  });
  const page = found.slice(0, limit);
  if (!isForward) page.reverse();
  const hasMore = found.length > limit;
  const isNewest = isForward ? !hasMore : before === null;
  const messages = page.map((one) => describeMessage(view, conversation, one));
  const window = view.windowOf(subject);
  const missingBefore = window === null || window.isComplete ? null : window.from;
  return {
    messages: isNewest ? withRefused(view, conversation, messages) : messages,
    hasOlder: (isForward ? true : hasMore) || missingBefore !== null,
    hasNewer: isForward ? hasMore : before !== null,
    missingBefore,
  };
}

/** Position of the newest confirmed message of a conversation; 0 when there is none. */
export function newestPosition(view: CacheView, { conversationId }: { conversationId: string }): number {
  const [newest] = view.find<Message>({
    table: 'message',
    anyOf: [view.itemsOf(conversationRef(conversationId), 'position < ?', REFUSED_POSITION)],
    orderBy: [{ column: 'position', isDescending: true }],
    limit: 1,
  });
  return newest?.row.position ?? 0;
}

export function describeMessage(view: CacheView, conversation: Conversation, found: FoundRow<Message>): MessageView {
  const { row, commandId } = found;
  const isPending = commandId !== null;
  const isToCustomer = row.kind === 'public' && row.author.kind === 'agent';
  return {
    id: row.id,
    conversationId: row.subjectId,
    position: row.position,
    kind: row.kind,
    author: { ...row.author, name: authorName(view, conversation, row.author) },
    text: row.text,
    attachments: row.attachments,
    at: row.at,
    isPending,
    commandId,
    state: isToCustomer ? (isPending ? 'waiting' : (row.delivery?.state ?? null)) : null,
    stateReason: row.delivery?.reason ?? null,
    system: row.system === null ? null : { type: row.system.type, params: withNames(view, row.system.params) },
  };
}

/** What was refused stays where it was written until the agent has decided what becomes of it. */
function withRefused(view: CacheView, conversation: Conversation, messages: MessageView[]): MessageView[] {
  const subject = conversationRef(conversation.id);
  const refused = view.local.refused
    .filter((one) => one.subjects.includes(subject) && (one.type === 'message.send' || one.type === 'note.add'))
    // A text that arrived all the same, by another try, is shown once.
    .filter((one) => view.item(subject, 'message', (one.args as RefusedText).messageId) === null)
    .map((one, index) => describeRefused(view, conversation, one, REFUSED_POSITION + index));
  if (refused.length === 0) return messages;
  return [...messages, ...refused].sort((a, b) => a.position - b.position);
}

interface RefusedText {
  messageId: string;
  text: string;
  attachments: Message['attachments'];
}

function describeRefused(
  view: CacheView,
  conversation: Conversation,
  { commandId, type, args, error, at }: RefusedCommand,
  position: number,
): MessageView {
  const { messageId, text, attachments } = args as RefusedText;
  const state: MessageState = 'refused';
  return {
    id: messageId,
    conversationId: conversation.id,
    position,
    kind: type === 'note.add' ? 'note' : 'public',
    author: { kind: 'agent', ...nameAgent(view, view.agentId) },
    text,
    attachments,
    at,
    isPending: true,
    commandId,
    state,
    stateReason: error.reason ?? error.kind,
    system: null,
  };
}

function authorName(view: CacheView, conversation: Conversation, author: Message['author']): string {
  if (author.kind === 'agent') return nameAgent(view, author.id).name;
  return author.kind === 'customer' ? nameCustomer(view, conversation.customerId).name : '';
}

type Params = Record<string, string | number | null>;

/** Adds the names behind ids: `queueId` gets a `queueName` beside it. */
function withNames(view: CacheView, params: Params): Params {
  const named: Params = { ...params };
  for (const [key, value] of Object.entries(params)) {
    if (typeof value !== 'string') continue;
    if (/assigneeId$/iu.test(key)) named[key.replace(/Id$/u, 'Name')] = nameAgent(view, value).name;
    if (/queueId$/iu.test(key)) named[key.replace(/Id$/u, 'Name')] = nameQueue(view, value).name;
  }
  return named;
}
