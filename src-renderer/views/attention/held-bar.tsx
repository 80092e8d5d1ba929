import { OctagonPause } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { AttentionItem } from '../../../shared/core-api/views.ts';
import { joinClasses } from '../../components/join-classes.ts';
import { useConsole } from '../../stores/console-context.ts';
import { useHeldIn } from '../../stores/use-outbox.ts';
import { AttentionActions } from './attention-actions.tsx';
import styles from './held-bar.module.css';
import { useCommandWords } from './use-command-words.ts';
import { useRefusalWords } from './use-refusal-words.ts';

/** More would leave no room for the conversation; the rest is in the list of all. */
const MAX_SHOWN = 2;

/**
 * What was refused about the conversation on the screen, right above the box in which it was written: what arrived
 * meanwhile stands in the conversation itself.
 * @param isAlone there is no conversation beside it any more
 */
export function HeldBar({ conversationId, isAlone = false }: { conversationId: string; isAlone?: boolean }) {
  const { t } = useTranslation('attention');
  const { navigation } = useConsole();
  const held = useHeldIn(conversationId);
  if (held.length === 0) return null;
  const rest = held.length - MAX_SHOWN;
  return (
    <section className={joinClasses(styles.bar, isAlone && styles.alone)} aria-label={t('held.label')}>
      {held.slice(0, MAX_SHOWN).map((item) => (
        <HeldItem key={item.commandId} item={item} />
      ))}
      {rest > 0 && (
        <button type="button" className={styles.rest} onClick={() => navigation.getState().showList('attention')}>
          {t('held.more', { count: rest })}
        </button>
      )}
    </section>
  );
}

function HeldItem({ item }: { item: AttentionItem }) {
  const { t } = useTranslation('attention');
  const { nameOf } = useCommandWords();
  const why = useRefusalWords(item);
  const { text, attachments, meanwhile, blocked } = item;
  const typed = text !== null && text !== '' ? text : attachments.map(({ name }) => name).join(', ');
  return (
    <div className={styles.item} data-held={item.commandId} role="group" aria-label={nameOf(item.type)}>
      <p className={styles.why}>
        <OctagonPause size={15} aria-hidden />
        <span>
          <strong>{nameOf(item.type)}</strong>
          {`: ${why}`}
          {meanwhile.length > 0 && ` (${t('held.meanwhile', { count: meanwhile.length })})`}
        </span>
      </p>
      {typed !== '' && (
        <p className={styles.typed} dir="auto">
          {typed.slice(0, 400)}
        </p>
      )}
      {blocked.length > 0 && (
        <p className={styles.blocked}>
          {t('blocked', { count: blocked.length })}: {blocked.map(({ type }) => nameOf(type)).join(', ')}
        </p>
      )}
      <AttentionActions item={item} isCompact />
    </div>
  );
}
