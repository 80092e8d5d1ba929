import { ArrowDownNarrowWide, Inbox, RefreshCw } from 'lucide-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type MouseEvent, useCallback, useEffect, useId, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { Counter } from '../../components/counter.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { IconButton } from '../../components/icon-button.tsx';
import { errorText } from '../../locales/error-text.ts';
import { useShortcuts } from '../../shortcuts/use-shortcut.ts';
import { useConsole } from '../../stores/console-context.ts';
import { filterOf } from '../../stores/navigation.ts';
import { useConversationList, useOpenConversation, useQueues } from '../../stores/use-conversations.ts';
import { BulkBar } from '../bulk/bulk-bar.tsx';
import { ConversationRow, ROW_HEIGHT } from './conversation-row.tsx';
import styles from './inbox-pane.module.css';
import { useListKeys } from './use-list-keys.ts';

/** The conversation list: read in windows as it is scrolled, with one focus, one open row and any number selected. */
export function InboxPane() {
  const { t } = useTranslation('inbox');
  const { navigation, selection, tabs, session, toasts } = useConsole();
  const { view, queueId, sort, setSort } = useStore(navigation);
  const focusedId = useStore(navigation, (state) => state.focusedId);
  const selectedIds = useStore(selection, (state) => state.ids);
  const myId = useStore(session, (state) => state.agent?.id ?? null);
  const queue = useQueues().find((one) => one.id === queueId);
  const { list, total, error } = useConversationList(filterOf(view, queueId), sort);
  const openTab = useOpenConversation();
  const shortcuts = useShortcuts();
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();

  const virtual = useVirtualizer({
    count: total ?? 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 6,
  });
  const rows = virtual.getVirtualItems();
  const first = rows[0]?.index ?? 0;
  const last = rows.at(-1)?.index ?? 0;
  useEffect(() => list.setVisible(first, last), [list, first, last]);
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
  }, [list]);
  useEffect(() => selection.getState().clear(), [list, selection]);
  // With no conversation open there is nothing to write in: the keys are the list's from the start.
  const hasNoTab = useStore(tabs, (state) => state.isLoaded && state.activeId === null);
  useEffect(() => {
    const { activeElement } = document;
    if (hasNoTab && (activeElement === null || activeElement === document.body)) {
      scroller.current?.focus({ preventScroll: true });
    }
  }, [hasNoTab]);

  /** Whoever opens a conversation is about to write: the list gives up the focus, or letters would be shortcuts. */
  const open = useCallback(
    (conversationId: string) => {
      const isOpenAlready = tabs.getState().activeId === conversationId;
      scroller.current?.blur();
      openTab(conversationId);
      if (isOpenAlready) shortcuts.run('focus-composer');
    },
    [openTab, shortcuts, tabs],
  );

  const lastFocusedIndex = useRef(-1);
  const focusedIndex = useCallback(() => {
    const { focusedId: current } = navigation.getState();
    const index = current === null ? -1 : list.indexOf(current);
    // The row went to another list: go on from where it was.
    if (index === -1 && current !== null) return Math.min(lastFocusedIndex.current, (total ?? 0) - 1);
    return index;
  }, [list, navigation, total]);
  const focusRow = useCallback(
    (index: number) => {
      lastFocusedIndex.current = index;
      virtual.scrollToIndex(index, { align: 'auto' });
      // At once where it is known: keys that are held down come faster than answers.
      const known = list.idAt(index);
      if (known !== null) {
        navigation.getState().setFocused(known);
        return;
      }
      list
        .idsBetween(index, index)
        .then(([found]) => found !== undefined && navigation.getState().setFocused(found))
        .catch(() => {
          // The list says itself that it could not be read.
        });
    },
    [list, navigation, virtual],
  );
  useListKeys({ list, total: total ?? 0, focusRow, focusedIndex, open });

  const toggle = useCallback(
    (conversationId: string, index: number, event: MouseEvent) => {
      const { anchorId } = selection.getState();
      const from = anchorId === null ? -1 : list.indexOf(anchorId);
      if (event.shiftKey && from !== -1) {
        list
          .idsBetween(from, index)
          .then((ids) => selection.getState().add(ids))
          .catch((failure: unknown) => toasts.getState().show({ tone: 'error', text: errorText(t, failure) }));
      } else {
        selection.getState().toggle(conversationId);
      }
      navigation.getState().setFocused(conversationId);
      lastFocusedIndex.current = index;
    },
    [list, navigation, selection, toasts, t],
  );
  const press = useCallback(
    (conversationId: string, index: number, event: MouseEvent) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) {
        if (event.shiftKey && selection.getState().anchorId === null) {
          selection.getState().setAnchor(navigation.getState().focusedId ?? tabs.getState().activeId);
        }
        toggle(conversationId, index, event);
        return;
      }
      navigation.getState().setFocused(conversationId);
      selection.getState().setAnchor(conversationId);
      lastFocusedIndex.current = index;
      open(conversationId);
    },
    [navigation, open, selection, tabs, toggle],
  );

  const title = queue === undefined ? t(`view.${view}`) : queue.name;
  const isSelecting = selectedIds.size > 0;
  const shown = new Set<string>();
  return (
    <section className={styles.pane} aria-label={title}>
      <header className={styles.head}>
        <h2 className={styles.title}>{title}</h2>
        <Counter count={total ?? undefined} />
        <span className={styles.space} />
        {view !== 'longest' && (
          <IconButton
            label={sort === 'newest' ? t('sort.newest') : t('sort.waiting')}
            aria-pressed={sort === 'waiting-longest'}
            size="small"
            onClick={() => setSort(sort === 'newest' ? 'waiting-longest' : 'newest')}
          >
            <ArrowDownNarrowWide size={16} aria-hidden />
          </IconButton>
        )}
      </header>
      {error !== null && (
        <div className={styles.error} role="alert">
          {errorText(t, error)}
          <Button size="small" onClick={() => list.invalidate()}>
            <RefreshCw size={13} aria-hidden /> {t('retry')}
          </Button>
        </div>
      )}
      <div
        ref={scroller}
        className={styles.scroller}
        role="listbox"
        tabIndex={0}
        data-shortcuts="list"
        data-pane="list"
        aria-label={title}
        aria-multiselectable
        aria-busy={total === null}
        aria-activedescendant={focusedId === null ? undefined : `${id}-${focusedId}`}
      >
        {total === 0 && error === null && (
          <EmptyState icon={<Inbox size={26} aria-hidden />} title={t(`empty.${view}`)}>
            {view === 'mine' && (
              <Button onClick={() => navigation.getState().showList('unassigned')}>{t('empty.showUnassigned')}</Button>
            )}
          </EmptyState>
        )}
        <div className={styles.rows} style={{ height: virtual.getTotalSize() }}>
          {rows.map(({ index, start }) => {
            const conversationId = list.idAt(index);
            // Windows are read one after the other: for a moment a row that moved may stand in two of them.
            const isTwice = conversationId !== null && shown.has(conversationId);
            if (conversationId === null || isTwice) return <Placeholder key={`index-${index}`} top={start} />;
            shown.add(conversationId);
            return (
              <ConversationRow
                key={conversationId}
                conversationId={conversationId}
                elementId={`${id}-${conversationId}`}
                top={start}
                index={index}
                total={total ?? 0}
                isFocused={conversationId === focusedId}
                isSelected={selectedIds.has(conversationId)}
                isSelecting={isSelecting}
                myId={view === 'mine' ? null : myId}
                onPress={press}
                onToggle={toggle}
              />
            );
          })}
        </div>
      </div>
      <BulkBar />
    </section>
  );
}

function Placeholder({ top }: { top: number }) {
  return (
    <div className={styles.placeholder} style={{ transform: `translateY(${top}px)`, height: ROW_HEIGHT }} aria-hidden />
  );
}
