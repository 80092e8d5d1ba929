const COMBINING_MARKS = /\p{M}+/gu;

/**
 * The form under which text is indexed and searched: lower case, without diacritics, with `đ` as `d`.
 * `đơn hàng`, `ĐƠN HÀNG`, their decomposed (NFD) forms and `don hang` all become `don hang`.
 * (SQLite's FTS5 `remove_diacritics` leaves `đ` alone, so folding happens here, before the index.)
 */
export function foldText(text: string): string {
  return text.normalize('NFD').replace(COMBINING_MARKS, '').toLowerCase().replace(/đ/gu, 'd').normalize('NFC');
}
