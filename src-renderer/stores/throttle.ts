import type { Clock } from '../../shared/primitives/clock.ts';

/**
 * Runs `task` at once when asked for, but never twice within `intervalMs`: what is asked for meanwhile is one run at
 * the end of it. So a single change is seen without delay, and a thousand in a row cost a few.
 * @returns asks for a run
 */
export function createThrottle(clock: Clock, intervalMs: number, task: () => void): () => void {
  let lastRunAt = -Infinity;
  let isWaiting = false;
  const run = () => {
    isWaiting = false;
    lastRunAt = clock.monotonic();
    task();
  };
  return () => {
    if (isWaiting) return;
    const restMs = lastRunAt + intervalMs - clock.monotonic();
    if (restMs <= 0) return run();
    isWaiting = true;
    clock.after(restMs, run);
  };
}
