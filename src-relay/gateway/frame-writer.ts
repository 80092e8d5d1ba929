import type { SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { Frame, LoggedEvent, SubjectSnapshot } from '../../shared/relay-protocol/frames.ts';
import { type FrameEvent, StoredEvent, keepChanges, loggedEventOf } from '../event-log/stored-event.ts';

/** A frame whose events are as the relay has them at hand. */
export type GatheredFrame = Omit<Frame, 'events'> & { events: readonly FrameEvent[] };

/** The frame as a console gets it; the very same one where nothing has to be done for that. */
export function frameOf(gathered: GatheredFrame): Frame {
  const { events } = gathered;
  if (events.some((event) => event instanceof StoredEvent)) return { ...gathered, events: events.map(loggedEventOf) };
  return gathered as Frame;
}

/** How much goes into one frame or page, unless one subject or event alone is more (SYNC-S3). */
export interface FrameLimits {
  entries: number;
  /** Of JSON, nearly. */
  bytes: number;
}

export const FRAME_LIMITS: FrameLimits = { entries: 1000, bytes: 256 * 1024 };

/** Of all frames: most have no leaves and enters, and a thousand are made at once. */
const NONE: never[] = [];

/**
 * Gathers leaves, enters and events into frames, each going on where the one before it ended (SYNC-S2).
 */
export class FrameWriter {
  #cursor: number;
  readonly #limits: FrameLimits;
  readonly #countsStill: boolean;
  #still = 0;
  #leave: SubjectRef[] = [];
  #enter: SubjectSnapshot[] = [];
  #events: FrameEvent[] = [];
  /** `#events` is a list that others have as well. */
  #isShared = false;
  #bytes = 0;

  /** @param countsStill whether frames tell how many before them moved no cursor */
  constructor(cursor: number, limits: FrameLimits, countsStill = false) {
    this.#cursor = cursor;
    this.#limits = limits;
    this.#countsStill = countsStill;
  }

  /** Frames that moved no cursor since the last one that did. */
  get still(): number {
    return this.#countsStill ? this.#still : 0;
  }

  /** Where the last frame ended. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Size of what was gathered, in bytes of JSON, nearly. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Events that were gathered. */
  get eventCount(): number {
    return this.#events.length;
  }

  /** Of the events that were gathered or, without any, where the last frame ended. */
  get lastSeq(): number {
    return this.#events.at(-1)?.seq ?? this.#cursor;
  }

  get isEmpty(): boolean {
    return this.#leave.length + this.#enter.length + this.#events.length === 0;
  }

  hasRoomFor(bytes: number): boolean {
    const entries = this.#leave.length + this.#enter.length + this.#events.length;
    return entries === 0 || (entries < this.#limits.entries && this.#bytes + bytes <= this.#limits.bytes);
  }

  /** Takes the subject away from the console, with whatever was gathered of it. */
  leave(subject: SubjectRef): void {
    this.#leave.push(subject);
    this.#bytes += subject.length + 3;
    // A frame's leaves come first, so what the frame has of the subject would bring it back.
    this.forget(new Set([subject]));
  }

  /** Takes out whatever was gathered of the subjects, and says nothing of it. */
  forget(subjects: ReadonlySet<SubjectRef>): void {
    this.#enter = this.#enter.filter(({ subject }) => !subjects.has(subject));
    this.#isShared = false;
    this.#events = this.#events.flatMap((event) => keepChanges(event, (one) => !subjects.has(one)) ?? []);
  }

  enter(snapshot: SubjectSnapshot, bytes: number): void {
    this.#enter.push(snapshot);
    this.#bytes += bytes;
  }

  event(event: FrameEvent, bytes: number): void {
    if (this.#isShared) this.#events = [...this.#events];
    this.#isShared = false;
    this.#events.push(event);
    this.#bytes += bytes;
  }

  /** Likewise, several at once. Where there was nothing before, the frame has this very list. */
  allEvents(events: readonly LoggedEvent[], bytes: number): void {
    this.#isShared = this.#events.length === 0;
    this.#events = this.#isShared ? (events as LoggedEvent[]) : [...this.#events, ...events];
    this.#bytes += bytes;
  }

  /** The frame that ends at `to`, with all that was gathered; the next one begins there. */
  take(session: string, to: number, isCatchUp: boolean, wantsCredit = false): GatheredFrame {
    const moves = to !== this.#cursor;
    if (!moves) this.#still += 1;
    const { still } = this;
    if (moves) this.#still = 0;
    const frame: GatheredFrame = {
      session,
      from: this.#cursor,
      to,
      leave: this.#leave.length === 0 ? NONE : this.#leave,
      enter: this.#enter.length === 0 ? NONE : this.#enter,
      events: this.#events,
      isCatchUp,
    };
    if (wantsCredit) frame.wantsCredit = true;
    if (still > 0) frame.still = still;
    this.#cursor = to;
    if (this.#leave.length > 0) this.#leave = [];
    if (this.#enter.length > 0) this.#enter = [];
    this.#events = [];
    this.#isShared = false;
    this.#bytes = 0;
    return frame;
  }
}
