import { foldText } from '../../shared/primitives/fold-text.ts';

/** The family names that most Vietnamese people have, without accents, for names that were typed without them. */
const FAMILY_NAMES = new Set(
  'nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly trinh dinh mai luong cao trieu ta'.split(' '),
);

/**
 * One word by which a person is known where there is no room for more: of a Vietnamese name the last (`Nguyễn Thị Hồng
 * Nhung` is Nhung), of others the first. A guess, for display only; the whole name stands in the tooltip.
 */
export function shortNameOf(name: string): string {
  const words = name.trim().split(/\s+/u);
  const first = words[0] ?? '';
  const isVietnamese = foldText(name) !== name.normalize('NFC').toLowerCase() || FAMILY_NAMES.has(foldText(first));
  return (isVietnamese ? words.at(-1) : first) ?? '';
}
