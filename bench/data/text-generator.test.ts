import { expect, test } from 'vitest';
import { seededRandom } from '../../tests/fakes/manual-clock.ts';
import { TextGenerator } from './text-generator.ts';

test('a seed gives the same texts, another seed others', () => {
  const write = (seed: number): string[] => {
    const generator = new TextGenerator(seededRandom(seed));
    return [generator.message(), generator.message(), generator.name()];
  };
  expect(write(1)).toEqual(write(1));
  expect(write(1)).not.toEqual(write(2));
});

test('words are as unevenly frequent as in real text: a few everywhere, a long tail', () => {
  const generator = new TextGenerator(seededRandom(3));
  const texts = Array.from({ length: 5000 }, () => generator.message());
  const counts = new Map<string, number>();
  for (const word of texts.join(' ').toLowerCase().split(/[ .]+/)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const ordered = [...counts.values()].sort((one, other) => other - one);
  const total = ordered.reduce((sum, count) => sum + count, 0);
  expect(ordered.length).toBeGreaterThan(4000);
  expect(ordered[0]! / total).toBeGreaterThan(0.04);
  expect(ordered.slice(0, 100).reduce((sum, count) => sum + count, 0) / total).toBeLessThan(0.75);
  const length = texts.reduce((sum, text) => sum + text.length, 0) / texts.length;
  expect(length).toBeGreaterThan(70);
  expect(length).toBeLessThan(160);
});

test('texts are composed Unicode, as keyboards make it', () => {
  const generator = new TextGenerator(seededRandom(5));
  const text = Array.from({ length: 500 }, () => generator.message()).join(' ');
  expect(text).toBe(text.normalize('NFC'));
  expect(text).toMatch(/[ạảãàáđ]/u);
});
