import { ArrowUp, CloudOff, Search, X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import type { SearchHit } from '../../../shared/core-api/views.ts';
import { IconButton } from '../../components/icon-button.tsx';
import { isForInputMethod } from '../../shortcuts/read-keys.ts';
import { useShortcuts } from '../../shortcuts/use-shortcut.ts';
import { useConsole } from '../../stores/console-context.ts';
import { useOpenConversation } from '../../stores/use-conversations.ts';
import { HitRow } from './hit-row.tsx';
import { keyOf } from './lay-over.ts';
import styles from './search-panel.module.css';
import { useSearch } from './use-search.ts';

/** Finds messages, notes and customers in everything kept on this device, and goes to the place that was found. */
export function SearchPanel() {
  const { t } = useTranslation('search');
  const { core, messages, navigation, sync, toasts } = useConsole();
  const open = useOpenConversation();
  const shortcuts = useShortcuts();
  const state = useStore(sync, ({ status }) => status?.state);
  const isOffline = state === 'offline' || state === 'paused' || state === 'connecting';
  const [text, setText] = useState('');
  const { hits, foundFor, isSearching, problem, isCut, newerCount, showNewer } = useSearch(text);
  const [chosen, setChosen] = useState({ foundFor, key: '', index: 0 });
  const active = placeOf(chosen, hits, foundFor);
  const setActive = (index: number) => {
    const hit = hits[index];
    if (hit !== undefined) setChosen({ foundFor, key: keyOf(hit), index });
  };
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const listId = useId();
  useEffect(() => field.current?.focus(), []);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: 'nearest' });
  }, [active]);

  const goToNewer = () => {
    showNewer();
    setChosen({ foundFor, key: '', index: 0 });
    list.current?.scrollTo({ top: 0 });
    field.current?.focus();
  };
  const close = () => {
    // Back to the reply, before the field that has the focus goes; with no conversation open the list takes it.
    shortcuts.run('focus-composer');
    navigation.getState().setSearching(false);
  };
  const go = async (hit: SearchHit) => {
    if (hit.conversationId !== null) {
      if (hit.messageId !== null && hit.position !== null) {
        void messages.getState().jumpTo(hit.conversationId, { messageId: hit.messageId, position: hit.position });
      }
      open(hit.conversationId);
      return;
    }
    if (hit.customerId === null) return;
    const customer = await core.request('customer.get', { customerId: hit.customerId }).catch(() => null);
    const newest = customer?.conversations[0];
    if (newest === undefined) toasts.getState().show({ tone: 'info', text: t('noConversation') });
    else open(newest.id);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (isForInputMethod(event.nativeEvent)) return;
    if (event.key === 'Escape') {
      if (text === '') close();
      else setText('');
    } else if (event.key === 'ArrowDown') setActive(Math.min(active + 1, hits.length - 1));
    else if (event.key === 'ArrowUp' && active === 0 && newerCount > 0) goToNewer();
    else if (event.key === 'ArrowUp') setActive(Math.max(active - 1, 0));
    else if (event.key === 'PageDown') setActive(Math.min(active + 8, hits.length - 1));
    else if (event.key === 'PageUp') setActive(Math.max(active - 8, 0));
    else if (event.key === 'Enter' && hits[active] !== undefined) void go(hits[active]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const isAsked = text.trim() !== '';
  return (
    <section className={styles.panel} aria-label={t('label')} data-pane="search">
      <div className={styles.head} role="search">
        <Search size={15} className={styles.glass} aria-hidden />
        <input
          ref={field}
          className={styles.field}
          value={text}
          maxLength={500}
          dir="auto"
          role="combobox"
          aria-label={t('label')}
          aria-expanded={hits.length > 0}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={hits.length > 0 ? `${listId}-${active}` : undefined}
          placeholder={t('placeholder')}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <IconButton label={t('close')} size="small" onClick={close}>
          <X size={15} aria-hidden />
        </IconButton>
      </div>
      {isOffline && (
        <p className={styles.offline} role="status">
          <CloudOff size={13} aria-hidden />
          {t('offline')}
        </p>
      )}
      <div className={styles.count} role="status">
        <span>
          {!isAsked
            ? ''
            : problem !== null
              ? t('failed', { reason: problem })
              : hits.length > 0
                ? t(isCut ? 'resultsMore' : 'results', { count: hits.length })
                : isSearching
                  ? t('searching')
                  : ''}
        </span>
        {newerCount > 0 && (
          <button type="button" className={styles.newer} onClick={goToNewer}>
            <ArrowUp size={12} aria-hidden /> {t('newer', { count: newerCount })}
          </button>
        )}
      </div>
      {hits.length > 0 ? (
        <div ref={list} id={listId} className={styles.list} role="listbox" aria-label={t('label')}>
          {hits.map((hit, index) => (
            <HitRow
              key={keyOf(hit)}
              id={`${listId}-${index}`}
              hit={hit}
              isActive={index === active}
              onPress={() => {
                setActive(index);
                void go(hit);
              }}
            />
          ))}
        </div>
      ) : (
        <p className={styles.hint}>
          {!isAsked ? t('start') : !isSearching && problem === null ? t('none', { text: text.trim() }) : ''}
        </p>
      )}
    </section>
  );
}

/** Where the chosen hit is now; where it is gone, what came in its place. */
function placeOf(
  chosen: { foundFor: string; key: string; index: number },
  hits: readonly SearchHit[],
  foundFor: string,
): number {
  if (chosen.foundFor !== foundFor) return 0;
  const index = hits.findIndex((hit) => keyOf(hit) === chosen.key);
  return index === -1 ? Math.max(0, Math.min(chosen.index, hits.length - 1)) : index;
}
