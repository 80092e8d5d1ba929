import { describe, expect, test } from 'vitest';
import { cutText } from './cut-text.ts';

describe('a text is cut between what a reader sees as characters', () => {
  test.each([
    ['a plain text', 'shop ơi'],
    ['an emoji', '🙂🙂'],
    ['a family', 'a👩‍👩‍👧b'],
    ['a skin tone', '👍🏽👍🏽'],
    ['a heart with its colour', '❤️❤️'],
    ['a key', '1️⃣2️⃣'],
    ['flags in a row', '🇻🇳🇻🇳🇫🇷'],
    ['a flag of a region', '🏴󠁧󠁢󠁥󠁮󠁧󠁿🏴󠁧󠁢󠁥󠁮󠁧󠁿'],
    ['marks that stand by themselves', 'x̂ŷẑ'],
    ['Thai', 'ที่นี่'],
  ])('%s', (_what, text) => {
    const whole = [...new Intl.Segmenter('vi', { granularity: 'grapheme' }).segment(text)].map(({ index }) => index);
    const ends = new Set([...whole, text.length]);
    for (let length = 0; length <= text.length; length += 1) {
      const cut = cutText(text, length);
      expect(cut).toBe(text.slice(0, Math.max(...[...ends].filter((end) => end <= length))));
    }
  });

  test('what has no end within reach is cut all the same, and never inside a pair', () => {
    expect(cutText(`a${'\u0301'.repeat(500)}`, 160)).toHaveLength(160);
    const joined = Array.from({ length: 100 }, () => '👩').join('\u200d');
    for (const length of [159, 160, 161, 162]) expect(cutText(joined, length).isWellFormed()).toBe(true);
  });
});
