import { type DragEvent, useCallback, useEffect, useRef, useState } from 'react';
import { useTexts } from '../../locales/use-texts.ts';
import { useStore } from 'zustand';
import { cleanLine } from '../../../shared/primitives/clean-text.ts';
import type { ConversationView } from '../../../shared/core-api/views.ts';
import { joinClasses } from '../../components/join-classes.ts';
import { useConsole } from '../../stores/console-context.ts';
import { EMPTY_DRAFTS } from '../../stores/drafts.ts';
import { useConversation } from '../../stores/use-conversations.ts';
import { HeldBar } from '../attention/held-bar.tsx';
import { Composer } from '../composer/composer.tsx';
import { EarlyKeys } from '../composer/early-keys.tsx';
import { AbsentConversation } from './absent-conversation.tsx';
import { ConversationHeader } from './conversation-header.tsx';
import styles from './conversation-pane.module.css';
import { MessageList } from './message-list.tsx';
import { TypingLine } from './typing-line.tsx';
import { useNewAfter, useSeenBefore } from './use-new-after.ts';
import { useViewingSignal } from './use-viewing-signal.ts';

/** One conversation: who and what, everything said, and the box to answer in. */
export function ConversationPane({ conversationId }: { conversationId: string }) {
  const { data, error } = useConversation(conversationId);
  if (data !== undefined) return <Pane key={conversationId} conversation={data} />;
  if (error !== null) return <AbsentConversation conversationId={conversationId} error={error} />;
  return (
    <section className={styles.empty}>
      <EarlyKeys key={conversationId} conversationId={conversationId} />
    </section>
  );
}

function Pane({ conversation }: { conversation: ConversationView }) {
  const { t } = useTexts('conversation');
  const { core, drafts } = useConsole();
  const { id, isUnread } = conversation;
  const isNote = useStore(drafts, (state) => (state.drafts[id] ?? EMPTY_DRAFTS).mode === 'note');
  const newAfter = useNewAfter(conversation);
  const seenBefore = useSeenBefore(conversation);
  const { isOver, dropHandlers } = useFileDrop((files) => {
    const { mode } = drafts.getState().drafts[id] ?? EMPTY_DRAFTS;
    void drafts.addFiles(id, mode, files);
  });
  useViewingSignal(id);

  const isMarking = useRef(false);
  const markSeen = useCallback(() => {
    if (!isUnread || isMarking.current || document.visibilityState !== 'visible' || !document.hasFocus()) return;
    isMarking.current = true;
    core
      .request('conversation.markSeen', { conversationId: id })
      .catch(() => {
        // The next message, or the return of the focus, tries again.
      })
      .finally(() => {
        isMarking.current = false;
      });
  }, [core, id, isUnread]);
  const isEndShown = useRef(false);
  const onEndShown = useCallback(() => {
    isEndShown.current = true;
    markSeen();
  }, [markSeen]);
  // The agent comes back to a window that showed the end all the while.
  useEffect(() => {
    const onFocus = () => isEndShown.current && markSeen();
    window.addEventListener('focus', onFocus);
    return () => window.removeEventListener('focus', onFocus);
  }, [markSeen]);

  return (
    <section
      className={styles.pane}
      aria-label={t('pane.label', { name: cleanLine(conversation.customer.name) })}
      {...dropHandlers}
    >
      <ConversationHeader conversation={conversation} />
      <MessageList conversationId={id} newAfter={newAfter} seenBefore={seenBefore} onEndShown={onEndShown} />
      <TypingLine conversation={conversation} />
      <HeldBar conversationId={id} />
      <Composer conversation={conversation} />
      {isOver && (
        <div className={joinClasses(styles.drop, isNote && styles.dropNote)}>
          {isNote ? t('pane.dropNote') : t('pane.drop')}
        </div>
      )}
    </section>
  );
}

/** Files dragged over the pane and let go there. */
function useFileDrop(onFiles: (files: File[]) => void): {
  isOver: boolean;
  dropHandlers: Record<'onDragEnter' | 'onDragOver' | 'onDragLeave' | 'onDrop', (event: DragEvent) => void>;
} {
  // Enter and leave come for every element that is crossed.
  const depth = useRef(0);
  const [isOver, setOver] = useState(false);
  const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files');
  return {
    isOver,
    dropHandlers: {
      onDragEnter(event) {
        if (!hasFiles(event)) return;
        event.preventDefault();
        depth.current += 1;
        setOver(true);
      },
      onDragOver(event) {
        if (hasFiles(event)) event.preventDefault();
      },
      onDragLeave(event) {
        if (!hasFiles(event)) return;
        depth.current = Math.max(0, depth.current - 1);
        if (depth.current === 0) setOver(false);
      },
      onDrop(event) {
        if (!hasFiles(event)) return;
        event.preventDefault();
        depth.current = 0;
        setOver(false);
        onFiles([...event.dataTransfer.files]);
      },
    },
  };
}
