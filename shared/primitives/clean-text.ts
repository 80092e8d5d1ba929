// C0 and C1 controls except tab and line feed.
// oxlint-disable-next-line no-control-regex -- they are exactly what is removed
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/gu;
// Overrides, embeddings and isolates can make a name read as something else; nothing in a name needs them.
const BIDI_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const PLAIN = /^[\t\n\u0020-\u007e]*$/;
const LINE_ENDINGS = /\r\n?/gu;
const WHITE_SPACE = /\s+/gu;

/**
 * Text of several lines as it is stored: well-formed UTF-16, NFC, `\n` line ends, no control characters.
 * Bidirectional controls stay (they are legitimate in a sentence); views isolate the text instead.
 */
export function cleanText(text: string): string {
  // Ids, words of commands, much of English: nothing of it would change.
  if (PLAIN.test(text)) return text;
  return text.toWellFormed().normalize('NFC').replace(LINE_ENDINGS, '\n').replace(CONTROLS, '');
}

/** A single line for names, titles and file names: as `cleanText`, and without line ends or bidirectional controls. */
export function cleanLine(text: string): string {
  return cleanText(text).replace(BIDI_CONTROLS, '').replace(WHITE_SPACE, ' ').trim();
}

/** The length of `text` in UTF-8 bytes. */
export function byteLength(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00 && index + 1 < text.length) {
      bytes += 4;
      index += 1;
    } else bytes += 3;
  }
  return bytes;
}
