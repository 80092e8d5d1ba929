const ADDRESS = /\bhttps?:\/\/[^\s<>"'`]+/giu;
// Punctuation that ends a sentence rather than an address.
const TRAILING = /[.,;:!?…)\]}*_~]+$/u;

export interface TextRun {
  text: string;
  /** Absolute, http or https; null for plain text. */
  href: string | null;
}

/** Splits a text into plain runs and addresses. Only http and https become links. */
export function findLinks(text: string): TextRun[] {
  const runs: TextRun[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimAddress(match[0]);
    const href = toHref(address);
    if (href === null) continue;
    if (match.index > end) runs.push({ text: text.slice(end, match.index), href: null });
    runs.push({ text: address, href });
    end = match.index + address.length;
  }
  if (end < text.length) runs.push({ text: text.slice(end), href: null });
  return runs;
}

/** Leaves a closing bracket that was opened inside the address, as in a Wikipedia title. */
function trimAddress(found: string): string {
  const trimmed = found.replace(TRAILING, '');
  const isBracketOpen = trimmed.split('(').length > trimmed.split(')').length;
  return isBracketOpen && found.startsWith(`${trimmed})`) ? `${trimmed})` : trimmed;
}

function toHref(address: string): string | null {
  try {
    const url = new URL(address);
    // A name before the host is how one site poses as another.
    return url.username === '' && url.password === '' && /^https?:$/.test(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
