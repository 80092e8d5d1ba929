import { useTranslation } from 'react-i18next';
import type { AttentionItem } from '../../../shared/core-api/views.ts';
import { errorText } from '../../locales/error-text.ts';
import { formatMoment } from '../../locales/format-time.ts';
import { useMinute } from '../../stores/use-minute.ts';

/** Why a command was refused, and what that means for what was typed. */
export function useRefusalWords({ conversationId, isHere, winner, error }: AttentionItem): string {
  const { t, i18n } = useTranslation('attention');
  const now = useMinute();
  // A relay that lost the conversation itself says so of every command; that is another matter than a withdrawn one.
  if (conversationId !== null && !isHere && error.reason !== 'relay-restored') return t('withdrawn');
  const why = errorText(i18n.t, error);
  if (winner === null || winner.name === '') return why;
  const { name, at } = winner;
  const who = at === null ? t('winner', { name }) : t('winnerAt', { name, time: formatMoment(at, i18n.language, now) });
  return `${why} ${who}`;
}
