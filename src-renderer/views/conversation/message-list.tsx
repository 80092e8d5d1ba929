import { ArrowDown, CloudOff } from 'lucide-react';
import { memo, useEffect, useMemo } from 'react';
import { useTexts } from '../../locales/use-texts.ts';
import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { joinClasses } from '../../components/join-classes.ts';
import { errorText } from '../../locales/error-text.ts';
import { useConsole } from '../../stores/console-context.ts';
import type { MessageWindow } from '../../stores/message-window.ts';
import { Announcer } from './announcer.tsx';
import { type ConversationRow, makeConversationRows } from './conversation-rows.ts';
import { DayLabel } from './day-label.tsx';
import styles from './message-list.module.css';
import { MessageRow } from './message-row.tsx';
import { SystemRow } from './system-row.tsx';
import { useMessageActions } from './use-message-actions.ts';
import { useMessageScroll } from './use-message-scroll.ts';

interface Props {
  conversationId: string;
  /** Position up to which everything was seen; null where nothing is to be marked as new. */
  newAfter: number | null;
  /** Position up to which everything had been seen when the conversation was opened. */
  seenBefore: number;
  /** The newest message is on screen. */
  onEndShown: () => void;
}

/** All messages of a conversation. Only what is on screen is drawn, so that 10,000 of them open as fast as fifty. */
export function MessageList(props: Props) {
  const { t, i18n } = useTexts('conversation');
  const { messages, tabs } = useConsole();
  const { conversationId } = props;
  const window = useStore(messages, (state) => state.windows[conversationId]);
  const isKnown = window !== undefined;
  useEffect(() => {
    const tab = tabs.getState().tabs.find((one) => one.conversationId === conversationId);
    void messages.getState().open(conversationId, tab?.scroll ?? null);
    // Once more when it was forgotten under this view (the session changed hands).
  }, [messages, tabs, conversationId, isKnown]);

  if (window === undefined || !window.isLoaded) {
    return (
      <div className={styles.pending} role="status">
        {window?.error ? (
          <>
            <p>{errorText(i18n.t, window.error)}</p>
            <Button onClick={() => void messages.getState().open(conversationId)}>{t('list.tryAgain')}</Button>
          </>
        ) : (
          <p className={styles.opening}>{t('pane.loading')}</p>
        )}
      </div>
    );
  }
  return <LoadedList {...props} window={window} />;
}

function LoadedList({ conversationId, newAfter, seenBefore, onEndShown, window }: Props & { window: MessageWindow }) {
  const { t } = useTexts('conversation');
  const { messages, session } = useConsole();
  const ownAgentId = useStore(session, (state) => state.agent?.id ?? null);
  const actions = useMessageActions();
  const rows = useMemo(
    () => makeConversationRows(window.messages, newAfter, window.hasOlder || window.isOlderMissing),
    [window.messages, newAfter, window.hasOlder, window.isOlderMissing],
  );
  const { scroller, virtualizer, isAtEnd, newCount, topDay, flashedId } = useMessageScroll(
    conversationId,
    rows,
    window,
    seenBefore,
  );
  const isEndShown = isAtEnd && !window.hasNewer;
  const lastId = rows.at(-1)?.message.id;
  useEffect(() => {
    if (isEndShown) onEndShown();
  }, [isEndShown, lastId, onEndShown]);

  const items = virtualizer.getVirtualItems();
  const unseen = window.hasNewer ? window.newerCount : newCount;
  return (
    <div className={styles.frame}>
      <div ref={scroller} className={styles.scroller} role="region" aria-label={t('list.label')} tabIndex={0}>
        <div className={styles.content} style={{ height: virtualizer.getTotalSize() }}>
          <Beginning conversationId={conversationId} window={window} />
          {items.map((item) => {
            const row = rows[item.index]!;
            return (
              <div
                key={item.key}
                ref={virtualizer.measureElement}
                data-index={item.index}
                className={joinClasses(styles.item, row.message.id === flashedId && styles.flashed)}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <Row row={row} ownAgentId={ownAgentId} actions={actions} />
              </div>
            );
          })}
        </div>
      </div>
      {topDay !== null && (
        <div className={joinClasses(styles.floating, virtualizer.isScrolling && !isAtEnd && styles.shown)} aria-hidden>
          <DayLabel at={topDay} />
        </div>
      )}
      {(!isAtEnd || window.hasNewer) && (
        <button
          type="button"
          className={joinClasses(styles.jump, unseen > 0 && styles.loud)}
          onClick={() => void messages.getState().jumpToNewest(conversationId)}
          aria-label={unseen > 0 ? `${t('list.jumpCount', { count: unseen })}. ${t('list.jump')}` : t('list.jump')}
        >
          {unseen > 0 && <span>{t('list.jumpCount', { count: unseen })}</span>}
          <ArrowDown size={16} aria-hidden />
        </button>
      )}
      <Announcer messages={window.messages} />
    </div>
  );
}

interface RowProps {
  row: ConversationRow;
  ownAgentId: string | null;
  actions: ReturnType<typeof useMessageActions>;
}

const Row = memo(function Row({ row, ownAgentId, actions }: RowProps) {
  const { message, startsDay, startsNew, startsGroup, endsGroup } = row;
  return (
    <>
      {startsDay && (
        <div className={styles.day}>
          <DayLabel at={message.at} />
        </div>
      )}
      {startsNew && <NewLine />}
      {message.kind === 'system' ? (
        <SystemRow message={message} ownAgentId={ownAgentId} />
      ) : (
        <MessageRow
          message={message}
          startsGroup={startsGroup}
          endsGroup={endsGroup}
          isOwn={message.author.kind === 'agent' && message.author.id === ownAgentId}
          actions={actions}
        />
      )}
    </>
  );
});

function NewLine() {
  const { t } = useTexts('conversation');
  return (
    <div className={styles.new} role="separator">
      <span>{t('list.new')}</span>
    </div>
  );
}

/** What is above the first message: more of them, more that cannot be had now, or the beginning. */
function Beginning({ conversationId, window }: { conversationId: string; window: MessageWindow }) {
  const { t } = useTexts('conversation');
  const { messages } = useConsole();
  const { isOlderMissing, hasOlder, isLoadingOlder } = window;
  return (
    <div className={styles.beginning}>
      {isOlderMissing && !isLoadingOlder ? (
        <>
          <CloudOff size={14} aria-hidden />
          {t('list.olderMissing')}
          <button
            type="button"
            className={styles.again}
            onClick={() => void messages.getState().loadOlder(conversationId)}
          >
            {t('list.tryAgain')}
          </button>
        </>
      ) : hasOlder || isLoadingOlder ? (
        <span className={styles.opening}>{t('list.loadingOlder')}</span>
      ) : window.messages.length === 0 ? (
        t('list.empty')
      ) : (
        t('list.start')
      )}
    </div>
  );
}
