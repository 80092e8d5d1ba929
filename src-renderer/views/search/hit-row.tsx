import { User } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { SearchHit } from '../../../shared/core-api/views.ts';
import { formatMoment } from '../../locales/format-time.ts';
import { useMinute } from '../../stores/use-minute.ts';
import styles from './search-panel.module.css';

interface Props {
  id: string;
  hit: SearchHit;
  isActive: boolean;
  onPress: () => void;
}

/** One place found, with what matched marked in it. */
export function HitRow({ id, hit, isActive, onPress }: Props) {
  const { t, i18n } = useTranslation('search');
  const now = useMinute();
  return (
    <div id={id} role="option" aria-selected={isActive} className={styles.hit} onClick={onPress}>
      <div className={styles.top}>
        {hit.kind === 'customer' && <User size={12} aria-label={t('customer')} />}
        <bdi className={styles.name}>{hit.customerName}</bdi>
        <time className={styles.time}>{formatMoment(hit.at, i18n.language, now)}</time>
      </div>
      <div className={styles.snippet} dir="auto">
        {markMatches(hit.snippet.text, hit.snippet.matches)}
      </div>
    </div>
  );
}

/** The text with its ranges in `<mark>`; ranges that overlap or lie outside of the text do no harm. */
function markMatches(text: string, matches: readonly (readonly [number, number])[]): ReactNode[] {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const [from, to] of matches.toSorted((one, other) => one[0] - other[0])) {
    const start = Math.max(from, end);
    if (to <= start || start >= text.length) continue;
    parts.push(text.slice(end, start), <mark key={start}>{text.slice(start, to)}</mark>);
    end = to;
  }
  parts.push(text.slice(end));
  return parts;
}
