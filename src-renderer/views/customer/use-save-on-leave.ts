import { useEffect, useRef } from 'react';
import { useConsole } from '../../stores/console-context.ts';
import type { SaveEdit } from '../../stores/open-edits.ts';

/**
 * Saves what is being edited when its view goes, as when another tab is chosen by a key, or when the window does, and
 * before the agent signs out: nothing that was typed is lost without a word. @param save null while there is nothing to save
 */
export function useSaveOnLeave(save: SaveEdit | null): void {
  const { openEdits } = useConsole();
  const latest = useRef(save);
  useEffect(() => {
    latest.current = save;
  });
  useEffect(() => {
    const leave = async () => latest.current?.();
    const onPageHide = () => void leave();
    const forget = openEdits.add(leave);
    window.addEventListener('pagehide', onPageHide);
    return () => {
      forget();
      window.removeEventListener('pagehide', onPageHide);
      void leave();
    };
  }, [openEdits]);
}
