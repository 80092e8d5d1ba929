import type { Clock } from '../../../shared/primitives/clock.ts';

const EVERY_MS = 5000;
/** Later than this the machine slept, or stood still; a busy one is not so late. */
const ASLEEP_MS = 20_000;

/**
 * Notices that the machine was asleep: by one of its clocks much more time has passed than by the timer. (The monotonic
 * one stands still meanwhile on some systems and goes on on others.) A wall clock that was set forward looks the same,
 * which costs one reconnection.
 * @returns its end
 */
export function watchForWaking(clock: Clock, onWake: () => void): () => void {
  let cancel = (): void => undefined;
  const watch = (): void => {
    const before = { now: clock.now(), monotonic: clock.monotonic() };
    cancel = clock.after(EVERY_MS, () => {
      const passed = Math.max(clock.now() - before.now, clock.monotonic() - before.monotonic);
      watch();
      if (passed > EVERY_MS + ASLEEP_MS) onWake();
    });
  };
  watch();
  return () => cancel();
}
