import { useTranslation } from 'react-i18next';
import type { AttentionItem } from '../../../shared/core-api/views.ts';
import { formatMoment } from '../../locales/format-time.ts';
import { useMinute } from '../../stores/use-minute.ts';
import { MessageText } from '../conversation/message-text.tsx';
import styles from './attention-card.module.css';

/** What others wrote to or for the customer since the agent last looked: who, when, what. */
export function MeanwhileList({ item }: { item: AttentionItem }) {
  const { t, i18n } = useTranslation('attention');
  const now = useMinute();
  return (
    <ul className={styles.meanwhile}>
      {item.meanwhile.map((message) => (
        <li key={message.id} data-author={message.author.kind}>
          <span className={styles.author}>
            <bdi>{message.author.name}</bdi>
            <time>{formatMoment(message.at, i18n.language, now)}</time>
          </span>
          {message.text !== '' && <MessageText text={message.text} />}
          {message.attachments.length > 0 && (
            <span className={styles.files}>{message.attachments.map(({ name }) => name).join(', ')}</span>
          )}
        </li>
      ))}
      {item.hasMore && <li className={styles.more}>{t('meanwhileMore')}</li>}
    </ul>
  );
}
