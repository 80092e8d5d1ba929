import { foldText } from '../../../shared/primitives/fold-text.ts';
import { type SearchTerm, TOKEN } from './search-query.ts';

export interface Snippet {
  text: string;
  /** UTF-16 offsets into `text`, end exclusive, ascending, not overlapping. */
  matches: [start: number, end: number][];
}

interface Token {
  folded: string;
  start: number;
  end: number;
}

/** Letters as folded before: a language has few of them, and folding one costs more than finding it here. */
const foldedLetters = new Map<string, string>();
const MAX_FOLDED_LETTERS = 2000;

/** What a UTF-16 unit is folded to, by the unit. */
const foldedUnits = new Uint16Array(0x10000);
const UNKNOWN = 0;
/** It is part of a letter only, or becomes more or less than one unit. */
const NOT_ALONE = 1;
const MAX_ARGUMENTS = 8000;

const LENGTH = 180;
const BEFORE = 50;
const COMBINING = /\p{M}/u;

/** The place of the first match with its surroundings, and every match in it; offsets are those of the text as written. */
export function makeSnippet(text: string, terms: readonly SearchTerm[]): Snippet {
  const ranges = findMatches(text, terms);
  const first = ranges[0]?.[0] ?? 0;
  const from = wordStart(text, Math.max(0, first - BEFORE));
  const to = wordEnd(text, Math.min(text.length, from + LENGTH));
  const head = from > 0 ? '…' : '';
  const shift = head.length - from;
  return {
    text: `${head}${text.slice(from, to).replaceAll(/[\n\r\t]/g, ' ')}${to < text.length ? '…' : ''}`,
    matches: ranges
      .filter(([start, end]) => start >= from && end <= to)
      .map(([start, end]) => [start + shift, end + shift]),
  };
}

/** Ranges of the original text that the terms match, ascending, merged where they touch. */
export function findMatches(text: string, terms: readonly SearchTerm[]): [number, number][] {
  const tokens = tokenize(text);
  const ranges: [number, number][] = [];
  for (let index = 0; index < tokens.length; index += 1) {
    for (const term of terms) {
      if (!matchesAt(tokens, index, term)) continue;
      const last = tokens[index + term.tokens.length - 1]!;
      const typed = term.tokens.at(-1)!;
      // Of an unfinished word only what was typed is marked, where the folded and the written form are of one length.
      const isPartial = term.isPrefix && last.end - last.start === last.folded.length;
      ranges.push([tokens[index]!.start, isPartial ? last.start + typed.length : last.end]);
    }
  }
  return merge(ranges);
}

function matchesAt(tokens: readonly Token[], index: number, { tokens: wanted, isPrefix }: SearchTerm): boolean {
  return wanted.every((word, offset) => {
    const token = tokens[index + offset];
    if (token === undefined) return false;
    const isLast = offset === wanted.length - 1;
    return isLast && isPrefix ? token.folded.startsWith(word) : token.folded === word;
  });
}

/** Words of a text, folded, with their place in the text as written: a letter and its combining marks are one. */
function tokenize(text: string): Token[] {
  const folded = foldUnits(text);
  if (folded === null) return tokenizeByLetters(text);
  return Array.from(folded.matchAll(TOKEN), ({ 0: word, index }) => ({
    folded: word,
    start: index,
    end: index + word.length,
  }));
}

/** The folded text where each unit of the text becomes one unit, as nearly everywhere, so that places stay; else null. */
function foldUnits(text: string): string | null {
  const units: number[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    let folded = foldedUnits[unit]!;
    if (folded === UNKNOWN) {
      folded = foldUnit(unit);
      foldedUnits[unit] = folded;
    }
    if (folded === NOT_ALONE) return null;
    units.push(folded);
  }
  // In one call as long as its arguments have room on the stack.
  return units.length <= MAX_ARGUMENTS ? String.fromCharCode(...units) : null;
}

function foldUnit(unit: number): number {
  const letter = String.fromCharCode(unit);
  const folded = foldText(letter);
  const isAlone = folded.length === 1 && !COMBINING.test(letter) && (unit < 0xd800 || unit > 0xdfff);
  return isAlone && folded.charCodeAt(0) > NOT_ALONE ? folded.charCodeAt(0) : NOT_ALONE;
}

function tokenizeByLetters(text: string): Token[] {
  let folded = '';
  const starts: number[] = [];
  const ends: number[] = [];
  for (let index = 0; index < text.length;) {
    const start = index;
    index += text.codePointAt(index)! > 0xffff ? 2 : 1;
    while (index < text.length && COMBINING.test(text[index]!)) index += 1;
    const piece = foldLetter(text.slice(start, index));
    for (let unit = 0; unit < piece.length; unit += 1) {
      starts.push(start);
      ends.push(index);
    }
    folded += piece;
  }
  const tokens: Token[] = [];
  for (const found of folded.matchAll(TOKEN)) {
    const last = found.index + found[0].length - 1;
    tokens.push({ folded: found[0], start: starts[found.index]!, end: ends[last]! });
  }
  return tokens;
}

function foldLetter(letter: string): string {
  const known = foldedLetters.get(letter);
  if (known !== undefined) return known;
  const folded = foldText(letter);
  if (foldedLetters.size < MAX_FOLDED_LETTERS) foldedLetters.set(letter, folded);
  return folded;
}

function merge(ranges: [number, number][]): [number, number][] {
  const merged: [number, number][] = [];
  for (const [start, end] of ranges.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}

/** Forward to the beginning of a word, if one is near: a snippet does not begin within one. */
function wordStart(text: string, from: number): number {
  if (from === 0) return 0;
  const space = text.slice(from, from + 20).search(/\s/u);
  return space < 0 ? atCodePoint(text, from) : from + space + 1;
}

function wordEnd(text: string, to: number): number {
  if (to >= text.length) return text.length;
  const space = text.lastIndexOf(' ', to);
  return space > to - 20 && space > 0 ? space : atCodePoint(text, to);
}

function atCodePoint(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  return unit >= 0xdc00 && unit <= 0xdfff ? index + 1 : index;
}
