import { Clock3, RefreshCw, Unplug } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { joinClasses } from '../../components/join-classes.ts';
import { Popover, PopoverContent, PopoverTrigger } from '../../components/popover.tsx';
import { Tooltip } from '../../components/tooltip.tsx';
import { errorText } from '../../locales/error-text.ts';
import { formatMoment } from '../../locales/format-time.ts';
import { useConsole } from '../../stores/console-context.ts';
import { useMinute } from '../../stores/use-minute.ts';
import styles from './connection-indicator.module.css';
import { connectionWords } from './connection-words.ts';

/** Always there, always true: how things stand with the relay, and how much waits to be sent. */
export function ConnectionIndicator({ isNarrow }: { isNarrow: boolean }) {
  const { t, i18n } = useTranslation('shell');
  const { sync } = useConsole();
  const state = useStore(sync);
  const now = useMinute();
  const { tone, text, pendingCount } = connectionWords(t, state, i18n.language, now);
  const pending = pendingCount > 0 ? t('status.pending', { count: pendingCount }) : null;
  const trigger = (
    <PopoverTrigger asChild>
      <button
        type="button"
        className={joinClasses(styles.indicator, styles[tone], isNarrow && styles.narrow)}
        aria-label={[text, pending].filter(Boolean).join(', ')}
        data-status={state.link === 'up' ? state.status?.state : state.link}
      >
        <span className={styles.dot} />
        {!isNarrow && <span className={styles.text}>{text}</span>}
        {pendingCount > 0 && (
          <span className={styles.pending}>
            <Clock3 size={12} aria-hidden /> {pendingCount}
          </span>
        )}
      </button>
    </PopoverTrigger>
  );
  return (
    <Popover>
      {isNarrow ? (
        <Tooltip text={[text, pending].filter(Boolean).join(' · ')} side="right">
          {trigger}
        </Tooltip>
      ) : (
        trigger
      )}
      <span className="visually-hidden" role="status">
        {text}
      </span>
      <PopoverContent side="right" align="end" aria-label={t('status.label')}>
        <ConnectionDetails />
      </PopoverContent>
    </Popover>
  );
}

function ConnectionDetails() {
  const { t, i18n } = useTranslation('shell');
  const { core, sync, toasts } = useConsole();
  const state = useStore(sync);
  const now = useMinute();
  const { text, tone } = connectionWords(t, state, i18n.language, now);
  const { status } = state;
  const time = (at: number) => formatMoment(at, i18n.language, now);
  const setOnline = (isOnline: boolean) => {
    core
      .request('sync.setOnline', { isOnline })
      .catch((error: unknown) => toasts.getState().show({ tone: 'error', text: errorText(t, error) }));
  };
  return (
    <div className={styles.details}>
      <p className={joinClasses(styles.headline, styles[tone])}>
        <span className={styles.dot} /> {text}
      </p>
      {status !== null && state.link === 'up' && (
        <dl className={styles.facts}>
          {status.state !== 'online' && (
            <>
              <dt>{t('status.upToDate')}</dt>
              <dd>{status.lastOnlineAt === null ? t('status.never') : time(status.lastOnlineAt)}</dd>
            </>
          )}
          <dt>{t('status.toSend')}</dt>
          <dd>{status.pendingCount === 0 ? t('status.nothing') : status.pendingCount}</dd>
          {status.state === 'offline' && status.nextTryAt !== null && (
            <>
              <dt>{t('status.nextTry')}</dt>
              <dd>{time(status.nextTryAt)}</dd>
            </>
          )}
        </dl>
      )}
      {status?.error != null && <p className={styles.why}>{errorText(t, status.error)}</p>}
      {state.link === 'up' && status !== null && (
        <p className={styles.why}>{t(status.state === 'online' ? 'status.hintOnline' : 'status.hintOffline')}</p>
      )}
      {state.link === 'up' && status !== null && (
        <div className={styles.buttons}>
          {status.state === 'offline' && (
            <Button size="small" variant="primary" onClick={() => setOnline(true)}>
              <RefreshCw size={13} aria-hidden /> {t('status.tryNow')}
            </Button>
          )}
          {status.state === 'paused' ? (
            <Button size="small" variant="primary" onClick={() => setOnline(true)}>
              {t('status.goOnline')}
            </Button>
          ) : (
            <Button size="small" onClick={() => setOnline(false)}>
              <Unplug size={13} aria-hidden /> {t('status.goOffline')}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
