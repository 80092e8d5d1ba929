import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ChatModel } from '../chat-model.ts';
import { makeSay } from '../texts.ts';
import { ChatContext } from './chat-context.ts';
import { ChatWindow } from './chat-window.tsx';

export function ChatApp({ model, onClose }: { model: ChatModel; onClose: () => void }) {
  const [state, setState] = useState(model.state);
  useEffect(() => {
    setState(model.state);
    return model.onChange(setState);
  }, [model]);
  const say = useMemo(() => makeSay(state.language), [state.language]);
  return (
    <ChatContext.Provider value={{ model, state, say }}>
      <ChatWindow onClose={onClose} />
    </ChatContext.Provider>
  );
}
