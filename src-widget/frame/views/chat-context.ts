import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ChatModel, ChatState } from '../chat-model.ts';
import type { Say } from '../texts.ts';

export interface Chat {
  model: ChatModel;
  /** As it is now. */
  state: ChatState;
  say: Say;
}

export const ChatContext = createContext<Chat | null>(null);

export function useChat(): Chat {
  const chat = useContext(ChatContext);
  if (chat === null) throw new Error('a view outside of the chat');
  return chat;
}
