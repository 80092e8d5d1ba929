import type { TFunction } from 'i18next';
import { formatMoment } from '../../locales/format-time.ts';
import type { SyncState } from '../../stores/sync.ts';

export interface ConnectionWords {
  tone: 'good' | 'busy' | 'bad' | 'off';
  /** One short line. */
  text: string;
  /** What that means for the agent's work, in a sentence or two; null where nothing is known of it. */
  meaning: string | null;
  /** Commands that wait to be sent, shown beside it; 0 shows nothing. */
  pendingCount: number;
}

/** What passes at once is not told: a reply is on its way for some milliseconds also where all is well. */
export interface Lasting {
  /** It has been catching up for more than a second. */
  isCatchingUp: boolean;
  /** Something has been waiting for more than a second. */
  isPending: boolean;
}

/**
 * What may honestly be said of the connection. When the window does not reach its own core, nothing the core said
 * before is repeated; while tries go on without success it stays offline, since when it was last connected.
 */
export function connectionWords(
  t: TFunction<'shell'>,
  { status, link, hasFailed }: SyncState,
  language: string,
  now: number,
  lasting: Lasting,
): ConnectionWords {
  if (link !== 'up' || status === null) {
    return {
      tone: link === 'down' ? 'bad' : 'busy',
      text: t(link === 'down' ? 'status.noCore' : 'status.starting'),
      meaning: link === 'down' ? t('status.means.noCore') : null,
      pendingCount: 0,
    };
  }
  const { state, pendingCount } = status;
  if (status.storage === 'full' && state !== 'signed-out') {
    return { tone: 'bad', text: t('status.full'), meaning: t('status.means.full'), pendingCount };
  }
  const since = t('status.offlineSince', { time: formatMoment(status.since, language, now) });
  switch (state) {
    case 'online': {
      const isBusy = pendingCount > 0 && lasting.isPending;
      return {
        tone: isBusy ? 'busy' : 'good',
        text: t('status.online'),
        meaning: t(isBusy ? 'status.means.sending' : 'status.means.online'),
        pendingCount: isBusy ? pendingCount : 0,
      };
    }
    case 'catching-up': {
      const percent = Math.floor((status.progress ?? 0) * 100);
      const isShown = lasting.isCatchingUp && status.progress !== null;
      return {
        tone: 'busy',
        text: isShown ? t('status.catchingUpPercent', { percent }) : t('status.catchingUp'),
        meaning: t('status.means.catchingUp'),
        pendingCount,
      };
    }
    case 'connecting':
      // One try among many: the agent is offline until one succeeds.
      if (hasFailed || status.error !== null)
        return { tone: 'bad', text: since, meaning: t('status.means.offline'), pendingCount };
      return { tone: 'busy', text: t('status.connecting'), meaning: t('status.means.connecting'), pendingCount };
    case 'paused':
      return { tone: 'off', text: t('status.paused'), meaning: t('status.means.paused'), pendingCount };
    case 'offline':
      return { tone: 'bad', text: since, meaning: t('status.means.offline'), pendingCount };
    case 'signed-out':
      return { tone: 'off', text: t('status.signedOut'), meaning: t('status.means.signedOut'), pendingCount };
  }
}
