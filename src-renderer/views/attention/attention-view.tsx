import { CircleCheckBig } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { AttentionItem } from '../../../shared/core-api/views.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { errorText } from '../../locales/error-text.ts';
import { useConsole } from '../../stores/console-context.ts';
import { useAttention } from '../../stores/use-outbox.ts';
import { isBusyElsewhere } from '../composer/is-busy-elsewhere.ts';
import { AttentionCard } from './attention-card.tsx';
import styles from './attention-view.module.css';
import { RestoredGroup } from './restored-group.tsx';

const AFTER_DIALOG_MS = 100;

/** Commands that the relay refused: what was typed, why, what happened meanwhile, and the ways on from there. */
export function AttentionView() {
  const { t, i18n } = useTranslation('attention');
  const { items, error } = useAttention();
  const list = useRef<HTMLDivElement>(null);
  useFocusInList(list, items?.length ?? null);
  const restored = items?.filter(isRestored) ?? [];
  const others = items?.filter((item) => !isRestored(item)) ?? [];
  return (
    <section className={styles.view} aria-label={t('title')}>
      <header className={styles.header}>
        <h1 className={styles.title}>{t('title')}</h1>
        <p className={styles.intro}>{t('intro')}</p>
      </header>
      {error !== null && (
        <p className={styles.failed} role="alert">
          {t('failed', { reason: errorText(i18n.t, error) })}
        </p>
      )}
      {items !== null && items.length === 0 ? (
        <EmptyState icon={<CircleCheckBig size={30} aria-hidden />} title={t('emptyTitle')}>
          {t('empty')}
        </EmptyState>
      ) : (
        <div ref={list} className={styles.list} onKeyDown={walk}>
          {restored.length > 0 && <RestoredGroup items={restored} />}
          {others.map((item) => (
            <AttentionCard key={item.commandId} item={item} />
          ))}
        </div>
      )}
    </section>
  );
}

function isRestored({ error }: AttentionItem): boolean {
  return error.reason === 'relay-restored';
}

/** The list has the focus when it is opened, and keeps its place in it when a card is done with. */
function useFocusInList(list: { readonly current: HTMLElement | null }, count: number | null): void {
  const place = useRef(0);
  const { clock } = useConsole();
  useEffect(() => {
    const element = list.current;
    const take = () => {
      const { activeElement } = document;
      if (isBusyElsewhere(activeElement) || element?.contains(activeElement) === true) return;
      const cards = cardsIn(element);
      cards[Math.min(place.current, cards.length - 1)]?.focus({ preventScroll: place.current === 0 });
    };
    take();
    // Once more when the command menu that led here has closed and given its focus back, to nowhere.
    const cancel = clock.after(AFTER_DIALOG_MS, take);
    const remember = ({ target }: FocusEvent) => {
      place.current = cardsIn(element).findIndex((card) => card.contains(target as Node));
    };
    element?.addEventListener('focusin', remember);
    return () => {
      cancel();
      element?.removeEventListener('focusin', remember);
    };
  }, [list, count, clock]);
}

/** Up and down go from card to card; what is in a card is reached by Tab. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
  if (step === undefined || event.ctrlKey || event.altKey || event.metaKey || event.nativeEvent.isComposing) return;
  const cards = cardsIn(event.currentTarget);
  const index = cards.findIndex((card) => card.contains(event.target as Node));
  const next = cards[index + step];
  if (index === -1 || next === undefined) return;
  event.preventDefault();
  next.focus();
}

function cardsIn(element: HTMLElement | null): HTMLElement[] {
  return [...(element?.querySelectorAll<HTMLElement>('article') ?? [])];
}
