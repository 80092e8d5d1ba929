import { useEffect, useState } from 'react';
import { useConsole } from './console-context.ts';

/** Epoch ms by this device's clock, told anew every second while `isWanted`: a countdown somebody looks at. */
export function useSeconds(isWanted: boolean): number {
  const { clock } = useConsole();
  const [now, setNow] = useState(() => clock.now());
  useEffect(() => {
    if (!isWanted) return;
    let cancel = (): void => undefined;
    const tick = () => {
      setNow(clock.now());
      cancel = clock.after(1000, tick);
    };
    tick();
    return () => cancel();
  }, [isWanted, clock]);
  return now;
}
