export type TextPart = { kind: 'text'; text: string } | { kind: 'link'; text: string; url: string };

// Bounded, so that a hostile text of 32 kB costs linear time. White space, quotes, angle brackets and every
// directional or invisible control end a link: none of them has a place in an address that somebody should click.
const LINK = /https?:\/\/[^\s<>"'`\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]{1,2000}/giu;
const TRAILING = new Set('.,;:!?…)]}*_~|');

/**
 * Cuts a text into plain parts and http(s) links. Links with credentials (`https://bank.example@evil.example`) stay
 * text, because what they show is not where they lead. `url` is the address as the browser will use it, so a host of
 * look-alike letters shows as punycode there.
 */
export function splitLinks(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const found = withoutTrailing(match[0]);
    const url = safeUrl(found);
    if (url === null) continue;
    if (match.index > end) parts.push({ kind: 'text', text: text.slice(end, match.index) });
    parts.push({ kind: 'link', text: found, url });
    end = match.index + found.length;
  }
  if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) });
  return parts;
}

/** The address if it is http(s), has a host and no credentials; otherwise null. */
export function safeUrl(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
  return isWeb && url.hostname !== '' && url.username === '' && url.password === '' ? url.href : null;
}

/** A full stop after a link belongs to the sentence; a closing bracket to the link only when it was opened in it. */
function withoutTrailing(link: string): string {
  let open = count(link, '(') - count(link, ')');
  let end = link.length;
  for (; end > 0; end -= 1) {
    const last = link[end - 1]!;
    if (!TRAILING.has(last)) break;
    if (last !== ')') continue;
    if (open >= 0) break;
    open += 1;
  }
  return link.slice(0, end);
}

function count(text: string, letter: string): number {
  return text.split(letter).length - 1;
}
