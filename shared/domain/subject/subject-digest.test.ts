import { expect, test } from 'vitest';
import type { RootRow } from './subject-kind.ts';
import { digestOfSubject } from './subject-digest.ts';

const root: RootRow & Record<string, unknown> = {
  ...{ id: 'k1', asOf: 9, bornSeq: 1 },
  ...{ tags: ['a', 'b'], assigneeId: null },
};
const item = (position: number, text: string) => ({
  table: 'message',
  row: { id: `m${position}`, subjectId: 'k1', position, asOf: 3, text },
});

test('SYNC-D4 the same rows have one digest, in whatever order fields and items come', () => {
  const { id, ...rest } = root;
  const digest = digestOfSubject(root, [item(1, 'a'), item(2, 'b')]);
  expect(digestOfSubject({ ...rest, id } as typeof root, [item(2, 'b'), item(1, 'a')])).toBe(digest);
  expect(digestOfSubject({ ...root, closedAt: undefined } as typeof root, [item(1, 'a'), item(2, 'b')])).toBe(digest);
});

test('SYNC-D4 any other content has another', () => {
  const variants = [
    digestOfSubject(root, [item(1, 'a'), item(2, 'b')]),
    digestOfSubject(root, [item(1, 'a')]),
    digestOfSubject(root, [item(1, 'a'), item(2, 'B')]),
    digestOfSubject({ ...root, asOf: 10 }, [item(1, 'a'), item(2, 'b')]),
    digestOfSubject({ ...root, tags: ['b', 'a'] } as typeof root, [item(1, 'a'), item(2, 'b')]),
    digestOfSubject({ ...root, tags: ['a,b'] } as typeof root, [item(1, 'a'), item(2, 'b')]),
    digestOfSubject(root, [{ ...item(1, 'a'), table: 'line' }, item(2, 'b')]),
  ];
  expect(new Set(variants).size).toBe(variants.length);
});
