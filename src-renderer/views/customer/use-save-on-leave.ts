import { useEffect, useRef } from 'react';

/**
 * Saves what is being edited when its view goes, as when another tab is chosen by a key, or when the window does: nothing
 * that was typed is lost without a word. @param save null while there is nothing to save
 */
export function useSaveOnLeave(save: (() => void) | null): void {
  const latest = useRef(save);
  useEffect(() => {
    latest.current = save;
  });
  useEffect(() => {
    const leave = () => latest.current?.();
    window.addEventListener('pagehide', leave);
    return () => {
      window.removeEventListener('pagehide', leave);
      leave();
    };
  }, []);
}
