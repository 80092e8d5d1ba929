import { DatabaseBackup, SendHorizontal } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AttentionItem } from '../../../shared/core-api/views.ts';
import { Button } from '../../components/button.tsx';
import { errorText } from '../../locales/error-text.ts';
import { useConsole } from '../../stores/console-context.ts';
import { AttentionCard } from './attention-card.tsx';
import { allowedActions } from './allowed-actions.ts';
import styles from './attention-view.module.css';

/**
 * What the relay had taken and lost, because it was restored from a backup. Nothing of it is sent again by itself: the
 * customer may have it, and may have answered elsewhere.
 */
export function RestoredGroup({ items }: { items: readonly AttentionItem[] }) {
  const { t, i18n } = useTranslation('attention');
  const { core, toasts } = useConsole();
  const [isBusy, setBusy] = useState(false);
  const sendable = items.filter((item) => allowedActions(item).again);

  /** In the order in which they were given, and no further than the first that is refused here. */
  const sendAll = async () => {
    setBusy(true);
    try {
      for (const { commandId } of sendable) {
        await core.request('attention.resolve', { commandId, action: 'send-anyway' });
      }
      toasts.getState().show({ tone: 'info', text: t('restored.sent', { count: sendable.length }) });
    } catch (error) {
      toasts.getState().show({ tone: 'error', text: errorText(i18n.t, error) });
    } finally {
      setBusy(false);
    }
  };

  return (
    <section className={styles.group} aria-label={t('restored.title')}>
      <header className={styles.groupHead}>
        <DatabaseBackup size={18} aria-hidden />
        <div className={styles.groupWords}>
          <h2>{t('restored.title')}</h2>
          <p>{t('restored.text', { count: items.length })}</p>
        </div>
        {sendable.length > 1 && (
          <Button size="small" disabled={isBusy} onClick={() => void sendAll()}>
            <SendHorizontal size={13} aria-hidden />
            {t('restored.sendAll', { count: sendable.length })}
          </Button>
        )}
      </header>
      {items.map((item) => (
        <AttentionCard key={item.commandId} item={item} isInGroup />
      ))}
    </section>
  );
}
