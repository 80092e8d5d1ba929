import { ListChecks, RefreshCw, TriangleAlert, Unplug } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { joinClasses } from '../../components/join-classes.ts';
import { errorText } from '../../locales/error-text.ts';
import { formatAge, formatMoment } from '../../locales/format-time.ts';
import type { SyncStatus } from '../../../shared/core-api/views.ts';
import { useConsole } from '../../stores/console-context.ts';
import { useSeconds } from '../../stores/use-seconds.ts';
import styles from './connection-indicator.module.css';
import { useConnectionWords } from './use-connection-words.ts';

/** What the line in the rail means: since when, what next, what waits and how old it is, and what can be done. */
export function ConnectionDetails({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('shell');
  const { sync } = useConsole();
  const { status, link } = useStore(sync);
  const { text, tone, meaning } = useConnectionWords();
  return (
    <div className={styles.details}>
      <p className={joinClasses(styles.headline, styles[tone])}>
        <span className={styles.dot} /> {text}
      </p>
      {meaning !== null && <p className={styles.why}>{meaning}</p>}
      {link === 'up' && status !== null && (
        <>
          {status.state === 'catching-up' && <Progress status={status} />}
          <Facts status={status} />
          {status.error !== null && (
            <p className={styles.problem}>
              <TriangleAlert size={13} aria-hidden />
              {errorText(t, status.error)}
            </p>
          )}
          <Buttons status={status} onClose={onClose} />
        </>
      )}
    </div>
  );
}

function Progress({ status }: { status: SyncStatus }) {
  const { t, i18n } = useTranslation('shell');
  const { progress, remaining } = status;
  if (progress === null) return null;
  const count = remaining === null ? null : new Intl.NumberFormat(i18n.language).format(remaining);
  return (
    <div>
      <progress className={styles.progress} value={progress} aria-label={t('status.catchingUp')} />
      {count !== null && <p className={styles.why}>{t('status.remaining', { count: remaining!, number: count })}</p>}
    </div>
  );
}

function Facts({ status }: { status: SyncStatus }) {
  const { t, i18n } = useTranslation('shell');
  const isWaiting = status.state === 'offline' && status.nextTryAt !== null;
  const now = useSeconds(true);
  const { lastOnlineAt, oldestPendingAt, pendingCount } = status;
  const seconds = isWaiting ? Math.max(0, Math.ceil((status.nextTryAt! - now) / 1000)) : 0;
  return (
    <dl className={styles.facts}>
      {status.state !== 'online' && (
        <>
          <dt>{t('status.upToDate')}</dt>
          <dd>{lastOnlineAt === null ? t('status.never') : formatMoment(lastOnlineAt, i18n.language, now)}</dd>
        </>
      )}
      {isWaiting && (
        <>
          <dt>{t('status.nextTry')}</dt>
          <dd>{seconds === 0 ? t('status.now') : t('status.inSeconds', { count: seconds })}</dd>
        </>
      )}
      {status.state === 'connecting' && (
        <>
          <dt>{t('status.nextTry')}</dt>
          <dd>{t('status.now')}</dd>
        </>
      )}
      <dt>{t('status.toSend')}</dt>
      <dd>{pendingCount === 0 ? t('status.nothing') : pendingCount}</dd>
      {pendingCount > 0 && oldestPendingAt !== null && (
        <>
          <dt>{t('status.oldest')}</dt>
          <dd>{formatAge(now - oldestPendingAt, i18n.language)}</dd>
        </>
      )}
    </dl>
  );
}

function Buttons({ status, onClose }: { status: SyncStatus; onClose: () => void }) {
  const { t } = useTranslation('shell');
  const { core, navigation, toasts } = useConsole();
  const { state, pendingCount, attentionCount } = status;
  const setOnline = (isOnline: boolean) => {
    core
      .request('sync.setOnline', { isOnline })
      .catch((error: unknown) => toasts.getState().show({ tone: 'error', text: errorText(t, error) }));
  };
  return (
    <div className={styles.buttons}>
      {state === 'offline' && (
        <Button size="small" variant="primary" onClick={() => setOnline(true)}>
          <RefreshCw size={13} aria-hidden /> {t('status.tryNow')}
        </Button>
      )}
      {state === 'paused' && (
        <Button size="small" variant="primary" onClick={() => setOnline(true)}>
          {t('status.goOnline')}
        </Button>
      )}
      {pendingCount > 0 && (
        <Button
          size="small"
          onClick={() => {
            onClose();
            navigation.getState().openDialog('outbox');
          }}
        >
          <ListChecks size={13} aria-hidden /> {t('status.showPending', { count: pendingCount })}
        </Button>
      )}
      {attentionCount > 0 && (
        <Button
          size="small"
          onClick={() => {
            onClose();
            navigation.getState().showList('attention');
          }}
        >
          <TriangleAlert size={13} aria-hidden /> {t('status.showAttention', { count: attentionCount })}
        </Button>
      )}
      {state !== 'paused' && state !== 'signed-out' && (
        <Button size="small" variant="quiet" onClick={() => setOnline(false)}>
          <Unplug size={13} aria-hidden /> {t('status.goOffline')}
        </Button>
      )}
    </div>
  );
}
