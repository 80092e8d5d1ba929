import { useTranslation } from 'react-i18next';
import { formatWait } from '../../locales/format-time.ts';
import { useMinute } from '../../stores/use-minute.ts';
import { waitToneOf } from './wait-tone.ts';
import styles from './wait-badge.module.css';

/** For how long the customer has been waiting; ticks once a minute. */
export function WaitBadge({ since, channelKind }: { since: number; channelKind: string }) {
  const { t, i18n } = useTranslation('inbox');
  const waitedMs = Math.max(0, useMinute() - since);
  const text = formatWait(waitedMs, i18n.language);
  return (
    <span className={styles[waitToneOf(channelKind, waitedMs)]} title={t('row.waiting', { time: text })}>
      {text}
    </span>
  );
}
