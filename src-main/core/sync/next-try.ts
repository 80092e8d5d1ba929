import type { ErrorBody } from '../../../shared/errors.ts';
import type { Clock, Random } from '../../../shared/primitives/clock.ts';
import { Backoff } from './backoff.ts';
import type { SessionEnd } from './session-parts.ts';

/** A wish to come back later is followed within this span, so that not all come at once. */
const SPREAD_MS = 2000;
/** Only an upgrade helps; it is looked for now and then all the same. */
const INCOMPATIBLE_RETRY_MS = 10 * 60_000;

interface NextTryParts {
  clock: Clock;
  random: Random;
  onPlanned(delayMs: number, error: ErrorBody | null): void;
  run(): void;
}

/** When the relay is tried next: after a wait that grows, not before the relay wishes it, and soon after a hint (SYNC-N1). */
export class NextTry {
  readonly #parts: NextTryParts;
  readonly #backoff: Backoff;
  /** Monotonic; `notBefore` is the relay's wish. */
  #planned: { at: number; notBefore: number; isHinted: boolean; cancel: () => void } | null = null;

  constructor(parts: NextTryParts) {
    this.#parts = parts;
    this.#backoff = new Backoff(parts.random);
  }

  /** A try failed, or a session ended. */
  wait({ error, afterMs }: Pick<SessionEnd, 'error' | 'afterMs'>): void {
    const own = error?.kind === 'incompatible' ? INCOMPATIBLE_RETRY_MS : this.#backoff.next();
    const wishedMs = afterMs === null ? 0 : afterMs + this.#parts.random.fraction() * SPREAD_MS;
    this.#plan(Math.max(own, wishedMs), wishedMs, false, error);
  }

  /** The relay may be reached again. Of a storm of hints one at a time is followed, and none delays what is planned. */
  hint(): void {
    if (this.#planned?.isHinted === true) return;
    const now = this.#parts.clock.monotonic();
    const wishedMs = Math.max(0, (this.#planned?.notBefore ?? 0) - now);
    const delayMs = Math.max(wishedMs, this.#backoff.hinted(now));
    if (now + delayMs < (this.#planned?.at ?? Number.POSITIVE_INFINITY)) this.#plan(delayMs, wishedMs, true, null);
  }

  /** The relay led on. */
  succeeded(): void {
    this.#backoff.reset();
  }

  cancel(): void {
    this.#planned?.cancel();
    this.#planned = null;
  }

  #plan(delayMs: number, wishedMs: number, isHinted: boolean, error: ErrorBody | null): void {
    const { clock, onPlanned, run } = this.#parts;
    this.cancel();
    const now = clock.monotonic();
    const cancel = clock.after(delayMs, () => {
      this.#planned = null;
      run();
    });
    this.#planned = { at: now + delayMs, notBefore: now + wishedMs, isHinted, cancel };
    onPlanned(delayMs, error);
  }
}
