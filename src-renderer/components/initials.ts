const TONES = 8;

/** Family name and given name: `Nguyễn Thị Lan` and `Lan Nguyễn` both give two letters, `Lan` one. */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/u).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const first = words[0];
  if (first === undefined) return '?';
  const last = words.length > 1 ? words.at(-1)! : '';
  return (firstLetter(first) + firstLetter(last)).toLocaleUpperCase('vi');
}

function firstLetter(word: string): string {
  return [...word.normalize('NFC')][0] ?? '';
}

/** Which of the colours, the same for an id every time. */
export function toneOf(id: string): number {
  let hash = 0;
  for (const character of id) hash = (hash * 31 + character.codePointAt(0)!) >>> 0;
  return hash % TONES;
}
