import { useEffect, useState } from 'preact/hooks';
import { useChat } from './chat-context.ts';
import { Composer } from './composer.tsx';
import { Icon } from './icons.tsx';
import { MessageList } from './message-list.tsx';
import { OfflineForm } from './offline-form.tsx';
import { PreChatForm } from './pre-chat-form.tsx';

/** Shorter interruptions are nobody's business. */
const PATIENCE_MS = 2_500;

export function ChatWindow({ onClose }: { onClose: () => void }) {
  const { model, state, say } = useChat();
  const [isDragging, setDragging] = useState(false);
  const { config, phase, language } = state;

  useEffect(() => {
    document.documentElement.lang = language;
    if (config === null) return;
    const { style } = document.documentElement;
    style.setProperty('--accent', config.accentColor);
    style.setProperty('--on-accent', readableOn(config.accentColor));
  }, [config, language]);

  const title = config?.texts[language].title || config?.workspaceName || 'Chat';
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
  return (
    <div
      class="window"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !(event.target as Element).closest('dialog')) onClose();
      }}
      onDragOver={(event) => {
        event.preventDefault();
        if (hasFiles(event) && config?.uploads.isAllowed === true) setDragging(true);
      }}
      onDragLeave={(event) => {
        if (event.relatedTarget === null) setDragging(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setDragging(false);
        model.addFiles(Array.from(event.dataTransfer?.files ?? []));
      }}
    >
      <header>
        <span class="emblem" aria-hidden="true">
          {Array.from(title)[0]?.toUpperCase()}
        </span>
        <div class="head-text">
          <h1 dir="auto">{title}</h1>
          {config !== null && (
            <p class={state.isOnline ? 'presence online' : 'presence'}>{say(state.isOnline ? 'online' : 'away')}</p>
          )}
        </div>
        <button type="button" class="tool" aria-label={say('close')} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <ConnectionBar />
      {phase === 'refused' && (
        <p class="refused" role="alert">
          {say('refused')}
        </p>
      )}
      {(phase === 'starting' || phase === 'closed') && (
        <div class="starting" role="status" aria-label={say('starting')}>
          <i />
          <i />
          <i />
        </div>
      )}
      {phase === 'ready' && <Conversation />}
      {isDragging && (
        <div class="drop" aria-hidden="true">
          <Icon name="clip" />
          {say('dropHere')}
        </div>
      )}
    </div>
  );
}

/** What stands between the visitor and the conversation, if anything does; then the conversation. */
function Conversation() {
  const { state } = useChat();
  const [isChatWanted, setChatWanted] = useState(false);
  const { config, hasConversation, unsent, answers, isOnline } = state;
  const hasBegun = hasConversation || unsent.length > 0;
  if (!hasBegun && !isOnline && !isChatWanted) return <OfflineForm onChat={() => setChatWanted(true)} />;
  if (!hasBegun && answers === null && config !== null && config.preChat.length > 0) {
    return <PreChatForm questions={config.preChat} />;
  }
  return (
    <>
      <MessageList />
      <Composer />
    </>
  );
}

function ConnectionBar() {
  const { state, say } = useChat();
  const [isLate, setLate] = useState(false);
  const isAway = state.connection === 'connecting' && state.phase === 'ready';
  useEffect(() => {
    setLate(false);
    if (!isAway) return;
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isAway]);
  return (
    <div class="connection" role="status">
      {isAway && isLate && <span>{say('connecting')}</span>}
    </div>
  );
}

/** White or near-black, whichever reads better on a colour `#rrggbb` (WCAG's relative luminance). */
function readableOn(color: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const part = Number.parseInt(color.slice(start, start + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 ? '#14171c' : '#ffffff';
}
