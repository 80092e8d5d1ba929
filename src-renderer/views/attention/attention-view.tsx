import { CircleCheckBig } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../components/empty-state.tsx';
import { errorText } from '../../locales/error-text.ts';
import { AttentionCard } from './attention-card.tsx';
import styles from './attention-view.module.css';
import { useAttention } from './use-attention.ts';

/** Commands that the relay refused: what was typed, why, what happened meanwhile, and the ways on from there. */
export function AttentionView() {
  const { t, i18n } = useTranslation('attention');
  const { items, error, reload } = useAttention();
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
        <ul className={styles.list}>
          {(items ?? []).map((item) => (
            <li key={item.commandId}>
              <AttentionCard item={item} onSettled={reload} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
