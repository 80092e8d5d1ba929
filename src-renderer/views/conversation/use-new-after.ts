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
