import type { Agent } from '../../../shared/domain/agent/agent.ts';
import type { CannedReply } from '../../../shared/domain/canned-reply/canned-reply.ts';
import { renderCannedReply } from '../../../shared/domain/canned-reply/render-canned-reply.ts';
import type { Conversation } from '../../../shared/domain/conversation/conversation.ts';
import type { Customer, Order } from '../../../shared/domain/customer/customer.ts';
import { WORKSPACE_ID, type Workspace } from '../../../shared/domain/workspace/workspace.ts';
import { AppError } from '../../../shared/errors.ts';
import { foldText } from '../../../shared/primitives/fold-text.ts';
import type { CoreParsedInput } from '../../../shared/core-api/requests.ts';
import type { CannedReplyView } from '../../../shared/core-api/views.ts';
import type { CacheView } from '../cache/cache-view.ts';
import { noSuchConversation } from './conversation-views.ts';

type Language = 'vi' | 'en';

const MAX_LISTED = 5000;
const MAX_SHOWN = 50;
const NUMBER_FORMATS: Record<Language, Intl.NumberFormat> = {
  vi: new Intl.NumberFormat('vi-VN'),
  en: new Intl.NumberFormat('en-GB'),
};
/** What a customer reads of an order, in the middle of a sentence; in English it is the word that shops give it. */
const STATUS_WORDS: Record<Language, ReadonlyMap<string, string>> = {
  vi: new Map([
    ['pending', 'chờ xử lý'],
    ['paid', 'đã thanh toán'],
    ['shipped', 'đang giao'],
    ['delivered', 'đã giao'],
    ['cancelled', 'đã hủy'],
    ['returned', 'đã trả hàng'],
  ]),
  en: new Map(),
};

/** Those that fit what was typed, best first; those for other queues than the conversation's are left out. */
export function listCannedReplies(
  view: CacheView,
  { text, language, conversationId }: CoreParsedInput<'cannedReply.list'>,
): { cannedReplies: CannedReplyView[] } {
  const conversation = conversationId === null ? null : view.root<Conversation>('conversation', conversationId);
  const wanted = foldText(text.trim());
  const ranked = view
    .find<CannedReply>({
      table: 'canned_reply',
      anyOf: [{ sql: '', parameters: [] }],
      orderBy: [{ column: 'shortcut', isDescending: false }],
      limit: MAX_LISTED,
    })
    .map(({ row }) => row)
    .filter(({ queueIds }) => conversation === null || queueIds.length === 0 || queueIds.includes(conversation.queueId))
    .map((reply) => ({ reply, rank: rankOf(reply, wanted) }))
    .filter(({ rank }) => rank !== null)
    .sort((a, b) => a.rank! - b.rank!)
    .slice(0, MAX_SHOWN);
  return { cannedReplies: ranked.map(({ reply }) => describe(reply, language ?? languageOf(view, conversation))) };
}

export function renderCannedReplyFor(
  view: CacheView,
  { cannedReplyId, conversationId, language }: CoreParsedInput<'cannedReply.render'>,
): { text: string; missing: string[] } {
  const reply = view.root<CannedReply>('canned-reply', cannedReplyId);
  if (reply === null) {
    throw new AppError('not_found', 'There is no such canned reply.', { reason: 'no-such-canned-reply' });
  }
  const conversation = view.root<Conversation>('conversation', conversationId);
  if (conversation === null) throw noSuchConversation(view, conversationId);
  const customer = view.root<Customer>('customer', conversation.customerId);
  const chosen = describe(reply, language ?? languageOf(view, conversation));
  const order = customer?.orders.toSorted((a, b) => b.placedAt - a.placedAt)[0];
  return renderCannedReply(chosen.text, {
    'customer.name': customer?.name ?? undefined,
    'customer.givenName': customer?.givenName ?? undefined,
    'customer.phone': customer?.phone ?? undefined,
    'customer.email': customer?.email ?? undefined,
    'agent.name': view.root<Agent>('agent', view.agentId)?.name,
    'order.number': order?.number,
    'order.status': order && (STATUS_WORDS[chosen.language].get(order.status) ?? order.status),
    'order.total': order === undefined ? undefined : formatTotal(order, chosen.language),
    'workspace.name': view.root<Workspace>('workspace', WORKSPACE_ID)?.name,
  });
}

/** 0: the shortcut begins so, 1: it contains it, 2: title or text contains it; null: it does not fit. */
function rankOf({ shortcut, title, texts }: CannedReply, wanted: string): number | null {
  const folded = foldText(shortcut);
  if (folded.startsWith(wanted)) return 0;
  if (folded.includes(wanted)) return 1;
  return [title, texts.vi, texts.en].some((text) => foldText(text ?? '').includes(wanted)) ? 2 : null;
}

function describe({ id, shortcut, title, texts }: CannedReply, language: Language): CannedReplyView {
  const chosen = texts[language] === undefined ? (language === 'vi' ? 'en' : 'vi') : language;
  return { id, shortcut, title, text: texts[chosen] ?? '', language: chosen };
}

/** The conversation's language, else the customer's, else the workspace's. */
function languageOf(view: CacheView, conversation: Conversation | null): Language {
  const customer = conversation === null ? null : view.root<Customer>('customer', conversation.customerId);
  return (
    conversation?.language ?? customer?.language ?? view.root<Workspace>('workspace', WORKSPACE_ID)?.language ?? 'vi'
  );
}

function formatTotal({ total, currency }: Order, language: Language): string {
  if (currency === 'VND') return `${NUMBER_FORMATS[language].format(total)} ₫`;
  return `${NUMBER_FORMATS[language].format(total / 100)} ${currency}`;
}
