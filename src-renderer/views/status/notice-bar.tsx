import { Info, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { IconButton } from '../../components/icon-button.tsx';
import { errorText } from '../../locales/error-text.ts';
import { useConsole } from '../../stores/console-context.ts';
import styles from './notice-bar.module.css';

/** What the core has to tell once, such as a cache that was damaged and is being fetched again. */
export function NoticeBar() {
  const { t } = useTranslation(['shell', 'errors']);
  const { core, sync, toasts } = useConsole();
  const notice = useStore(sync, (state) => state.status?.notice ?? null);
  if (notice === null) return null;
  const text = t([`errors:notice.${notice.reason}`, `errors:reason.${notice.reason}`, 'errors:notice.other'] as never);
  return (
    <div className={styles.notice} role="status">
      <Info size={16} aria-hidden />
      <span className={styles.text}>{String(text)}</span>
      <IconButton
        label={t('shell:noticeSeen')}
        size="small"
        onClick={() => {
          core
            .request('sync.dismissNotice', { id: notice.id })
            .catch((error: unknown) => toasts.getState().show({ tone: 'error', text: errorText(t, error) }));
        }}
      >
        <X size={14} aria-hidden />
      </IconButton>
    </div>
  );
}
