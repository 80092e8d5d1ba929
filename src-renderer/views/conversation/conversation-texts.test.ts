import { expect, test } from 'vitest';
import type { MessageView } from '../../../shared/core-api/views.ts';
import { HOSTILE_TEXTS } from '../../../tests/fakes/fake-messages.ts';
import { shownLength } from './collapse-text.ts';
import { makeConversationRows } from './conversation-rows.ts';
import { formatSize } from './format-size.ts';
import { splitLinks } from './split-links.ts';

const links = (text: string) => splitLinks(text).flatMap((part) => (part.kind === 'link' ? [part.url] : []));

test('http and https become links, nothing else does', () => {
  expect(links('xem https://a.example/x?y=1#z và HTTP://B.example.')).toEqual([
    'https://a.example/x?y=1#z',
    'http://b.example/',
  ]);
  expect(
    links('javascript:alert(1) data:text/html,x file:///etc/passwd vbscript:x ftp://a.example //b.example'),
  ).toEqual([]);
});

test('a link that shows another place than it leads to stays text', () => {
  expect(links('https://bank.example@evil.example/ https://user:pass@evil.example')).toEqual([]);
  // Look-alike letters are told by the address that is opened and shown.
  expect(links('https://аpple.example')).toEqual(['https://xn--pple-43d.example/']);
  expect(links('https://a.example/\u202Egpj.exe')).toEqual(['https://a.example/']);
});

test('what ends a sentence does not belong to a link, a bracket opened in it does', () => {
  expect(links('(https://a.example/b), https://a.example/c_(d)!')).toEqual([
    'https://a.example/b',
    'https://a.example/c_(d)',
  ]);
});

test('parts put together are the text, and the longest text takes no time', () => {
  for (const text of [...HOSTILE_TEXTS, `https://a.example/${')'.repeat(32_000)}`, 'https://'.repeat(4000)]) {
    expect(
      splitLinks(text)
        .map((part) => part.text)
        .join(''),
    ).toBe(text);
  }
});

test('long texts are cut at first, and never within a character', () => {
  expect(shownLength('kurz')).toBe(4);
  expect(shownLength('a\n'.repeat(400))).toBeLessThan(40);
  const emoji = `a${'😀'.repeat(5000)}`;
  expect(emoji.slice(0, shownLength(emoji)).isWellFormed()).toBe(true);
  expect(shownLength(emoji)).toBeLessThan(1100);
});

test('sizes as people say them', () => {
  expect([820, 4096, 1_258_291].map((bytes) => formatSize(bytes, 'vi'))).toEqual(['820 B', '4 kB', '1,2 MB']);
  expect(formatSize(1_258_291, 'en')).toBe('1.2 MB');
});

const MINUTE = 60_000;
const noon = new Date(2026, 10, 20, 12).getTime();

function message(position: number, at: number, author: 'customer' | 'agent' = 'customer'): MessageView {
  return {
    id: `m${position}`,
    conversationId: 'c',
    position,
    kind: 'public',
    author: { kind: author, id: author, name: author },
    text: 'x',
    attachments: [],
    at,
    isPending: false,
    commandId: null,
    state: null,
    stateReason: null,
    system: null,
  };
}

test('days, groups and the beginning of what is new', () => {
  const rows = makeConversationRows(
    [
      message(1, noon - 24 * 60 * MINUTE),
      message(2, noon),
      message(3, noon + MINUTE),
      message(4, noon + 2 * MINUTE, 'agent'),
      message(5, noon + 3 * MINUTE),
      message(6, noon + 20 * MINUTE),
    ],
    4,
    false,
  );
  expect(rows.map((row) => row.startsDay)).toEqual([true, true, false, false, false, false]);
  expect(rows.map((row) => row.startsNew)).toEqual([false, false, false, false, true, false]);
  expect(rows.map((row) => row.startsGroup)).toEqual([true, true, false, true, true, true]);
  expect(rows.map((row) => row.endsGroup)).toEqual([true, false, true, true, true, true]);
});

test('while there are older messages, the first one begins no day', () => {
  expect(makeConversationRows([message(1, noon)], null, true)[0]!.startsDay).toBe(false);
});

test('own messages are never new, and nothing is new above everything', () => {
  const rows = makeConversationRows([message(1, noon), message(2, noon + MINUTE, 'agent')], 0, false);
  expect(rows.some((row) => row.startsNew)).toBe(false);
});
