import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ChatModel } from '../chat-model.ts';
import { makeSay } from '../texts.ts';
import { ChatStateContext, ChatToolsContext } from './chat-context.ts';
import { ChatWindow } from './chat-window.tsx';

export function ChatApp({ model, onClose }: { model: ChatModel; onClose: () => void }) {
  const [state, setState] = useState(model.state);
  useEffect(() => {
    setState(model.state);
    return model.onChange(setState);
  }, [model]);
  const { language } = state;
  const tools = useMemo(() => ({ model, language, say: makeSay(language) }), [model, language]);
  return (
    <ChatToolsContext.Provider value={tools}>
      <ChatStateContext.Provider value={state}>
        <ChatWindow onClose={onClose} />
      </ChatStateContext.Provider>
    </ChatToolsContext.Provider>
  );
}
