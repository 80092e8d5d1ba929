import { CheckCheck, Paperclip, Undo2 } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { errorText } from '../../locales/error-text.ts';
import { formatAge, formatClock } from '../../locales/format-time.ts';
import type { OutboxEntry } from '../../../shared/core-api/views.ts';
import { useConsole } from '../../stores/console-context.ts';
import { takeBack } from '../../stores/take-back.ts';
import { useOpenConversation } from '../../stores/use-conversations.ts';
import { useOutbox } from '../../stores/use-outbox.ts';
import { useSeconds } from '../../stores/use-seconds.ts';
import { useCommandWords } from '../attention/use-command-words.ts';
import styles from './outbox-dialog.module.css';

/** More of them are counted, not listed: they go out by themselves, and the oldest are the ones that matter. */
const MAX_SHOWN = 200;

/** Everything this device has done that the relay has not taken yet, in the order in which it goes out. */
export function OutboxDialog() {
  const { t } = useTranslation('shell');
  const { navigation } = useConsole();
  const isOpen = useStore(navigation, (state) => state.dialog === 'outbox');
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={() => navigation.getState().openDialog(null)}
      size="wide"
      title={t('outbox.title')}
      description={t('outbox.intro')}
    >
      {isOpen && <OutboxList />}
    </Dialog>
  );
}

function OutboxList() {
  const { t } = useTranslation('shell');
  const { entries, total, error } = useOutbox(MAX_SHOWN);
  const now = useSeconds(true);
  const list = useRef<HTMLOListElement>(null);
  useKeptPlace(list, total);
  if (error !== null) return <p role="alert">{t('outbox.failed', { reason: errorText(t, error) })}</p>;
  if (entries === null) return null;
  if (entries.length === 0) {
    return (
      <EmptyState icon={<CheckCheck size={28} aria-hidden />} title={t('outbox.empty')}>
        {t('outbox.emptyText')}
      </EmptyState>
    );
  }
  return (
    <>
      <ol ref={list} className={styles.list} onKeyDown={walk}>
        {entries.map((entry) => (
          <OutboxRow key={entry.commandId} entry={entry} now={now} />
        ))}
      </ol>
      {total > entries.length && <p className={styles.more}>{t('outbox.more', { count: total - entries.length })}</p>}
    </>
  );
}

function OutboxRow({ entry, now }: { entry: OutboxEntry; now: number }) {
  const { t, i18n } = useTranslation('shell');
  const console = useConsole();
  const { navigation, toasts } = console;
  const openTab = useOpenConversation();
  const { nameOf, saidOf } = useCommandWords();
  const [isBusy, setBusy] = useState(false);
  const { conversationId, conversationCount, customerName, text, attachments, followers, state } = entry;
  const name = nameOf(entry.type);
  const age = formatAge(now - entry.createdAt, i18n.language);

  const take = async () => {
    setBusy(true);
    try {
      const takenBack = await takeBack(console, entry);
      toasts.getState().show({ tone: 'info', text: saidOf(takenBack), rescued: takenBack.lost });
    } catch (error) {
      toasts.getState().show({ tone: 'error', text: errorText(t, error) });
      setBusy(false);
    }
  };

  return (
    <li className={styles.row} data-state={state}>
      <div className={styles.what}>
        <p className={styles.head}>
          <span className={styles.name}>{name}</span>
          {entry.target !== null && <bdi className={styles.target}>{`→ ${entry.target}`}</bdi>}
          {conversationCount > 1 ? (
            <span className={styles.customer}>{t('outbox.conversations', { count: conversationCount })}</span>
          ) : (
            <bdi className={styles.customer}>{entry.isHere ? customerName : t('outbox.gone')}</bdi>
          )}
        </p>
        {text !== null && text !== '' && (
          <p className={styles.text} dir="auto">
            {text.slice(0, 400)}
          </p>
        )}
        {attachments.length > 0 && (
          <p className={styles.files}>
            <Paperclip size={12} aria-hidden /> {t('outbox.files', { count: attachments.length })}
          </p>
        )}
        <p className={styles.meta}>
          {state !== 'waiting' && <span className={styles.state}>{t(`outbox.state.${state}`)}</span>}
          <time title={formatClock(entry.createdAt, i18n.language)}>{t('outbox.age', { age })}</time>
          {followers.length > 0 && (
            <span>{t('outbox.with', { what: followers.map(({ type }) => nameOf(type)).join(', ') })}</span>
          )}
        </p>
      </div>
      <div className={styles.actions}>
        {conversationId !== null && conversationCount === 1 && entry.isHere && (
          <Button
            size="small"
            variant="quiet"
            aria-label={t('outbox.openOne', { name: customerName ?? '' })}
            onClick={() => {
              navigation.getState().openDialog(null);
              openTab(conversationId);
            }}
          >
            {t('outbox.open')}
          </Button>
        )}
        {entry.mayTakeBack && (
          <Button
            size="small"
            disabled={isBusy}
            aria-label={t('outbox.takeBackOne', { what: [name, text?.slice(0, 80)].filter(Boolean).join(': ') })}
            onClick={() => void take()}
          >
            <Undo2 size={13} aria-hidden />
            {t('outbox.takeBack')}
          </Button>
        )}
      </div>
    </li>
  );
}

/** The row that had the focus goes when it is taken back, or sent: then the one in its place has it. */
function useKeptPlace(list: { readonly current: HTMLElement | null }, count: number): void {
  const place = useRef(0);
  useEffect(() => {
    const element = list.current;
    const rows = [...(element?.children ?? [])];
    const { activeElement } = document;
    const isLost = activeElement === document.body || activeElement?.getAttribute('role') === 'dialog';
    if (isLost) [...(rows[Math.min(place.current, rows.length - 1)]?.querySelectorAll('button') ?? [])].at(-1)?.focus();
    const remember = ({ target }: FocusEvent) => {
      place.current = [...(element?.children ?? [])].findIndex((row) => row.contains(target as Node));
    };
    element?.addEventListener('focusin', remember);
    return () => element?.removeEventListener('focusin', remember);
  }, [list, count]);
}

/** Up and down go from row to row, onto the same button of it where there is one. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const row = (event.target as HTMLElement).closest('li');
  if (step === undefined || row === null || event.ctrlKey || event.altKey || event.metaKey) return;
  const buttons = [...row.querySelectorAll('button')];
  const fromEnd = buttons.length - buttons.indexOf(event.target as HTMLButtonElement);
  for (let next = sibling(row, step); next !== null; next = sibling(next, step)) {
    const others = next.querySelectorAll('button');
    if (others.length === 0) continue;
    event.preventDefault();
    others[Math.max(0, others.length - fromEnd)]!.focus();
    return;
  }
}

function sibling(row: Element, step: number): Element | null {
  return step > 0 ? row.nextElementSibling : row.previousElementSibling;
}
