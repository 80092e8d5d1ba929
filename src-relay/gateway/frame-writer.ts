import type { SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { Frame, LoggedEvent, SubjectSnapshot } from '../../shared/relay-protocol/frames.ts';

const MAX_ENTRIES = 1000;
/** Most bytes of a frame or page, unless one subject or event alone is larger (SYNC-S3). */
export const MAX_FRAME_BYTES = 256 * 1024;

/**
 * Gathers leaves, enters and events into frames of at most a thousand entries or 256 kB, each going on where the one
 * before it ended (SYNC-S2, SYNC-S3). A single event or snapshot that is larger goes alone.
 */
export class FrameWriter {
  #cursor: number;
  #leave: SubjectRef[] = [];
  #enter: SubjectSnapshot[] = [];
  #events: LoggedEvent[] = [];
  #bytes = 0;

  constructor(cursor: number) {
    this.#cursor = cursor;
  }

  /** Where the last frame ended. */
  get cursor(): number {
    return this.#cursor;
  }

  get isEmpty(): boolean {
    return this.#leave.length + this.#enter.length + this.#events.length === 0;
  }

  hasRoomFor(bytes: number): boolean {
    const entries = this.#leave.length + this.#enter.length + this.#events.length;
    return entries === 0 || (entries < MAX_ENTRIES && this.#bytes + bytes <= MAX_FRAME_BYTES);
  }

  /** Takes the subject away from the console, with whatever was gathered of it. */
  leave(subject: SubjectRef): void {
    this.#leave.push(subject);
    this.#bytes += subject.length + 3;
    // A frame's leaves come first, so what the frame has of the subject would bring it back.
    this.#enter = this.#enter.filter((snapshot) => snapshot.subject !== subject);
    this.#events = this.#events.flatMap((event) => {
      const changes = event.changes.filter((change) => change.subject !== subject);
      if (changes.length === event.changes.length) return [event];
      return changes.length === 0 ? [] : [{ ...event, changes }];
    });
  }

  enter(snapshot: SubjectSnapshot, bytes: number): void {
    this.#enter.push(snapshot);
    this.#bytes += bytes;
  }

  event(event: LoggedEvent, bytes: number): void {
    this.#events.push(event);
    this.#bytes += bytes;
  }

  /** The frame that ends at `to`, with all that was gathered; the next one begins there. */
  take(session: string, to: number, isCatchUp: boolean): Frame {
    const frame: Frame = {
      session,
      from: this.#cursor,
      to,
      leave: this.#leave,
      enter: this.#enter,
      events: this.#events,
      isCatchUp,
    };
    this.#cursor = to;
    this.#leave = [];
    this.#enter = [];
    this.#events = [];
    this.#bytes = 0;
    return frame;
  }
}

const knownSizes = new WeakMap<object, number>();

/**
 * Bytes of JSON, nearly: text beyond ASCII weighs more than it counts here. Remembered per object, since an event goes
 * to many sessions.
 */
export function sizeOf(value: LoggedEvent | SubjectSnapshot): number {
  const known = knownSizes.get(value);
  if (known !== undefined) return known;
  const size = JSON.stringify(value).length;
  knownSizes.set(value, size);
  return size;
}
