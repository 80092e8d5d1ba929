import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../processes/program.ts';
import { readCorpus } from './corpus.ts';

test('the bundled corpus begins with customers, answers them, and has times that never run back', () => {
  const conversations = readCorpus(path.join(projectRoot, 'assets/replay'));
  expect(conversations.length).toBeGreaterThanOrEqual(10);
  for (const { lines } of conversations) {
    expect(lines[0]).toMatchObject({ from: 'customer', at: 0 });
    expect(lines.some((line) => line.from === 'agent')).toBe(true);
    expect(lines.map((line) => line.at)).toEqual(lines.map((line) => line.at).toSorted((a, b) => a - b));
  }
});

test('a path that holds no corpus is said in words', () => {
  expect(() => readCorpus(path.join(projectRoot, 'nowhere'))).toThrow('There is no corpus at');
});

const shared = path.resolve(projectRoot, '../shared/data');
for (const [name, least] of [
  ['conv-star', 500],
  ['conv-twcs-sample-NC', 600],
] as const) {
  const folder = path.join(shared, name);
  test.skipIf(!existsSync(folder))(`${name} is read (skipped where ../shared/data is absent)`, () => {
    const conversations = readCorpus(folder);
    expect(conversations.length).toBeGreaterThanOrEqual(least);
    expect(conversations.every(({ lines }) => lines[0]!.from === 'customer')).toBe(true);
  });
}
