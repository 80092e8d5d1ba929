import type { Frame } from '../../shared/relay-protocol/frames.ts';
import { isSameFrame } from './is-same-frame.ts';
import { messageText } from './message-text.ts';

/** First byte of a WebSocket message that is one whole text. */
const WHOLE_TEXT = 0x81;
/** Consoles that said something of late have another beginning than the others. */
const KEPT = 4;

interface Kept {
  frame: Frame;
  /** The message as the console gets it that was sent it last. */
  bytes: Buffer;
  sessionAt: number;
}

/** Where bytes go. */
export interface TakesBytes {
  /** @returns whether they are still needed */
  takeBytes(bytes: Buffer): boolean;
}

/**
 * Frames as the bytes that go into a socket: header and text in one piece, which is one write where the two of them are
 * a gathering one. What is live goes to many consoles at once and differs in the session only, so it is encoded once, and
 * the same bytes serve for all whose socket takes them at once: a copy for each of a thousand consoles is memory outside
 * of the heap, tens of megabytes a second, of which each few make a collection of the whole heap.
 */
export class FrameBytes {
  readonly #before: string;
  readonly #after: string;
  #kept: Kept[] = [];

  /** The text of a frame goes between `before` and `after`. */
  constructor(before: string, after: string) {
    this.#before = before;
    this.#after = after;
  }

  /** Hands the message to `to`, which tells whether it still needs the bytes: if not, they are used again. */
  send(frame: Frame, to: TakesBytes): void {
    let kept = this.#find(frame);
    if (kept === null) {
      kept = this.#make(frame);
      this.#kept = [kept, ...this.#kept.slice(0, KEPT - 1)];
    } else kept.bytes.write(frame.session, kept.sessionAt, 'latin1');
    if (to.takeBytes(kept.bytes)) kept.bytes = Buffer.from(kept.bytes);
  }

  #find(frame: Frame): Kept | null {
    const { length } = frame.session;
    for (const one of this.#kept) {
      if (one.frame.session.length === length && isSameFrame(one.frame, frame)) return one;
    }
    return null;
  }

  #make(frame: Frame): Kept {
    const text = `${this.#before}${messageText('frame', frame)}${this.#after}`;
    const length = Buffer.byteLength(text);
    const start = length < 126 ? 2 : length < 65_536 ? 4 : 10;
    const bytes = Buffer.allocUnsafe(start + length);
    bytes[0] = WHOLE_TEXT;
    if (length < 126) bytes[1] = length;
    else if (length < 65_536) {
      bytes[1] = 126;
      bytes.writeUInt16BE(length, 2);
    } else {
      bytes[1] = 127;
      bytes.writeBigUInt64BE(BigInt(length), 2);
    }
    bytes.write(text, start);
    return { frame, bytes, sessionAt: bytes.indexOf(frame.session, start, 'latin1') };
  }
}
