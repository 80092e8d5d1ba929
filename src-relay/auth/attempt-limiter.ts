import { AppError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/primitives/clock.ts';

/** Keys that are remembered; beyond it the oldest are forgotten, so that a flood of made-up keys fills no memory. */
const MAX_KEYS = 50_000;

/** Counts failures per key in a sliding window. In memory only: a restart forgives. */
export class AttemptLimiter {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #windowMs: number;
  /** Monotonic times of attempts, oldest first. */
  readonly #attempts = new Map<string, number[]>();

  constructor(clock: Clock, limit: number, windowMs: number) {
    this.#clock = clock;
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /**
   * Counts an attempt, before it is known whether it succeeds, so that many at once cannot slip through.
   * @throws AppError `rate_limited` with `retryAfterMs`
   */
  begin(key: string): void {
    const now = this.#clock.monotonic();
    const recent = (this.#attempts.get(key) ?? []).filter((at) => at > now - this.#windowMs);
    if (recent.length >= this.#limit) {
      throw new AppError('rate_limited', 'Too many attempts; wait before you try again.', {
        reason: 'too-many-attempts',
        retryAfterMs: Math.ceil(recent[0]! + this.#windowMs - now),
      });
    }
    recent.push(now);
    this.#attempts.delete(key);
    this.#attempts.set(key, recent);
    if (this.#attempts.size > MAX_KEYS) this.#attempts.delete(this.#attempts.keys().next().value!);
  }

  /** Takes back one attempt of this key, which succeeded. */
  forgive(key: string): void {
    const attempts = this.#attempts.get(key);
    attempts?.pop();
    if (attempts?.length === 0) this.#attempts.delete(key);
  }

  /** Forgets all attempts of this key. */
  clear(key: string): void {
    this.#attempts.delete(key);
  }
}
