import type { Random } from '../../../shared/primitives/clock.ts';

const FIRST_MS = 500;
const LONGEST_MS = 30_000;
/** A sign that the network is back is followed within this time: a whole office wakes at once. */
const HINT_MS = 2000;
/** Signs farther apart than this do not come in a row. */
const CALM_MS = 60_000;

/** Waiting times between tries: random up to a bound that doubles, so that a thousand consoles do not come back at once (SYNC-N1). */
export class Backoff {
  readonly #random: Random;
  #tries = 0;
  #hints = 0;
  #hintedAt = Number.NEGATIVE_INFINITY;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Milliseconds to wait before the next try. */
  next(): number {
    const bound = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#tries);
    this.#tries += 1;
    return this.#random.fraction() * bound;
  }

  /**
   * Milliseconds to wait when something hints that the relay can be reached again. Hints say nothing of what the relay can
   * bear: they leave `next` as it is, and of those that come in a row and lead to nothing the later ones wait longer.
   * @param now monotonic ms
   */
  hinted(now: number): number {
    if (now - this.#hintedAt > CALM_MS) this.#hints = 0;
    this.#hintedAt = now;
    const bound = Math.min(LONGEST_MS, HINT_MS * 2 ** Math.max(0, this.#hints - 1));
    this.#hints += 1;
    return this.#random.fraction() * bound;
  }

  reset(): void {
    this.#tries = 0;
    this.#hints = 0;
  }
}
