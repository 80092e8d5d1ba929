/**
 * What belongs to the character before it: combining marks, variation selectors, skin tones, joiners, tags of flags.
 * By properties of single characters, not by Intl.Segmenter: its rules change with the version of the engine, and what is
 * cut while folding has to be the same everywhere.
 */
const CONTINUES = /^(?:[\p{M}\p{Emoji_Modifier}]|\u200c|\u200d|[\u{e0020}-\u{e007f}])/u;
const JOINER = 0x200d;
/** From here on, a UTF-16 unit may be part of something larger. */
const FIRST_MARK = 0x300;
/** So much stands on one character only where somebody plays with it. */
const MAX_CHARACTER_LENGTH = 40;

/** The beginning of `text`, of at most `maxLength` UTF-16 units, that ends before no half of a character or emoji. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  for (let end = maxLength; end >= 0 && end > maxLength - MAX_CHARACTER_LENGTH; end -= 1) {
    if (end === 0 || isBetweenCharacters(text, end)) return text.slice(0, end);
  }
  return text.slice(0, isInsidePair(text, maxLength) ? maxLength - 1 : maxLength);
}

function isBetweenCharacters(text: string, index: number): boolean {
  const [before, after] = [text.charCodeAt(index - 1), text.charCodeAt(index)];
  if (before < FIRST_MARK && after < FIRST_MARK) return true;
  if (before === JOINER || isInsidePair(text, index)) return false;
  const following = text.codePointAt(index)!;
  if (isHalfOfFlag(following)) return countHalvesBefore(text, index) % 2 === 0;
  return !CONTINUES.test(String.fromCodePoint(following));
}

function isInsidePair(text: string, index: number): boolean {
  return isWithin(text.charCodeAt(index - 1), 0xd800, 0xdbff) && isWithin(text.charCodeAt(index), 0xdc00, 0xdfff);
}

/** A flag is two letters of a country. */
function isHalfOfFlag(codePoint: number): boolean {
  return isWithin(codePoint, 0x1f1e6, 0x1f1ff);
}

function countHalvesBefore(text: string, index: number): number {
  let count = 0;
  for (let at = index - 2; at >= 0 && isHalfOfFlag(text.codePointAt(at)!); at -= 2) count += 1;
  return count;
}

function isWithin(code: number, from: number, to: number): boolean {
  return code >= from && code <= to;
}
