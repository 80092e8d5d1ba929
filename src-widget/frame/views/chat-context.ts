import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ChatModel, ChatState } from '../chat-model.ts';
import type { Language, Say } from '../texts.ts';

/** What stays the same while messages come and go, so that a view that needs no more is not drawn again. */
export interface ChatTools {
  model: ChatModel;
  language: Language;
  say: Say;
}

export const ChatToolsContext = createContext<ChatTools | null>(null);
export const ChatStateContext = createContext<ChatState | null>(null);

export function useChatTools(): ChatTools {
  const tools = useContext(ChatToolsContext);
  if (tools === null) throw new Error('a view outside of the chat');
  return tools;
}

/** The tools, and the chat's state as it is now. */
export function useChat(): ChatTools & { state: ChatState } {
  const tools = useChatTools();
  const state = useContext(ChatStateContext);
  if (state === null) throw new Error('a view outside of the chat');
  return { ...tools, state };
}
