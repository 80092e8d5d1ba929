import type { Channel } from '../../../shared/domain/channel/channel.ts';
import type { Conversation, Escalation } from '../../../shared/domain/conversation/conversation.ts';
import { conversationRef, isConversationVisible, mayReassign } from '../../../shared/domain/conversation/decide.ts';
import { escalationsOf } from '../../../shared/domain/conversation/hand-back.ts';
import { erasedError, erasureRef } from '../../../shared/domain/erasure/erasure.ts';
import { POSITIONS_PER_EVENT, parseSubjectRef, subjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import { AppError } from '../../../shared/errors.ts';
import type { CoreOutput, CoreParsedInput } from '../../../shared/core-api/requests.ts';
import type { ConversationSummary, ConversationView } from '../../../shared/core-api/views.ts';
import type { CacheView, Condition, RowQuery } from '../cache/cache-view.ts';
import { nameAgent, nameChannel, nameCustomer, nameQueue } from './names.ts';

type Filter = CoreParsedInput<'conversation.list'>['filter'];

const SERVED = ['bot', 'open', 'waiting'];
const NOT_CLOSED = [...SERVED, 'snoozed'];
/** For views of a channel that is not known (any more). */
const DEFAULT_MAX_TEXT_LENGTH = 5000;
const MAX_UNREAD_COUNTED = 1000;

export function listConversations(
  view: CacheView,
  { filter, sort, offset, limit }: CoreParsedInput<'conversation.list'>,
): CoreOutput<'conversation.list'> {
  const anyOf = conditionsOf(view, filter);
  const query: RowQuery = { table: 'conversation', anyOf, orderBy: ORDERS[sort], offset, limit };
  const items = view.find<Conversation>(query).map(({ row }) => summarize(view, row));
  return { items, total: countOf(view, filter) };
}

const ORDERS: Record<CoreParsedInput<'conversation.list'>['sort'], RowQuery['orderBy']> = {
  newest: [{ column: 'lastMessageAt', isDescending: true }],
  // Nobody waits in those without a time; they come last.
  'waiting-longest': [
    { column: `coalesce(waitingSince, ${Number.MAX_SAFE_INTEGER})`, isDescending: false },
    { column: 'lastMessageAt', isDescending: true },
  ],
};

export function countConversations(view: CacheView): CoreOutput<'conversation.counts'> {
  const count = (name: Filter['view']): number => countOf(view, { view: name, queueId: null, customerId: null });
  return {
    mine: count('mine'),
    mineUnread: view.remembered('mineUnread', () => countUnread(view)),
    unassigned: count('unassigned'),
    open: count('open'),
    customerWaiting: view.remembered('customerWaiting', () =>
      view.count('conversation', perState(SERVED, 'waitingSince IS NOT NULL')),
    ),
    waiting: count('waiting'),
    snoozed: count('snoozed'),
    escalated: count('escalated'),
    attention: count('attention'),
  };
}

export function getConversation(
  view: CacheView,
  { conversationId }: CoreParsedInput<'conversation.get'>,
): ConversationView {
  const row = view.root<Conversation>('conversation', conversationId);
  if (row === null) throw noSuchConversation(view, conversationId);
  const access = view.overlay.access();
  const mayAct = isConversationVisible(access, row);
  const { escalation } = row;
  return {
    ...summarize(view, row),
    answers: row.answers,
    escalation:
      escalation === null
        ? null
        : {
            ...originOf(view, escalation),
            by: nameAgent(view, escalation.byAgentId),
            at: escalation.at,
            earlier: escalationsOf(row)
              .slice(1)
              .map((one) => originOf(view, one)),
          },
    language: row.language,
    createdAt: row.createdAt,
    closedAt: row.closedAt,
    previousConversationId: row.previousConversationId,
    seenPosition: view.local.seen.get(conversationId) ?? null,
    customerPosition: (row.customerSeq + 1) * POSITIONS_PER_EVENT - 1,
    may: { reply: mayAct, reassign: mayAct && mayReassign(access, row), escalate: mayAct && row.tier < 3 },
    maxTextLength: view.root<Channel>('channel', row.channelId)?.maxTextLength ?? DEFAULT_MAX_TEXT_LENGTH,
  };
}

function originOf(view: CacheView, { reason, fromQueueId, fromTier = 1 }: Escalation) {
  return { reason, fromQueue: nameQueue(view, fromQueueId), fromTier };
}

/** Of these conversations, those of which nothing is on this device. */
export function listNotHeld(view: CacheView, { conversationIds }: { conversationIds: string[] }): string[] {
  return conversationIds.filter((id) => view.root('conversation', id) === null);
}

/** Why a conversation cannot be shown. */
export function noSuchConversation(view: CacheView, conversationId: string): AppError {
  const { kind, id } = parseSubjectRef(erasureRef(conversationRef(conversationId)));
  if (view.root(kind, id) !== null) return erasedError();
  return new AppError('not_found', 'There is no such conversation, or you may not see it.', {
    reason: 'no-such-conversation',
  });
}

/** A row of a list. */
export function summarize(view: CacheView, row: Conversation): ConversationSummary {
  return {
    id: row.id,
    customer: nameCustomer(view, row.customerId),
    channel: nameChannel(view, row.channelId),
    queue: nameQueue(view, row.queueId),
    assignee: row.assigneeId === null ? null : nameAgent(view, row.assigneeId),
    state: row.state,
    tier: row.tier,
    priority: row.priority,
    tags: row.tags,
    subjectLine: row.subjectLine,
    waitingSince: row.waitingSince,
    snoozedUntil: row.snoozedUntil,
    lastMessageAt: row.lastMessageAt,
    lastMessage: row.lastMessage,
    isUnread: isUnread(view, row),
    pendingCount: view.overlay.pendingOf(subjectRef('conversation', row.id)).length,
    hasDraft: view.local.drafts.has(row.id),
    draftStart: view.local.drafts.get(row.id) ?? '',
  };
}

/** The customer wrote after what this device has shown last, and after the agent's own last reply. */
function isUnread(view: CacheView, row: Conversation): boolean {
  if (row.state === 'closed' || row.customerSeq === 0) return false;
  const seenSeq = Math.floor((view.local.seen.get(row.id) ?? 0) / POSITIONS_PER_EVENT);
  return row.customerSeq > seenSeq && row.customerSeq > (row.publicSeqByAgent[view.agentId] ?? 0);
}

function countUnread(view: CacheView): number {
  const anyOf = conditionsOf(view, { view: 'mine', queueId: null, customerId: null });
  const mine = view.find<Conversation>({
    table: 'conversation',
    anyOf,
    orderBy: ORDERS.newest,
    limit: MAX_UNREAD_COUNTED,
  });
  return mine.filter(({ row }) => isUnread(view, row)).length;
}

function countOf(view: CacheView, filter: Filter): number {
  return view.remembered(`conversations/${JSON.stringify(filter)}`, () =>
    view.count('conversation', conditionsOf(view, filter)),
  );
}

function conditionsOf(view: CacheView, filter: Filter): Condition[] {
  const more: Condition[] = [];
  if (filter.queueId !== null) more.push({ sql: 'queueId = ?', parameters: [filter.queueId] });
  if (filter.customerId !== null) more.push({ sql: 'customerId = ?', parameters: [filter.customerId] });
  // A customer has few conversations: their index, then, and not a walk through a state's in the order of the list.
  const state = filter.customerId === null ? 'state' : '+state';
  return viewConditions(view, filter.view, state).map((condition) => ({
    sql: [condition, ...more].map(({ sql }) => sql).join(' AND '),
    parameters: [condition, ...more].flatMap(({ parameters }) => parameters),
  }));
}

function viewConditions(view: CacheView, name: Filter['view'], state: string): Condition[] {
  switch (name) {
    case 'mine':
      return perState(SERVED, 'assigneeId = ?', [view.agentId], state);
    case 'unassigned':
      return perState(SERVED, 'assigneeId IS NULL', [], state);
    case 'open':
      return perState(SERVED, '1', [], state);
    case 'waiting':
    case 'snoozed':
    case 'closed':
      return perState([name], '1', [], state);
    case 'escalated':
      return perState(NOT_CLOSED, 'tier > 1', [], state);
    case 'attention':
      return [oneOf('id', conversationsToAttendTo(view))];
  }
}

function conversationsToAttendTo(view: CacheView): string[] {
  const prefix = 'conversation:';
  const subjects = view.local.refused.flatMap((refused) => refused.subjects);
  return [...new Set(subjects.filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length)))];
}

/** One condition per state: each is one range of an index, in order, and the union merges them. */
function perState(
  states: readonly string[],
  sql = '1',
  parameters: readonly string[] = [],
  column = 'state',
): Condition[] {
  return states.map((state) => ({ sql: `${column} = ? AND ${sql}`, parameters: [state, ...parameters] }));
}

/** By one parameter: there are limits to how many of them a statement has, none to what an agent may be refused. */
function oneOf(column: string, values: readonly string[]): Condition {
  return { sql: `${column} IN (SELECT value FROM json_each(?))`, parameters: [JSON.stringify(values)] };
}
