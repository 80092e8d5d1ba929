import type { TFunction } from 'i18next';
import { formatMoment } from '../../locales/format-time.ts';
import type { SyncState } from '../../stores/sync.ts';

export interface ConnectionWords {
  tone: 'good' | 'busy' | 'bad' | 'off';
  /** One short line. */
  text: string;
  /** Commands that wait to be sent, shown beside it; 0 shows nothing. */
  pendingCount: number;
}

/**
 * What may honestly be said of the connection. When the window does not reach its own core, nothing the core said
 * before is repeated.
 */
export function connectionWords(
  t: TFunction<'shell'>,
  { status, link }: SyncState,
  language: string,
  now: number,
): ConnectionWords {
  if (link !== 'up' || status === null) {
    return {
      tone: link === 'down' ? 'bad' : 'busy',
      text: t(link === 'down' ? 'status.noCore' : 'status.starting'),
      pendingCount: 0,
    };
  }
  const { pendingCount } = status;
  switch (status.state) {
    case 'online':
      return { tone: pendingCount > 0 ? 'busy' : 'good', text: t('status.online'), pendingCount };
    case 'catching-up': {
      const percent = status.progress === null ? null : Math.floor(status.progress * 100);
      const text = percent === null ? t('status.catchingUp') : t('status.catchingUpPercent', { percent });
      return { tone: 'busy', text, pendingCount };
    }
    case 'connecting':
      return { tone: 'busy', text: t('status.connecting'), pendingCount };
    case 'paused':
      return { tone: 'off', text: t('status.paused'), pendingCount };
    case 'offline':
      return {
        tone: 'bad',
        text: t('status.offlineSince', { time: formatMoment(status.since, language, now) }),
        pendingCount,
      };
    case 'signed-out':
      return { tone: 'off', text: t('status.signedOut'), pendingCount };
  }
}
