import type { SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { LoggedEvent } from '../../shared/relay-protocol/frames.ts';

/** A change of a stored event: whose it is, and where its JSON lies. */
export interface StoredChange {
  subject: SubjectRef;
  start: number;
  /** Exclusive, as all ends here. */
  end: number;
}

/** Where the JSON of an event lies. */
interface Place {
  start: number;
  end: number;
  /** The text before the changes ends here, with the bracket of their list. */
  changesStart: number;
}

const COMMA = ','.charCodeAt(0);
const END_OF_CHANGES = ']}';

/**
 * An event as JSON, the way the log has it: what goes to a console that may see it takes no more than copying bytes.
 * Of its changes it knows no more than whose they are, which is what decides that.
 */
export class StoredEvent {
  readonly seq: number;
  readonly changes: readonly StoredChange[];
  /** Bytes of its JSON. */
  readonly size: number;
  readonly #source: Buffer;
  readonly #place: Place;
  readonly #isWhole: boolean;

  /** @param source in which other events may lie as well */
  constructor(source: Buffer, seq: number, place: Place, changes: readonly StoredChange[], isWhole = true) {
    this.seq = seq;
    this.changes = changes;
    this.#source = source;
    this.#place = place;
    this.#isWhole = isWhole;
    this.size = isWhole
      ? place.end - place.start
      : place.changesStart - place.start + END_OF_CHANGES.length + sizeOfList(changes);
  }

  /** The event with only these of its changes. */
  withOnly(changes: readonly StoredChange[]): StoredEvent {
    return new StoredEvent(this.#source, this.seq, this.#place, changes, false);
  }

  /** Writes its JSON, `size` bytes. @returns where it ends in `target` */
  write(target: Buffer, at: number): number {
    const { start, end, changesStart } = this.#place;
    if (this.#isWhole) return at + this.#source.copy(target, at, start, end);
    let position = at + this.#source.copy(target, at, start, changesStart);
    for (const [index, change] of this.changes.entries()) {
      if (index > 0) {
        target[position] = COMMA;
        position += 1;
      }
      position += this.#source.copy(target, position, change.start, change.end);
    }
    return position + target.write(END_OF_CHANGES, position, 'latin1');
  }

  /** The event with its data. */
  parse(): LoggedEvent {
    const text = Buffer.allocUnsafe(this.size);
    this.write(text, 0);
    return JSON.parse(text.toString()) as LoggedEvent;
  }
}

function sizeOfList(changes: readonly StoredChange[]): number {
  return changes.reduce((size, { start, end }) => size + end - start, Math.max(0, changes.length - 1));
}

/** An event for frames: with its data, as it was when it was committed, or as the log has it. */
export type FrameEvent = LoggedEvent | StoredEvent;

/** The event with its data. */
export function loggedEventOf(event: FrameEvent): LoggedEvent {
  return event instanceof StoredEvent ? event.parse() : event;
}

/** The event with only the changes of subjects that `isKept` tells; itself if these are all, null if there are none. */
export function keepChanges(event: FrameEvent, isKept: (subject: SubjectRef) => boolean): FrameEvent | null {
  if (event instanceof StoredEvent) {
    const changes = event.changes.filter(({ subject }) => isKept(subject));
    if (changes.length === event.changes.length) return event;
    return changes.length === 0 ? null : event.withOnly(changes);
  }
  const changes = event.changes.filter(({ subject }) => isKept(subject));
  if (changes.length === event.changes.length) return event;
  return changes.length === 0 ? null : { ...event, changes };
}
