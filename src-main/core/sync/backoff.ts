import type { Random } from '../../../shared/primitives/clock.ts';

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** Waiting times between tries: random up to a bound that doubles, so that a thousand consoles do not come back at once (SYNC-N1). */
export class Backoff {
  readonly #random: Random;
  #tries = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Milliseconds to wait before the next try. */
  next(): number {
    const bound = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#tries);
    this.#tries += 1;
    return this.#random.fraction() * bound;
  }

  reset(): void {
    this.#tries = 0;
  }
}
