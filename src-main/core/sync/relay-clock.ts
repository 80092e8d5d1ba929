import type { Clock } from '../../../shared/primitives/clock.ts';

/** The relay's clock as this console knows it. For display and for rules on time; never for order (SYNC-T1). */
export class RelayClock {
  readonly #clock: Clock;
  #offsetMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Epoch ms by the relay. */
  now(): number {
    return this.#clock.now() + this.#offsetMs;
  }

  /** @param roundTripMs how long the answer took that carried `serverNow`; 0 for what came unasked */
  set(serverNow: number, roundTripMs: number): void {
    this.#offsetMs = Math.round(serverNow + roundTripMs / 2 - this.#clock.now());
  }
}
