import type { Clock } from '../../../shared/primitives/clock.ts';
import type { SyncSession } from './sync-session.ts';

/** A relay that is there answers in much less, also over a slow line. */
const ANSWER_MS = 5000;

/**
 * Asks for a sign of life when the network changed: a connection may be dead then without either side's being told, and
 * its silence would be noticed only after two ticks.
 */
export class LineCheck {
  readonly #clock: Clock;
  #checked: SyncSession | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends the session unless anything is heard of it in some seconds. @param id of the question, a UUID */
  check(session: SyncSession, id: string): void {
    if (this.#checked === session) return;
    this.#checked = session;
    const askedAt = this.#clock.monotonic();
    // Whatever comes is an answer; which commands are known does not matter here.
    session.send('lookUp', { id, commandIds: [] });
    this.#clock.after(ANSWER_MS, () => {
      this.#checked = null;
      if (session.lastHeardAt < askedAt) session.end({ error: null, afterMs: null, reason: 'the relay fell silent' });
    });
  }
}
