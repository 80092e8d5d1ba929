import { mayOverride } from '../agent/agent-access.ts';
import type { AgentAccess } from '../agent/agent-access.ts';
import { AppError } from '../../errors.ts';
import { requireNotErased } from '../erasure/erasure.ts';
import { byteLength } from '../../primitives/clean-text.ts';
import { type DecideContext, type SubjectRef, subjectRef } from '../subject/subject-kind.ts';
import type { Conversation } from './conversation.ts';
import { MAX_TEXT_BYTES } from './message.ts';

/** Whether this agent may see this conversation: by queue, by assignment, as a participant, or by the tier it reached. */
export function isConversationVisible(
  access: AgentAccess,
  root: Pick<Conversation, 'queueId' | 'assigneeId' | 'participantIds' | 'tier'>,
): boolean {
  return (
    access.role === 'admin' ||
    access.queueIds.includes(root.queueId) ||
    root.assigneeId === access.agentId ||
    root.participantIds.includes(access.agentId) ||
    (root.tier > 1 && access.tier >= root.tier)
  );
}

export function conversationRef(conversationId: string): SubjectRef {
  return subjectRef('conversation', conversationId);
}

/** The agent who acts. @throws AppError `forbidden` for any other actor */
export function requireAgent(context: DecideContext): AgentAccess {
  if (context.actor.kind === 'agent') return context.actor.access;
  throw new AppError('forbidden', 'Only an agent may do this.', { reason: 'agent-only' });
}

/**
 * The conversation, if the actor may act on it. System and channel actors always may.
 * @throws AppError `gone` where it was erased; `forbidden` where there is none or the agent may not see it (the two
 * are not told apart)
 */
export function requireConversation(context: DecideContext, conversationId: string): Conversation {
  const subject = conversationRef(conversationId);
  const root = context.read<Conversation>(subject).root();
  if (root === null) requireNotErased(context, subject);
  const isAllowed =
    root !== null &&
    (context.actor.kind !== 'agent' ||
      context.trustsHeld === true ||
      isConversationVisible(context.actor.access, root));
  if (!isAllowed) {
    throw new AppError('forbidden', 'You may not see this conversation, or it does not exist.', {
      reason: 'conversation-not-visible',
    });
  }
  return root;
}

/** @throws AppError `invalid` or `too_large` for a text that cannot be sent */
export function requireText(text: string, hasAttachments: boolean): void {
  if (text.trim() === '' && !hasAttachments) {
    throw new AppError('invalid', 'Write something first.', { reason: 'text-empty' });
  }
  if (byteLength(text) > MAX_TEXT_BYTES) {
    throw new AppError('too_large', `A message holds at most ${MAX_TEXT_BYTES / 1024} kB of text; shorten it.`, {
      reason: 'text-too-long',
      params: { limitKb: MAX_TEXT_BYTES / 1024 },
    });
  }
}

/** Whether the agent may take this conversation away from whoever has it. */
export function mayReassign(access: AgentAccess, conversation: Conversation): boolean {
  return conversation.assigneeId === null || conversation.assigneeId === access.agentId || mayOverride(access);
}
