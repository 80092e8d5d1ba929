import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Unsent } from '../chat-model.ts';
import { groupEntries } from '../group-entries.ts';
import { AttachmentView } from './attachment-view.tsx';
import { useChat } from './chat-context.ts';
import { Icon } from './icons.tsx';
import { GroupView } from './group-view.tsx';
import { RichText } from './rich-text.tsx';
import { ScrollKeeper } from './scroll-keeper.ts';

export function MessageList() {
  const { model, state, say } = useChat();
  const { entries, unsent, isOpen, hasOlder, isLoadingOlder, isAgentTyping, config, language } = state;
  const box = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const [keeper] = useState(() => new ScrollKeeper(setAtEnd));
  const lastId = entries.at(-1)?.messageId ?? '';

  useEffect(() => (box.current === null ? undefined : keeper.attach(box.current)), [keeper]);
  useLayoutEffect(() => keeper.settle(entries[0]?.seq ?? 0));

  useEffect(() => {
    const markSeen = () => {
      if (isOpen && isAtEnd && document.visibilityState === 'visible') model.markRead();
    };
    markSeen();
    document.addEventListener('visibilitychange', markSeen);
    return () => document.removeEventListener('visibilitychange', markSeen);
  }, [model, isOpen, isAtEnd, lastId]);

  // One's own message is always followed.
  useEffect(() => {
    if (unsent.length > 0) keeper.toEnd();
  }, [keeper, unsent.length]);

  const handleScroll = () => {
    keeper.noteScroll();
    if (keeper.isAtStart && hasOlder) void model.loadOlder();
  };

  const own = config?.texts[language];
  const greeting = state.isOnline ? own?.greeting || say('greeting') : own?.away || say('awayGreeting');
  return (
    <div class="list-place">
      <div
        class="list"
        ref={box}
        onScroll={handleScroll}
        tabIndex={0}
        role="log"
        aria-label={say('log')}
        aria-busy={isLoadingOlder}
      >
        <div class={entries.length + unsent.length === 0 && !hasOlder ? 'list-inner empty' : 'list-inner'}>
          {hasOlder ? (
            <button type="button" class="older" disabled={isLoadingOlder} onClick={() => void model.loadOlder()}>
              {say(isLoadingOlder ? 'loading' : 'older')}
            </button>
          ) : (
            <p class="greeting" dir="auto">
              {greeting}
            </p>
          )}
          {groupEntries(entries).map((group) => (
            <GroupView
              key={group.key}
              group={group}
              isNewestSent={unsent.length === 0 && group.entries.at(-1) === entries.at(-1)}
            />
          ))}
          {unsent.map((message) => (
            <UnsentView key={message.clientId} message={message} />
          ))}
          {isAgentTyping && (
            <div class="typing" aria-label={say('typing')}>
              <i />
              <i />
              <i />
            </div>
          )}
        </div>
      </div>
      {!isAtEnd && (
        <button type="button" class="to-end" onClick={() => keeper.toEnd()} aria-label={say('toNewest')}>
          <Icon name="down" />
          {state.unread > 0 && <span>{say('newMessages')}</span>}
        </button>
      )}
    </div>
  );
}

function UnsentView({ message }: { message: Unsent }) {
  const { model, state, say } = useChat();
  const { failure } = message;
  const isWaiting = state.connection === 'connecting';
  return (
    <section class={failure === null ? 'group own unsent' : 'group own unsent failed'}>
      <div class="bubbles">
        <span class="hidden">{say('you')}</span>
        <div class="message">
          {message.uploads.map(({ uploadId, attachment }) => (
            <AttachmentView key={uploadId} attachment={attachment} />
          ))}
          {message.text !== '' && (
            <div class="bubble">
              <RichText text={message.text} />
            </div>
          )}
        </div>
        {failure === null ? (
          <span class="below">{say(isWaiting ? 'waiting' : 'sending')}</span>
        ) : (
          <span class="below" role="alert">
            <Icon name="alert" /> {say(failure.key, failure.params)}{' '}
            <button type="button" onClick={() => model.retry(message.clientId)}>
              {say('retry')}
            </button>
            {' · '}
            <button type="button" onClick={() => model.discard(message.clientId)}>
              {say('discard')}
            </button>
          </span>
        )}
      </div>
    </section>
  );
}
