import { expect, test } from 'vitest';
import { findLinks } from './find-links.ts';

const linksOf = (text: string) => findLinks(text).flatMap((run) => (run.href === null ? [] : [[run.text, run.href]]));

test.each([
  ['xem https://shop.example/a?b=1#c nhé', ['https://shop.example/a?b=1#c']],
  ['(https://shop.example/a).', ['https://shop.example/a']],
  ['https://vi.wikipedia.org/wiki/Hà_Nội_(thành_phố)', ['https://vi.wikipedia.org/wiki/Hà_Nội_(thành_phố)']],
  ['http://a.example, https://b.example!', ['http://a.example', 'https://b.example']],
  ['HTTPS://A.example', ['HTTPS://A.example']],
  ['no link here', []],
  ['javascript:alert(1)', []],
  ['data:text/html,<script>alert(1)</script>', []],
  ['ftp://a.example file:///etc/passwd vbscript:x', []],
  ['xhttps://a.example', []],
  ['https://', []],
  ['https://bank.example@evil.example/', []],
  ['https://a.example/"onmouseover="alert(1)', ['https://a.example/']],
  ['https://a.example/<img src=x onerror=alert(1)>', ['https://a.example/']],
])('%s', (text, expected) => {
  expect(linksOf(text).map(([shown]) => shown)).toEqual(expected);
});

test('nothing of the text is lost or added, and every address is http or https', () => {
  for (const text of [
    '',
    'a',
    'https://a.example',
    'a https://a.example b http://c.example/d.',
    '\u202ehttps://a.example\u202c',
  ]) {
    const runs = findLinks(text);
    expect(runs.map((run) => run.text).join('')).toBe(text);
    for (const { href } of runs) expect(href ?? 'https:').toMatch(/^https?:/);
  }
});
