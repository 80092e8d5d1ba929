import { foldText } from '../../../shared/primitives/fold-text.ts';

/** One word as it was typed: the tokens it consists of (`a.b@c.vn` has four), which have to follow each other. */
export interface SearchTerm {
  tokens: string[];
  /** The last token may be the beginning of a word. */
  isPrefix: boolean;
}

export interface SearchQuery {
  terms: SearchTerm[];
  /** FTS5 expression: every term, in any order. Everything typed is quoted, so nothing of it is syntax. */
  match: string;
}

// What FTS5's unicode61 takes for a part of a word; everything else divides words.
export const TOKEN = /[\p{L}\p{N}\p{Co}]+/gu;

const MAX_TERMS = 16;

/**
 * Reads what an agent typed, folded like the index: without accents and case, `đ` as `d`. The last word may be
 * unfinished, unless a space follows it.
 * @returns null when there is nothing to search for
 */
export function parseSearchText(text: string): SearchQuery | null {
  const words = foldText(text).split(/\s+/u);
  const terms: SearchTerm[] = [];
  for (const [index, word] of words.entries()) {
    const tokens = word.match(TOKEN);
    if (tokens !== null) terms.push({ tokens, isPrefix: index === words.length - 1 });
  }
  const kept = terms.slice(0, MAX_TERMS);
  if (kept.length === 0) return null;
  return { terms: kept, match: kept.map(matchOf).join(' AND ') };
}

function matchOf({ tokens, isPrefix }: SearchTerm): string {
  return `"${tokens.join(' ')}"${isPrefix ? '*' : ''}`;
}
