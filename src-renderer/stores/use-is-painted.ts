import { startTransition, useEffect, useState } from 'react';

/**
 * False until the first frame with this component is on the screen: what stands beside the thing somebody waits for
 * comes after it. Where nothing is painted (a hidden window) it stays false.
 */
export function useIsPainted(): boolean {
  const [isPainted, setPainted] = useState(false);
  useEffect(() => {
    let task: ReturnType<typeof setTimeout>;
    // A frame's callbacks come before it is painted; the next task comes after.
    const frame = requestAnimationFrame(() => {
      task = setTimeout(() => startTransition(() => setPainted(true)));
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(task);
    };
  }, []);
  return isPainted;
}
