import BetterSqlite3 from 'better-sqlite3';
import { expect, test } from 'vitest';
import { foldText } from '../../../shared/primitives/fold-text.ts';
import { parseSearchText } from './search-query.ts';
import { findMatches, makeSnippet } from './snippet.ts';
import { fc } from '../../../tests/fakes/properties.ts';

/** Ids (1, 2, …) of the texts that an index over them finds. */
function search(texts: readonly string[], typed: string): number[] {
  const database = new BetterSqlite3(':memory:');
  database.exec("CREATE VIRTUAL TABLE found USING fts5(text, content='', tokenize='unicode61 remove_diacritics 0')");
  const insert = database.prepare('INSERT INTO found (rowid, text) VALUES (?, ?)');
  texts.forEach((text, index) => insert.run(index + 1, foldText(text)));
  const query = parseSearchText(typed);
  const ids =
    query === null ? [] : database.prepare('SELECT rowid FROM found WHERE found MATCH ?').pluck().all(query.match);
  database.close();
  return ids as number[];
}

const written = ['đơn hàng của tôi', 'ĐƠN HÀNG số 5', 'Đơn Hàng'.normalize('NFD'), 'don hang', 'đồng hồ'];

test.each([
  ['don hang', [1, 2, 3, 4]],
  ['đơn hàng', [1, 2, 3, 4]],
  ['ĐƠN HÀNG'.normalize('NFD'), [1, 2, 3, 4]],
  ['hang don', [1, 2, 3, 4]],
  ['don ha', [1, 2, 3, 4]],
  ['do', [1, 2, 3, 4, 5]],
  ['do ', []],
  ['"don" hang)', [1, 2, 3, 4]],
])('%s finds %j', (typed, ids) => {
  expect(search(written, typed)).toEqual(ids);
});

test('what looks like syntax is text, and finds text', () => {
  const texts = ['a.b@shop.vn', 'NEAR(a b)', 'col:umn', '50% off', "it's"];
  expect(search(texts, 'a.b@shop.vn')).toEqual([1]);
  expect(search(texts, 'near(a b)')).toEqual([2]);
  expect(search(texts, 'col:umn')).toEqual([3]);
  expect(search(texts, "it's")).toEqual([5]);
  expect(search(texts, '50%')).toEqual([4]);
});

test('nothing to search for finds nothing', () => {
  for (const typed of ['', '   ', '***', '"" ()', '\u0000']) expect(parseSearchText(typed)).toBeNull();
});

test('no text whatsoever makes the index fail', () => {
  const database = new BetterSqlite3(':memory:');
  database.exec("CREATE VIRTUAL TABLE found USING fts5(text, content='', tokenize='unicode61 remove_diacritics 0')");
  const find = database.prepare('SELECT rowid FROM found WHERE found MATCH ?');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string({ unit: 'binary' }),
        fc.string({ unit: fc.constantFrom(...'"*()-:^{}+ ANDORNEAR') }),
      ),
      (typed) => {
        const query = parseSearchText(typed);
        if (query !== null) find.all(query.match);
      },
    ),
  );
  database.close();
});

test('matches are ranges of the text as it was written', () => {
  const marked = (text: string, typed: string) =>
    findMatches(text, parseSearchText(typed)!.terms).map(([start, end]) => text.slice(start, end));
  expect(marked('Đơn hàng của tôi', 'don hang ')).toEqual(['Đơn', 'hàng']);
  expect(marked('Đơn hàng'.normalize('NFD'), 'don hang ')).toEqual(['Đơn'.normalize('NFD'), 'hàng'.normalize('NFD')]);
  expect(marked('đã nhận hàng hoá', 'han')).toEqual(['hàn']);
  expect(marked('😀 hàng 😀 hang', 'hang ')).toEqual(['hàng', 'hang']);
  expect(marked('gọi 0901-234', '0901-234 ')).toEqual(['0901-234']);
});

test('a text that is folded unit by unit has the matches that it has letter by letter', () => {
  // One letter with a combining mark of its own takes the way by letters; it stands where no match reaches.
  const apart = ' q\u0323';
  const letters = fc.string({ unit: fc.constantFrom(...'đĐơƠàÀ ẫ.,hHiİßñ文한ǅ𝐀5\n'), maxLength: 40 });
  fc.assert(
    fc.property(letters, letters, (text, typed) => {
      const query = parseSearchText(typed);
      if (query === null) return;
      expect(findMatches(text, query.terms)).toEqual(findMatches(text + apart, query.terms));
    }),
    { numRuns: 500 },
  );
});

test('a snippet holds its first match, and its ranges are its own', () => {
  const text = `${'trước '.repeat(60)}đơn hàng ${'sau '.repeat(100)}`;
  const snippet = makeSnippet(text, parseSearchText('don hang ')!.terms);
  expect(snippet.text.length).toBeLessThan(200);
  expect(snippet.matches.map(([start, end]) => snippet.text.slice(start, end))).toEqual(['đơn', 'hàng']);
});

test('ranges never lie outside of the text, overlap, or split a character', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 400 }),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
      (text, typed) => {
        const query = parseSearchText(typed);
        if (query === null) return;
        const snippet = makeSnippet(text, query.terms);
        let last = 0;
        for (const [start, end] of snippet.matches) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(snippet.text.length);
          expect(snippet.text.slice(start, end).isWellFormed()).toBe(true);
          last = end;
        }
      },
    ),
  );
});
