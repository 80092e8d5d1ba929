import type { Change } from '../subject/subject-kind.ts';
import type { Conversation, Escalation } from './conversation.ts';
import { conversationRef } from './decide.ts';
import type { ConversationChangeData } from './events.ts';

/**
 * The end of an escalation, where a conversation returns to the queue or agent it came from: the tier is again what it
 * was before. Of one that was escalated twice, what is left is the escalation before the one that ends.
 * @param isOrigin whether it returns to where this escalation came from
 * @returns nothing, where it does not return
 */
export function handBack(root: Conversation, isOrigin: (escalation: Escalation) => boolean): Change[] {
  const ended = escalationsOf(root).find(isOrigin);
  if (ended === undefined) return [];
  const data: ConversationChangeData<'conversation-handed-back'> = {
    escalationId: ended.id,
    tier: ended.fromTier ?? 1,
    previousTier: root.tier,
  };
  return [{ subject: conversationRef(root.id), type: 'conversation-handed-back', v: 1, data }];
}

/** What is left of a conversation's escalations when this one ended. */
export function escalationBefore(root: Conversation, escalationId: string): Escalation | null {
  return escalationsOf(root).find((one) => one.id === escalationId)?.before ?? null;
}

/** Those that have not ended, the last one first. */
export function escalationsOf(root: Pick<Conversation, 'escalation'>): Escalation[] {
  const all: Escalation[] = [];
  for (let one = root.escalation; one !== null; one = one.before ?? null) all.push(one);
  return all;
}
