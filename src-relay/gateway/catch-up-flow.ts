import type { Clock } from '../../shared/primitives/clock.ts';
import type { CatchUpSlots } from './catch-up-slots.ts';
import type { CatchUpTurns } from './catch-up-turns.ts';
import type { SessionCredits } from './session-credits.ts';

/** Frames or pages of a catch-up that may be unacknowledged (SYNC-S3). */
export const CATCH_UP_CREDIT = 2;

// A console that acknowledges slower than this keeps no other one waiting for its slot.
const PATIENCE_MS = 1000;

/** The brakes of one session's catch-up: a slot among all sessions, the console's credits, and live traffic first. */
export class CatchUpFlow {
  readonly #clock: Clock;
  readonly #slots: CatchUpSlots;
  readonly #turns: CatchUpTurns;
  readonly #credits: SessionCredits;
  #release: (() => void) | null = null;
  #wake: (() => void) | null = null;
  #isClosed = false;

  constructor(clock: Clock, shared: { slots: CatchUpSlots; turns: CatchUpTurns }, credits: SessionCredits) {
    this.#clock = clock;
    this.#slots = shared.slots;
    this.#turns = shared.turns;
    this.#credits = credits;
  }

  /** Resolves when one more frame or page may be made and sent. */
  async mayContinue(): Promise<void> {
    while (!this.#isClosed && this.#credits.catchUps >= CATCH_UP_CREDIT) await this.#waitForCredit();
    if (this.#isClosed) return;
    if (this.#release === null) {
      const slot = this.#slots.acquire();
      this.#release = typeof slot === 'function' ? slot : await slot;
      if (this.#isClosed) this.end();
    }
    await this.nextSlice();
  }

  /** Resolves when the catch-up may go on where it only was at work for long enough. */
  async nextSlice(): Promise<void> {
    if (!this.#isClosed) await this.#turns.next();
  }

  /** A credit came. */
  wake(): void {
    this.#wake?.();
  }

  /** The catch-up is over: gives the slot back. Credits of what is under way still come. */
  end(): void {
    this.#release?.();
    this.#release = null;
  }

  /** The session is over. */
  close(): void {
    this.#isClosed = true;
    this.end();
    this.#wake?.();
  }

  async #waitForCredit(): Promise<void> {
    const credited = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const cancel = this.#clock.after(PATIENCE_MS, () => this.end());
    await credited;
    cancel();
    this.#wake = null;
  }
}
