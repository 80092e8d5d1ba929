import type { Random } from '../../shared/primitives/clock.ts';
import { makeUuidV7 } from '../../shared/primitives/uuid-v7.ts';
import { seededRandom } from '../fakes/manual-clock.ts';

/** Chance, all of it from one seed. */
export class Dice {
  readonly random: Random;
  #ids = 0;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  /** Another sequence, so that what draws from it does not change what is drawn here. */
  fork(): Dice {
    return new Dice(Math.floor(this.random.fraction() * 2 ** 32));
  }

  fraction(): number {
    return this.random.fraction();
  }

  chance(probability: number): boolean {
    return this.random.fraction() < probability;
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.random.fraction() * (most - least + 1));
  }

  /** As often a small number as a large one: durations that differ by orders of magnitude. */
  spread(least: number, most: number): number {
    return Math.round(least * (most / least) ** this.random.fraction());
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[Math.floor(this.random.fraction() * values.length)]!;
  }

  /** One of the entries, as often as its weight says. */
  weighted<Value>(entries: readonly (readonly [Value, number])[]): Value {
    let left = this.random.fraction() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [value, weight] of entries) {
      left -= weight;
      if (left < 0) return value;
    }
    return entries.at(-1)![0];
  }

  newId(): string {
    this.#ids += 1;
    return makeUuidV7(this.#ids, this.random.bytes(10));
  }
}
