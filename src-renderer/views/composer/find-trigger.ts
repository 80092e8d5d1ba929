/** A word at the caret that opens a list: `/don` for canned replies, `@la` for colleagues. */
export interface Trigger {
  sign: '/' | '@';
  /** What follows the sign. */
  text: string;
  /** Where the sign stands; the word ends at the caret. */
  start: number;
}

// Letters with their marks (typed in any Unicode form), digits and hyphens.
const WORD = /^[\p{L}\p{M}\p{N}-]{0,40}$/u;
// A mention may hold one space: two words of a name.
const NAME = /^[\p{L}\p{M}\p{N}.-]*( [\p{L}\p{M}\p{N}.-]*)?$/u;
const LONGEST = 41;

/** The trigger that ends at the caret, if its sign begins a word; `1/2` and `a@b` are none. */
export function findTrigger(text: string, caret: number, sign: Trigger['sign']): Trigger | null {
  const from = Math.max(0, caret - LONGEST);
  const start = text.lastIndexOf(sign, caret - 1);
  if (start < from || caret === 0) return null;
  const before = start === 0 ? ' ' : text[start - 1]!;
  if (!/\s/u.test(before)) return null;
  const word = text.slice(start + 1, caret);
  const isWord = (sign === '/' ? WORD : NAME).test(word);
  return isWord ? { sign, text: word, start } : null;
}
