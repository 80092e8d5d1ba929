import type { Clock, Random } from '../../shared/primitives/clock.ts';

/** A clock that stands still until it is told to move; tasks run in order of their time, then of their making. */
export class ManualClock implements Clock {
  #now: number;
  #elapsed = 0;
  #made = 0;
  readonly #tasks = new Map<number, { dueAt: number; task: () => void }>();

  constructor(now = Date.UTC(2025, 0, 6, 8)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(delayMs: number, task: () => void): () => void {
    this.#made += 1;
    const number = this.#made;
    this.#tasks.set(number, { dueAt: this.#elapsed + delayMs, task });
    return () => this.#tasks.delete(number);
  }

  /** Moves both times on, running what becomes due on the way. */
  advance(byMs: number): void {
    const end = this.#elapsed + byMs;
    for (;;) {
      const [next] = [...this.#tasks].filter(([, { dueAt }]) => dueAt <= end).sort(byDueAt);
      if (next === undefined) break;
      const [number, { dueAt, task }] = next;
      this.#tasks.delete(number);
      this.#moveTo(Math.max(dueAt, this.#elapsed));
      task();
    }
    this.#moveTo(end);
  }

  /** Somebody sets the wall clock; timers do not notice. */
  jumpTo(now: number): void {
    this.#now = now;
  }

  #moveTo(elapsed: number): void {
    this.#now += elapsed - this.#elapsed;
    this.#elapsed = elapsed;
  }
}

/** The same time for a process: what it put off is not done once it is not alive any more. */
export function clockOfProcess(clock: Clock, isAlive: () => boolean): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    after: (delayMs, task) => clock.after(delayMs, () => isAlive() && task()),
  };
}

type Entry = [number, { dueAt: number; task: () => void }];

function byDueAt([numberA, a]: Entry, [numberB, b]: Entry): number {
  return a.dueAt - b.dueAt || numberA - numberB;
}

/** Random numbers that follow from a seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const bytes = (length: number): Uint8Array => {
    const made = new Uint8Array(length);
    for (let index = 0; index < length; index += 1) made[index] = Math.floor(fraction() * 256);
    return made;
  };
  return { fraction, bytes };
}
