import { expect, test } from 'vitest';
import { positionOf } from '../../shared/domain/subject/subject-kind.ts';
import { SeenPositions } from './seen-positions.ts';

test('what was shown long ago is forgotten once it is not held; what is held, or was shown lately, is not', async () => {
  const rows = new Map([
    ['old and gone', positionOf(10, 0)],
    ['old and held', positionOf(11, 0)],
    ['old, and opened just now', positionOf(12, 0)],
    ['lately and gone', positionOf(30_000, 0)],
    ['newest', positionOf(31_000, 0)],
  ]);
  const settings = {
    listSeen: () => [...rows] as [string, number][],
    forgetSeen: (ids: readonly string[]) => ids.forEach((id) => rows.delete(id)),
    forgetSeenBeyond: () => [],
  };
  const asked: unknown[] = [];
  const cache = {
    query: (name: string, input: unknown) => {
      asked.push(name, input);
      rows.set('old, and opened just now', positionOf(31_001, 0));
      return Promise.resolve(['old and gone', 'old, and opened just now']);
    },
    setSeen: () => Promise.resolve(),
  };
  const seen = new SeenPositions(settings, cache);
  await seen.prune();
  const conversationIds = ['old and gone', 'old and held', 'old, and opened just now'];
  expect(asked).toEqual(['notHeld', { conversationIds }]);
  expect([...rows.keys()]).toEqual(['old and held', 'old, and opened just now', 'lately and gone', 'newest']);
  rows.delete('old and held');
  await seen.prune();
  expect(asked).toHaveLength(2);
});
