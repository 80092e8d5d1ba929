import type { Clock } from '../../shared/primitives/clock.ts';

const MINUTE_MS = 60_000;

/** The time of day, told once a minute while somebody shows it: waiting times, "offline since". */
export interface MinuteStore {
  subscribe(listener: () => void): () => void;
  /** Epoch ms of the last tick. */
  now(): number;
}

export function createMinuteStore(clock: Clock): MinuteStore {
  const listeners = new Set<() => void>();
  let now = clock.now();
  let cancel: (() => void) | null = null;
  const wait = () => {
    cancel = clock.after(MINUTE_MS - (clock.now() % MINUTE_MS), () => {
      now = clock.now();
      for (const listener of [...listeners]) listener();
      wait();
    });
  };
  return {
    subscribe(listener) {
      listeners.add(listener);
      if (cancel === null) {
        now = clock.now();
        wait();
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        cancel?.();
        cancel = null;
      };
    },
    // Never behind by more than a tick, also for a row that is shown between two of them.
    now: () => now,
  };
}
