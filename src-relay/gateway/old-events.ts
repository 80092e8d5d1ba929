import type { EventLog } from '../event-log/event-log.ts';
import type { FrameEvent } from '../event-log/stored-event.ts';
import { sizeOf } from './message-text.ts';

/** Events per chunk. Chunk k has the seqs from k × this + 1 on. What a catch-up reads in one turn is one chunk. */
export const CHUNK_EVENTS = 256;
/** Of JSON, in all chunks that are kept. */
const KEPT_BYTES = 8 * 1024 * 1024;

interface Chunk {
  events: readonly FrameEvent[];
  bytes: number;
}

/**
 * Events that are not new any more, read from the log in chunks that are kept for a while: after a cut that everybody
 * had, a thousand consoles want the same ones, which then are read once.
 */
export class OldEvents {
  readonly #eventLog: Pick<EventLog, 'readStoredEvents'>;
  readonly #limitBytes: number;
  /** Least recently used first. */
  readonly #chunks = new Map<number, Chunk>();
  readonly #underWay = new Map<number, Promise<readonly FrameEvent[]>>();
  #bytes = 0;
  #generation = 0;

  constructor(eventLog: Pick<EventLog, 'readStoredEvents'>, limitBytes = KEPT_BYTES) {
    this.#eventLog = eventLog;
    this.#limitBytes = limitBytes;
  }

  /** JSON that is kept, in bytes. */
  get keptBytes(): number {
    return this.#bytes;
  }

  /** The events after `after` up to the end of their chunk, which the log has whole or no more; oldest first. */
  async read(after: number): Promise<readonly FrameEvent[]> {
    const number = Math.floor(after / CHUNK_EVENTS);
    const events = this.#use(number) ?? (await this.#readOnce(number));
    return events[0]?.seq === after + 1 ? events : events.filter(({ seq }) => seq > after);
  }

  /** What is kept is not what the log says any more. */
  forget(): void {
    this.#generation += 1;
    this.#chunks.clear();
    this.#underWay.clear();
    this.#bytes = 0;
  }

  #use(number: number): readonly FrameEvent[] | null {
    const chunk = this.#chunks.get(number);
    if (chunk === undefined) return null;
    this.#chunks.delete(number);
    this.#chunks.set(number, chunk);
    return chunk.events;
  }

  #readOnce(number: number): Promise<readonly FrameEvent[]> {
    const known = this.#underWay.get(number);
    if (known !== undefined) return known;
    const reading = this.#read(number).finally(() => {
      if (this.#underWay.get(number) === reading) this.#underWay.delete(number);
    });
    this.#underWay.set(number, reading);
    return reading;
  }

  async #read(number: number): Promise<readonly FrameEvent[]> {
    const generation = this.#generation;
    const start = number * CHUNK_EVENTS;
    const read = await this.#eventLog.readStoredEvents(start, CHUNK_EVENTS);
    const events = read.filter(({ seq }) => seq <= start + CHUNK_EVENTS);
    // One that the floor has cut is asked for once at most.
    if (events.length === CHUNK_EVENTS && generation === this.#generation) this.#keep(number, events);
    return events;
  }

  #keep(number: number, events: readonly FrameEvent[]): void {
    const bytes = events.reduce((sum, event) => sum + sizeOf(event), 0);
    if (bytes > this.#limitBytes) return;
    this.#chunks.set(number, { events, bytes });
    this.#bytes += bytes;
    for (const [oldest, chunk] of this.#chunks) {
      if (this.#bytes <= this.#limitBytes) return;
      this.#chunks.delete(oldest);
      this.#bytes -= chunk.bytes;
    }
  }
}
