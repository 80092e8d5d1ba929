import { ExternalLink, Hourglass, Paperclip } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { AttentionItem } from '../../../shared/core-api/views.ts';
import { Button } from '../../components/button.tsx';
import { joinClasses } from '../../components/join-classes.ts';
import { formatMoment } from '../../locales/format-time.ts';
import { useOpenConversation } from '../../stores/use-conversations.ts';
import { useMinute } from '../../stores/use-minute.ts';
import { MessageText } from '../conversation/message-text.tsx';
import { AttentionActions } from './attention-actions.tsx';
import styles from './attention-card.module.css';
import { MeanwhileList } from './meanwhile-list.tsx';
import { useCommandWords } from './use-command-words.ts';
import { useRefusalWords } from './use-refusal-words.ts';

/** One refused command: what was typed beside what arrived meanwhile, what waits behind it, and the ways on. */
export function AttentionCard({ item, isInGroup = false }: { item: AttentionItem; isInGroup?: boolean }) {
  const { t, i18n } = useTranslation('attention');
  const open = useOpenConversation();
  const now = useMinute();
  const { nameOf } = useCommandWords();
  const why = useRefusalWords(item);
  const { conversationId, text, attachments, blocked, meanwhile } = item;
  const hasText = text !== null && text !== '';
  const name = nameOf(item.type);
  return (
    <article
      className={styles.card}
      // One of the list's rows: arrows go from one to the next.
      tabIndex={0}
      aria-label={item.customerName === null ? name : `${name} ${t('about', { name: item.customerName })}`}
    >
      <header className={styles.head}>
        <h2 className={styles.what}>
          {name}
          {item.target !== null && <bdi>{` → ${item.target}`}</bdi>}
          {item.customerName !== null && <bdi>{` ${t('about', { name: item.customerName })}`}</bdi>}
          {item.conversationCount > 1 && <bdi>{` ${t('andOthers', { count: item.conversationCount - 1 })}`}</bdi>}
        </h2>
        <time className={styles.time}>{formatMoment(item.at, i18n.language, now)}</time>
        {conversationId !== null && item.isHere && (
          <Button size="small" variant="quiet" onClick={() => open(conversationId)}>
            <ExternalLink size={13} aria-hidden />
            {t('open')}
          </Button>
        )}
      </header>
      {!isInGroup && (
        <p className={styles.why} role="note">
          {why}
        </p>
      )}
      {(hasText || attachments.length > 0 || meanwhile.length > 0) && (
        <div className={joinClasses(styles.both, meanwhile.length > 0 && hasText && styles.beside)}>
          {(hasText || attachments.length > 0) && (
            <section className={styles.block}>
              <h3>{t('youWrote')}</h3>
              <div className={styles.typed}>
                {hasText && <MessageText text={text} />}
                {attachments.length > 0 && (
                  <p className={styles.files}>
                    <Paperclip size={12} aria-hidden /> {attachments.map((one) => one.name).join(', ')}
                  </p>
                )}
              </div>
            </section>
          )}
          {meanwhile.length > 0 && (
            <section className={styles.block}>
              <h3>{t('meanwhileCount', { count: meanwhile.length })}</h3>
              <MeanwhileList item={item} />
            </section>
          )}
        </div>
      )}
      {blocked.length > 0 && (
        <section className={styles.waits}>
          <h3>
            <Hourglass size={13} aria-hidden />
            {t('blocked', { count: blocked.length })}
          </h3>
          <ul className={styles.blocked}>
            {blocked.map((one) => (
              <li key={one.commandId}>
                {nameOf(one.type)}
                {one.text !== null && <bdi className={styles.blockedText}>{one.text}</bdi>}
              </li>
            ))}
          </ul>
        </section>
      )}
      <footer>
        <AttentionActions item={item} />
      </footer>
    </article>
  );
}
