import { randomBytes } from 'node:crypto';
import type { Clock, Random } from '../../shared/primitives/clock.ts';

/** Node runs what it is told to run later than this at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** The machine's own clock. What is to wait for longer than 24 days runs after 24 days. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after: (delayMs, task) => {
      const timer = setTimeout(task, Math.min(delayMs, LONGEST_DELAY_MS));
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
