import { randomBytes } from 'node:crypto';
import type { Clock, Random } from '../../shared/primitives/clock.ts';

/** The machine's own clock. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after: (delayMs, task) => {
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
