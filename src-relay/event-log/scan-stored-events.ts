import type { SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import { type StoredChange, StoredEvent } from './stored-event.ts';

const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = '\\'.charCodeAt(0);
const COLON = ':'.charCodeAt(0);
const COMMA = ','.charCodeAt(0);
const OPENING_BRACE = '{'.charCodeAt(0);
const CLOSING_BRACE = '}'.charCodeAt(0);
const OPENING_BRACKET = '['.charCodeAt(0);
const CLOSING_BRACKET = ']'.charCodeAt(0);
/** Of the names that are looked for. */
const LENGTHS = new Set(['seq', 'changes', 'subject'].map(({ length }) => length));

/**
 * The events of a list in JSON without its brackets and without white space between its tokens, as `JSON.stringify` and
 * SQLite write it; oldest first.
 *
 * Who may see what hangs on the subjects that are found here (SYNC-V1), so the text is read as JSON and not searched for
 * what looks like one: a name is a name only at its own depth, whatever the data of a change contains. What is skipped
 * is not parsed, and that is most of it.
 * @throws Error for what is no such list
 */
export function scanStoredEvents(bytes: Buffer): StoredEvent[] {
  const scanner = new Scanner(bytes);
  const events: StoredEvent[] = [];
  while (!scanner.isAtEnd) {
    if (events.length > 0) scanner.expect(COMMA);
    events.push(scanner.readEvent());
  }
  return events.sort((one, other) => one.seq - other.seq);
}

class Scanner {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  expect(byte: number): void {
    if (this.#bytes[this.#at] !== byte) this.#fail();
    this.#at += 1;
  }

  readEvent(): StoredEvent {
    const start = this.#at;
    let seq: number | null = null;
    let changes: StoredChange[] | null = null;
    let changesStart = 0;
    this.expect(OPENING_BRACE);
    do {
      const name = this.#readName();
      if (name === 'seq') {
        const from = this.#at;
        this.#skipValue();
        seq = Number(this.#bytes.toString('latin1', from, this.#at));
      } else if (name === 'changes') {
        changesStart = this.#at + 1;
        changes = this.#readChanges();
      } else this.#skipValue();
    } while (this.#continues());
    // Its changes are its last member, or else leaving some of them out would take what follows as well.
    const isWhole = changes !== null && this.#bytes[this.#at - 1] === CLOSING_BRACKET;
    this.expect(CLOSING_BRACE);
    if (!isWhole || seq === null || !Number.isSafeInteger(seq)) return this.#fail();
    return new StoredEvent(this.#bytes, seq, { start, end: this.#at, changesStart }, changes!);
  }

  #readChanges(): StoredChange[] {
    const changes: StoredChange[] = [];
    this.expect(OPENING_BRACKET);
    if (this.#bytes[this.#at] !== CLOSING_BRACKET) {
      do {
        const start = this.#at;
        const subject = this.#readSubject();
        changes.push({ subject, start, end: this.#at });
      } while (this.#continues());
    }
    this.expect(CLOSING_BRACKET);
    return changes;
  }

  /** Reads one change. */
  #readSubject(): SubjectRef {
    let subject: string | null = null;
    this.expect(OPENING_BRACE);
    do {
      // As for `JSON.parse`, the last one counts.
      if (this.#readName() === 'subject') subject = this.#readString();
      else this.#skipValue();
    } while (this.#continues());
    this.expect(CLOSING_BRACE);
    return subject === null ? this.#fail() : (subject as SubjectRef);
  }

  #continues(): boolean {
    if (this.#bytes[this.#at] !== COMMA) return false;
    this.#at += 1;
    return true;
  }

  /** The name of a member, or nothing where it is none that is looked for. */
  #readName(): string {
    const start = this.#at;
    const hasEscapes = this.#skipString();
    const length = this.#at - start - 2;
    this.expect(COLON);
    return hasEscapes || LENGTHS.has(length) ? this.#stringAt(start, this.#at - 1, hasEscapes) : '';
  }

  #readString(): string {
    const start = this.#at;
    const hasEscapes = this.#skipString();
    return this.#stringAt(start, this.#at, hasEscapes);
  }

  #stringAt(start: number, end: number, hasEscapes: boolean): string {
    if (hasEscapes) return JSON.parse(this.#bytes.toString('utf8', start, end)) as string;
    return this.#bytes.toString('utf8', start + 1, end - 1);
  }

  #skipValue(): void {
    const bytes = this.#bytes;
    const { length } = bytes;
    let depth = 0;
    while (this.#at < length) {
      const byte = bytes[this.#at];
      if (byte === QUOTE) this.#skipString();
      else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) {
        depth += 1;
        this.#at += 1;
        continue;
      } else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) {
        // Of what this value is in, when it is a number or a word.
        if (depth === 0) return;
        depth -= 1;
        this.#at += 1;
      } else if (byte === COMMA && depth === 0) return;
      else {
        this.#at += 1;
        continue;
      }
      if (depth === 0) return;
    }
    this.#fail();
  }

  /** @returns whether there are characters in it that are not written as themselves */
  #skipString(): boolean {
    this.expect(QUOTE);
    const bytes = this.#bytes;
    const { length } = bytes;
    let hasEscapes = false;
    let at = this.#at;
    while (at < length) {
      const byte = bytes[at];
      at += 1;
      if (byte === BACKSLASH) {
        hasEscapes = true;
        at += 1;
      } else if (byte === QUOTE) {
        this.#at = at;
        return hasEscapes;
      }
    }
    return this.#fail();
  }

  #fail(): never {
    throw new Error(`The log's text is no list of events at byte ${this.#at}.`);
  }
}
