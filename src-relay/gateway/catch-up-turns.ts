import type { Clock } from '../../shared/primitives/clock.ts';

/**
 * Gives the work of catch-ups and sign-ins out in slices, one per turn of the event loop: whatever else a turn brings,
 * commands and their frames, waits for one slice at most (SYNC-N1).
 */
export class CatchUpTurns {
  readonly #clock: Clock;
  #waiting: (() => void)[] = [];
  #isScheduled = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when the caller may do a slice of work: what it does before it waits for anything again. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#clock.after(0, () => {
      this.#isScheduled = false;
      this.#waiting.shift()?.();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }
}
