import type { Conversation } from '../../../shared/domain/conversation/conversation.ts';
import { conversationRef } from '../../../shared/domain/conversation/decide.ts';
import type { Message } from '../../../shared/domain/conversation/message.ts';
import { POSITIONS_PER_EVENT } from '../../../shared/domain/subject/subject-kind.ts';
import type { AttentionItem, MessageView } from '../../../shared/core-api/views.ts';
import type { CacheView } from '../cache/cache-view.ts';
import type { RefusedCommand } from '../cache/local-state.ts';
import { describeMessage } from './message-views.ts';
import { nameCustomer } from './names.ts';

const MAX_MEANWHILE = 20;

/** Refused commands with what was typed and, where the conversation moved on, what arrived meanwhile. */
export function listAttention(view: CacheView): { items: AttentionItem[] } {
  return { items: view.local.refused.map((refused) => describe(view, refused)) };
}

function describe(
  view: CacheView,
  { commandId, type, subjects, args, error, at, blocked }: RefusedCommand,
): AttentionItem {
  const conversationId = conversationOf(subjects);
  const conversation = conversationId === null ? null : view.root<Conversation>('conversation', conversationId);
  return {
    commandId,
    type,
    conversationId,
    customerName: conversation === null ? null : nameCustomer(view, conversation.customerId).name,
    text: textOf(args),
    error,
    at,
    meanwhile: conversation === null ? [] : meanwhile(view, conversation, error.current),
    blocked: blocked.map((one) => ({ commandId: one.commandId, type: one.type, text: textOf(one.args) })),
  };
}

/** Public messages that are newer than what the writer had seen. */
function meanwhile(view: CacheView, conversation: Conversation, current: unknown): MessageView[] {
  if (typeof current !== 'object' || current === null || !('afterSeq' in current)) return [];
  const after = (Number(current.afterSeq) + 1) * POSITIONS_PER_EVENT;
  return view
    .find<Message>({
      table: 'message',
      anyOf: [view.itemsOf(conversationRef(conversation.id), "position >= ? AND kind = 'public'", after)],
      orderBy: [{ column: 'position', isDescending: false }],
      limit: MAX_MEANWHILE,
    })
    .filter(({ commandId }) => commandId === null)
    .map((found) => describeMessage(view, conversation, found));
}

function conversationOf(subjects: readonly string[]): string | null {
  const subject = subjects.find((one) => one.startsWith('conversation:'));
  return subject === undefined ? null : subject.slice('conversation:'.length);
}

/** What an agent typed into a command: the text of a message or note, the reason of an escalation. */
export function textOf(args: unknown): string | null {
  if (typeof args !== 'object' || args === null) return null;
  const { text, reason } = args as { text?: unknown; reason?: unknown };
  if (typeof text === 'string') return text;
  return typeof reason === 'string' ? reason : null;
}
