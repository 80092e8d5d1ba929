import { useTexts } from '../../locales/use-texts.ts';
import { formatDayInWords, isSameDay } from '../../locales/format-time.ts';
import { useMinute } from '../../stores/use-minute.ts';

/** `Hôm nay`, `Hôm qua`, or the day in words. */
export function DayLabel({ at }: { at: number }) {
  const { t, i18n } = useTexts('conversation');
  const now = useMinute();
  if (isSameDay(at, now)) return t('list.today');
  const yesterday = new Date(now);
  yesterday.setDate(yesterday.getDate() - 1);
  if (isSameDay(at, yesterday.getTime())) return t('list.yesterday');
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return formatDayInWords(at, i18n.language, !isThisYear);
}
