import { useEffect, useState } from 'react';
import { useConsole } from './console-context.ts';

/** Whether something has been so for a while without a break: what passes at once is not worth a word. */
export function useStays(isSo: boolean, forMs: number): boolean {
  const { clock } = useConsole();
  const [hasStayed, setStayed] = useState(false);
  useEffect(() => {
    if (!isSo) return;
    const cancel = clock.after(forMs, () => setStayed(true));
    return () => {
      cancel();
      setStayed(false);
    };
  }, [isSo, forMs, clock]);
  return isSo && hasStayed;
}
