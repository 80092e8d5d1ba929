import type { LoggedEvent } from '../../shared/relay-protocol/frames.ts';
import type { EventLog } from '../event-log/event-log.ts';

const CAPACITY = 4096;
const READ_LIMIT = 1000;

/** The newest events in memory, so that fan-out reads the log once for all sessions and the disk for none. */
export class RecentEvents {
  readonly #eventLog: EventLog;
  #events: LoggedEvent[] = [];

  constructor(eventLog: EventLog) {
    this.#eventLog = eventLog;
  }

  push(events: readonly LoggedEvent[]): void {
    this.#events.push(...events);
    if (this.#events.length > 2 * CAPACITY) this.#events = this.#events.slice(-CAPACITY);
  }

  /** Events with `after < seq ≤ until` if all of them are in memory, else null. */
  peek(after: number, until: number): readonly LoggedEvent[] | null {
    const first = this.#events[0];
    if (after >= until) return [];
    if (first === undefined || first.seq > after + 1) return null;
    // Seqs have no gaps, so a seq is also a place.
    return this.#events.slice(after + 1 - first.seq, until + 1 - first.seq);
  }

  /** At most a thousand events with `after < seq ≤ until`, from memory or the log. */
  async read(after: number, until: number): Promise<readonly LoggedEvent[]> {
    const stop = Math.min(until, after + READ_LIMIT);
    const recent = this.peek(after, stop);
    if (recent !== null) return recent;
    const events = await this.#eventLog.readEvents(after, READ_LIMIT);
    return events.filter((event) => event.seq <= stop);
  }
}
