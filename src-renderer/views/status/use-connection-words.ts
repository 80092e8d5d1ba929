import { useTranslation } from 'react-i18next';
import { useStore } from 'zustand';
import { useConsole } from '../../stores/console-context.ts';
import { useMinute } from '../../stores/use-minute.ts';
import { useStays } from '../../stores/use-stays.ts';
import { type ConnectionWords, connectionWords } from './connection-words.ts';

/** Shorter than this nobody needs to know of it. */
const LASTING_MS = 1000;

/** The connection in words, as they are true now; `progress` is the share of a catch-up that lasts, else null. */
export function useConnectionWords(): ConnectionWords & { progress: number | null } {
  const { t, i18n } = useTranslation('shell');
  const { sync } = useConsole();
  const state = useStore(sync);
  const now = useMinute();
  const isUp = state.link === 'up';
  const isCatchingUp = useStays(isUp && state.status?.state === 'catching-up', LASTING_MS);
  const isPending = useStays(isUp && (state.status?.pendingCount ?? 0) > 0, LASTING_MS);
  const words = connectionWords(t, state, i18n.language, now, { isCatchingUp, isPending });
  return { ...words, progress: isCatchingUp ? (state.status?.progress ?? null) : null };
}
