import type { SyncStatus } from '../../../shared/core-api/views.ts';
import type { ErrorBody } from '../../../shared/errors.ts';
import type { Clock } from '../../../shared/primitives/clock.ts';

/** The connection as it really is; the rest of `SyncStatus` is known elsewhere. */
export type ConnectionStatus = Pick<
  SyncStatus,
  'state' | 'since' | 'lastOnlineAt' | 'nextTryAt' | 'progress' | 'remaining' | 'cursor' | 'head' | 'error'
>;

/** States of a console that wants a connection and has none. */
const TRYING: ReadonlySet<SyncStatus['state']> = new Set(['connecting', 'offline']);

interface StateChanges {
  nextTryAt?: number | null;
  error?: ErrorBody | null;
  progress?: number | null;
}

/** What is said of the connection, and since when it is so. */
export class ConnectionState {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  #state: SyncStatus['state'] = 'offline';
  #since: number;
  #lastOnlineAt: number | null = null;
  /** Monotonic; when it was last at the head. */
  #leftHeadAt: number | null = null;
  #nextTryAt: number | null = null;
  #progress: number | null = null;
  #remaining: number | null = null;
  #head = 0;
  #error: ErrorBody | null = null;

  constructor(clock: Clock, onChange: () => void) {
    this.#clock = clock;
    this.#onChange = onChange;
    this.#since = clock.now();
  }

  get state(): SyncStatus['state'] {
    return this.#state;
  }

  /** How long it was not at the head, in ms; null if it never was in this process. */
  get awayMs(): number | null {
    return this.#leftHeadAt === null ? null : this.#clock.monotonic() - this.#leftHeadAt;
  }

  describe(cursor: number): ConnectionStatus {
    return {
      state: this.#state,
      since: this.#since,
      lastOnlineAt: this.#state === 'online' ? this.#clock.now() : this.#lastOnlineAt,
      nextTryAt: this.#nextTryAt,
      progress: this.#progress,
      remaining: this.#progress === null ? null : this.#remaining,
      cursor,
      head: Math.max(this.#head, cursor),
      error: this.#error,
    };
  }

  enter(state: SyncStatus['state'], changes: StateChanges): void {
    if (this.#state === 'online' && state !== 'online') {
      this.#lastOnlineAt = this.#clock.now();
      this.#leftHeadAt = this.#clock.monotonic();
    }
    // A try in between, and its failure, change nothing of since when there is no connection.
    const isStillTrying = TRYING.has(state) && TRYING.has(this.#state);
    if (state !== this.#state && !isStillTrying) this.#since = this.#clock.now();
    this.#state = state;
    if (changes.nextTryAt !== undefined) this.#nextTryAt = changes.nextTryAt;
    if (changes.error !== undefined) this.#error = changes.error;
    if (changes.progress !== undefined) this.#progress = changes.progress;
    this.#onChange();
  }

  /** The relay has as much; `isNew` in another lineage, where it may be less than it was. */
  noteHead(head: number, isNew = false): void {
    this.#head = isNew ? head : Math.max(this.#head, head);
  }

  noteProgress(progress: number, remaining: number): void {
    this.#progress = progress;
    this.#remaining = remaining;
    this.#onChange();
  }
}
