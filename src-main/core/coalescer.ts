import type { Clock } from '../../shared/primitives/clock.ts';

/** Runs `flush` at once, then at most once per interval: what is alone is not delayed, what comes in crowds is gathered. */
export class Coalescer {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #flush: () => void;
  /** By the clock that nobody sets; before anything was flushed, long ago. */
  #flushedAt = Number.NEGATIVE_INFINITY;
  #isWaiting = false;
  #isClosed = false;
  #cancel: () => void = () => undefined;

  constructor(clock: Clock, intervalMs: number, flush: () => void) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#flush = flush;
  }

  poke(): void {
    if (this.#isWaiting || this.#isClosed) return;
    const now = this.#clock.monotonic();
    const leftMs = this.#flushedAt + this.#intervalMs - now;
    if (leftMs <= 0) {
      this.#flushedAt = now;
      this.#flush();
      return;
    }
    this.#isWaiting = true;
    this.#cancel = this.#clock.after(leftMs, () => {
      this.#isWaiting = false;
      this.#flushedAt = this.#clock.monotonic();
      this.#flush();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }
}

/** Tells which subjects look different, as `Coalescer` does. */
export class ChangedSubjects {
  readonly #subjects = new Set<string>();
  readonly #telling: Coalescer;

  constructor(clock: Clock, intervalMs: number, tell: (subjects: string[]) => void) {
    this.#telling = new Coalescer(clock, intervalMs, () => {
      const subjects = [...this.#subjects];
      this.#subjects.clear();
      tell(subjects);
    });
  }

  add(subjects: readonly string[]): void {
    for (const subject of subjects) this.#subjects.add(subject);
    this.#telling.poke();
  }

  close(): void {
    this.#telling.close();
  }
}
