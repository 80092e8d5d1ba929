import { useEffect, useState } from 'react';
import type { ConversationView } from '../../../shared/core-api/views.ts';
import { useConsole } from '../../stores/console-context.ts';

/**
 * Position after which messages are new to this agent: what was not seen when the conversation was opened, and later
 * what came while the window was not looked at. It stays while the agent reads on, so that the line does not wander.
 */
export function useNewAfter(conversation: ConversationView): number | null {
  const { messages } = useConsole();
  const { id } = conversation;
  const [newAfter, setNewAfter] = useState(() => (conversation.isUnread ? conversation.seenPosition : null));
  useEffect(() => {
    const onBlur = () => {
      const last = messages.getState().windows[id]?.messages.findLast((message) => !message.isPending);
      if (last !== undefined) setNewAfter(last.position);
    };
    window.addEventListener('blur', onBlur);
    return () => window.removeEventListener('blur', onBlur);
  }, [messages, id]);
  return newAfter;
}

/**
 * Position up to which everything had been seen when the conversation was opened. Where nothing is unread that is all
 * that the customer has written, also when it was answered on another device.
 */
export function useSeenBefore({ isUnread, seenPosition, customerPosition }: ConversationView): number {
  const [seenBefore] = useState(() => (isUnread ? (seenPosition ?? 0) : customerPosition));
  return seenBefore;
}
