import type { LoggedEvent } from '../../shared/relay-protocol/frames.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { FrameEvent } from '../event-log/stored-event.ts';
import { CHUNK_EVENTS, OldEvents } from './old-events.ts';

const CAPACITY = 16 * CHUNK_EVENTS;

/** The newest events in memory, so that fan-out reads the log once for all sessions and the disk for none. */
export class RecentEvents {
  readonly #eventLog: EventLog;
  readonly #old: OldEvents;
  /** Without gaps, up to the head. They begin where a chunk does, so what is older comes in whole chunks. */
  #events: LoggedEvent[] = [];
  /** What was looked at last: consoles in turn ask for the same. */
  #peeked: { after: number; until: number; events: readonly LoggedEvent[] } | null = null;
  #generation = 0;

  constructor(eventLog: EventLog) {
    this.#eventLog = eventLog;
    this.#old = new OldEvents(eventLog);
  }

  /** Changes whenever events in the log were rewritten (SYNC-L7): what was read before is not to be sent any more. */
  get generation(): number {
    return this.#generation;
  }

  /** Reads what the log had before the first commit that was handed to `push`, back to where a chunk begins. */
  async load(): Promise<void> {
    const missing = await this.asItIs(async () => {
      const before = this.#events[0]?.seq ?? this.#eventLog.head() + 1;
      const start = startOfChunk(before);
      return start === before ? [] : await this.#eventLog.readEvents(start - 1, before - start);
    });
    // Below the floor there is nothing, and nobody is led on from there.
    if (missing.length > 0) this.#events = [...missing, ...this.#events];
  }

  push(events: readonly LoggedEvent[]): void {
    this.#events.push(...events);
    if (this.#events.length <= 2 * CAPACITY) return;
    const from = startOfChunk(this.#events.at(-CAPACITY)!.seq);
    this.#events = this.#events.slice(from - this.#events[0]!.seq);
  }

  /** Forgets all but what comes from now on: events in the log were rewritten. */
  forget(): void {
    this.#generation += 1;
    this.#events = [];
    this.#peeked = null;
    this.#old.forget();
  }

  /** Events with `after < seq ≤ until` if all of them are in memory, else null; the same list to all who ask in turn. */
  peek(after: number, until: number): readonly LoggedEvent[] | null {
    const first = this.#events[0];
    if (after >= until) return [];
    if (first === undefined || first.seq > after + 1) return null;
    if (this.#peeked?.after === after && this.#peeked.until === until) return this.#peeked.events;
    // Seqs have no gaps, so a seq is also a place.
    const events = this.#events.slice(after + 1 - first.seq, until + 1 - first.seq);
    if (events.length === until - after) this.#peeked = { after, until, events };
    return events;
  }

  /** The first of the events with `after < seq ≤ until`, from memory or the log: at most a chunk. */
  async read(after: number, until: number): Promise<readonly FrameEvent[]> {
    const stop = Math.min(until, after + CHUNK_EVENTS);
    const recent = this.peek(after, stop);
    if (recent !== null) return recent;
    let events = await this.asItIs(() => this.#old.read(after));
    // After `forget` the newest chunk is not in memory from its beginning, and may have been read before it grew.
    if (events.length === 0) events = await this.asItIs(() => this.#eventLog.readStoredEvents(after, CHUNK_EVENTS));
    return (events.at(-1)?.seq ?? 0) > stop ? events.filter(({ seq }) => seq <= stop) : events;
  }

  /** What `read` reads from the log; once more where the log was rewritten before it was here. */
  async asItIs<Read>(read: () => Promise<Read>): Promise<Read> {
    for (;;) {
      const generation = this.#generation;
      const events = await read();
      if (generation === this.#generation) return events;
    }
  }
}

/** Seq of the first event of the chunk in which `seq` is. */
function startOfChunk(seq: number): number {
  return Math.floor((seq - 1) / CHUNK_EVENTS) * CHUNK_EVENTS + 1;
}
