import type { Conversation } from '../../../shared/domain/conversation/conversation.ts';
import { conversationRef } from '../../../shared/domain/conversation/decide.ts';
import type { Message } from '../../../shared/domain/conversation/message.ts';
import { POSITIONS_PER_EVENT } from '../../../shared/domain/subject/subject-kind.ts';
import type { AttentionItem, MessageView } from '../../../shared/core-api/views.ts';
import type { CacheView } from '../cache/cache-view.ts';
import type { RefusedCommand } from '../cache/local-state.ts';
import { describeSubject, textOf } from './command-subject.ts';
import { describeMessage } from './message-views.ts';
import { nameAgent } from './names.ts';

const MAX_MEANWHILE = 20;
/** Lines of the desk that are looked through for who was assigned, and when. */
const MAX_SYSTEM_LINES = 50;

/** Refused commands with what was typed and, where the conversation moved on, what arrived meanwhile. */
export function listAttention(view: CacheView): { items: AttentionItem[] } {
  return { items: view.local.refused.map((refused) => describe(view, refused)) };
}

function describe(
  view: CacheView,
  { commandId, type, subjects, args, error, at, blocked }: RefusedCommand,
): AttentionItem {
  const current = currentOf(error.current);
  // Of several conversations the refusal names the one it is about.
  const about = current.conversationId === null ? null : `conversation:${current.conversationId}`;
  const ordered = about === null ? subjects : [about, ...subjects.filter((one) => one !== about)];
  const subject = describeSubject(view, ordered, args);
  const conversation =
    subject.conversationId === null ? null : view.root<Conversation>('conversation', subject.conversationId);
  return {
    ...subject,
    commandId,
    type,
    error,
    at,
    ...(conversation === null || current.afterSeq === null
      ? { meanwhile: [], hasMore: false }
      : meanwhile(view, conversation, current.afterSeq)),
    winner:
      conversation === null || current.assigneeId === null ? null : winner(view, conversation, current.assigneeId),
    blocked: blocked.map((one) => ({ commandId: one.commandId, type: one.type, text: textOf(one.args) })),
  };
}

/** Public messages of others that are newer than what the writer had seen. */
function meanwhile(
  view: CacheView,
  conversation: Conversation,
  afterSeq: number,
): { meanwhile: MessageView[]; hasMore: boolean } {
  const after = (afterSeq + 1) * POSITIONS_PER_EVENT;
  const found = view
    .find<Message>({
      table: 'message',
      anyOf: [view.itemsOf(conversationRef(conversation.id), "position >= ? AND kind = 'public'", after)],
      orderBy: [{ column: 'position', isDescending: false }],
      limit: MAX_MEANWHILE + 1,
    })
    .filter(({ row, commandId }) => commandId === null && row.author.id !== view.agentId);
  return {
    meanwhile: found.slice(0, MAX_MEANWHILE).map((one) => describeMessage(view, conversation, one)),
    hasMore: found.length > MAX_MEANWHILE,
  };
}

/** Whoever was assigned when it was refused, and when that happened if a line of the desk tells. */
function winner(view: CacheView, conversation: Conversation, agentId: string): AttentionItem['winner'] {
  const lines = view.find<Message>({
    table: 'message',
    anyOf: [view.itemsOf(conversationRef(conversation.id), "kind = 'system'")],
    orderBy: [{ column: 'position', isDescending: true }],
    limit: MAX_SYSTEM_LINES,
  });
  const line = lines.find(
    ({ row, commandId }) =>
      commandId === null && row.system?.type === 'conversation-assigned' && row.system.params['assigneeId'] === agentId,
  );
  return { ...nameAgent(view, agentId), at: line?.row.at ?? null };
}

interface Current {
  conversationId: string | null;
  afterSeq: number | null;
  assigneeId: string | null;
}

/** What a refusal says of how things are, as far as it says it: it comes from the relay and may be of any shape. */
function currentOf(current: unknown): Current {
  const fields = typeof current === 'object' && current !== null ? (current as Record<string, unknown>) : {};
  const { conversationId, afterSeq, assigneeId } = fields;
  return {
    conversationId: typeof conversationId === 'string' ? conversationId : null,
    afterSeq: typeof afterSeq === 'number' ? afterSeq : null,
    assigneeId: typeof assigneeId === 'string' ? assigneeId : null,
  };
}
