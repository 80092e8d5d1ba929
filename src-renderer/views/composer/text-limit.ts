import { byteLength } from '../../../shared/primitives/clean-text.ts';
import { MAX_TEXT_BYTES } from '../../../shared/domain/conversation/message.ts';

/** Characters left are told from here on. */
const TELL_FROM = 200;

export type TextLimit =
  | { kind: 'fine' }
  /** Near the channel's limit. */
  | { kind: 'near'; left: number }
  | { kind: 'over'; by: number }
  /** Over what any message or note may hold. */
  | { kind: 'over-bytes' };

/**
 * How a text stands to its limits.
 * @param maxTextLength of the channel, in UTF-16 units; null for notes, which no channel carries
 */
export function textLimit(text: string, maxTextLength: number | null): TextLimit {
  // A text in which every unit took three bytes fits: nothing to count.
  if (text.length * 3 > MAX_TEXT_BYTES && byteLength(text) > MAX_TEXT_BYTES) return { kind: 'over-bytes' };
  if (maxTextLength === null) return { kind: 'fine' };
  const left = maxTextLength - text.length;
  if (left < 0) return { kind: 'over', by: -left };
  return left <= Math.min(TELL_FROM, maxTextLength / 5) ? { kind: 'near', left } : { kind: 'fine' };
}
