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
  return partOf(name, 1);
}

/**
 * The short names of people who stand side by side, in their order. Those who would have the same one get as many words
 * more as tell them apart (`Ngọc Lan` and `Thị Lan`), at most their whole names.
 */
export function shortNamesOf(names: readonly string[]): string[] {
  const most = Math.max(1, ...names.map((name) => wordsOf(name).length));
  const shortNames = names.map(shortNameOf);
  for (let count = 2; count <= most; count += 1) {
    const shared = shortNames.map((one, index) => shortNames.some((other, at) => at !== index && other === one));
    if (!shared.includes(true)) break;
    shared.forEach((isShared, index) => {
      if (isShared) shortNames[index] = partOf(names[index]!, count);
    });
  }
  return shortNames;
}

/** As many words of a name as wanted, the one that a person is known by among them. */
function partOf(name: string, count: number): string {
  const words = wordsOf(name);
  const isVietnamese = foldText(name) !== name.normalize('NFC').toLowerCase() || FAMILY_NAMES.has(foldText(words[0]!));
  return (isVietnamese ? words.slice(-count) : words.slice(0, count)).join(' ');
}

function wordsOf(name: string): string[] {
  return name.trim().split(/\s+/u);
}
