/** Longer texts are shown as their beginning, until asked for. */
const MOST_CHARACTERS = 1600;
const MOST_LINES = 24;
const SHOWN_LINES = 16;
const SHOWN_CHARACTERS = 1000;

/** How many UTF-16 units of a text are shown at first: all of it, or a beginning that cuts no character in two. */
export function shownLength(text: string): number {
  const afterLines = indexOfLine(text, MOST_LINES);
  if (text.length <= MOST_CHARACTERS && afterLines === -1) return text.length;
  const byLines = indexOfLine(text, SHOWN_LINES);
  const end = Math.min(SHOWN_CHARACTERS, byLines === -1 ? Infinity : byLines);
  const last = text.charCodeAt(end - 1);
  return last >= 0xd800 && last < 0xdc00 ? end - 1 : end;
}

/** Where the line of that number ends; -1 when there are fewer. */
function indexOfLine(text: string, number: number): number {
  let at = -1;
  for (let line = 0; line < number; line += 1) {
    at = text.indexOf('\n', at + 1);
    if (at === -1) return -1;
  }
  return at;
}
