import { randomBytes } from 'node:crypto';
import type { Clock, Random } from '../shared/primitives/clock.ts';

/** The machine's own clock. A delay of 0 runs after what is already waiting in this turn of the event loop. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after: (delayMs, task) => {
      if (delayMs <= 0) {
        const immediate = setImmediate(task);
        return () => clearImmediate(immediate);
      }
      const timer = setTimeout(task, delayMs);
      return () => clearTimeout(timer);
    },
  };
}

/** Randomness of the operating system. */
export function createSystemRandom(): Random {
  return {
    bytes: (length) => randomBytes(length),
    fraction: () => randomBytes(4).readUInt32LE(0) / 2 ** 32,
  };
}
