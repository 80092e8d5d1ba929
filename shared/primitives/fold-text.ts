const COMBINING_MARKS = /\p{M}+/gu;
/** Latin letters, Vietnamese ones among them, and what is written between them end below these and above them. */
const LATIN_END = 0x250;
const LATIN_ADDITIONAL = 0x1e00;
const PUNCTUATION_END = 0x2070;
const GREEK_EXTENDED = 0x1f00;
const PUNCTUATION = 0x2000;
/** Longer text would be too many arguments. */
const MAX_UNITS = 2048;
/** Not one unit for one, or one whose form depends on those beside it. */
const NOT_ALONE = 0xffff;

/** What a unit of those blocks becomes, by its code; 0 where nobody asked yet. */
const foldedUnits = new Uint16Array(PUNCTUATION_END);
const units: number[] = [];

/**
 * The form under which text is indexed and searched: lower case, without diacritics, with `đ` as `d`.
 * `đơn hàng`, `ĐƠN HÀNG`, their decomposed (NFD) forms and `don hang` all become `don hang`.
 * (SQLite's FTS5 `remove_diacritics` leaves `đ` alone, so folding happens here, before the index.)
 */
export function foldText(text: string): string {
  return text.length > MAX_UNITS ? foldAny(text) : (foldLatin(text) ?? foldAny(text));
}

/** Letter by letter, several times as quick; null for text with letters that cannot be taken alone. */
function foldLatin(text: string): string | null {
  units.length = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= PUNCTUATION_END) return null;
    const known = foldedUnits[code]!;
    const unit = known === 0 ? foldUnit(code) : known;
    if (unit === NOT_ALONE) return null;
    units[index] = unit;
  }
  return String.fromCharCode.apply(null, units);
}

function foldUnit(code: number): number {
  const isLatin = code < LATIN_END || (code >= LATIN_ADDITIONAL && code < GREEK_EXTENDED) || code >= PUNCTUATION;
  const folded = isLatin ? foldAny(String.fromCharCode(code)) : '';
  const unit = folded.length === 1 ? folded.charCodeAt(0) : NOT_ALONE;
  foldedUnits[code] = unit;
  return unit;
}

function foldAny(text: string): string {
  return text.normalize('NFD').replace(COMBINING_MARKS, '').toLowerCase().replace(/đ/gu, 'd').normalize('NFC');
}
