import { expect, test } from 'vitest';
import type { SearchHit } from '../../../shared/core-api/views.ts';
import { keyOf, layOver } from './lay-over.ts';

function hit(messageId: string, text = messageId): SearchHit {
  return {
    kind: 'message',
    conversationId: 'c1',
    ...{ messageId, position: 1, customerId: 'k1', customerName: 'Hoa', at: 0 },
    snippet: { text, matches: [] },
  };
}
const hits = (ids: string) => [...ids].map((id) => hit(id));
const ids = (list: readonly SearchHit[]) => list.map(({ messageId }) => messageId).join('');

test('what is found no more goes, and what stays is the same or as it is now', () => {
  const shown = hits('abc');
  const { hits: now, newer } = layOver(shown, [hit('a'), hit('c', 'sửa')], 10);
  expect(ids(now)).toBe('ac');
  expect(now[0]).toBe(shown[0]);
  expect(now[1]!.snippet.text).toBe('sửa');
  expect(newer).toBeNull();
});

test('new ones wait where they would move what is read, and follow where they do not', () => {
  const before = layOver(hits('abc'), hits('yxabd'), 10);
  expect(ids(before.hits)).toBe('ab');
  expect(before.newer?.count).toBe(3);
  expect(ids(before.newer!.hits)).toBe('yxabd');
  expect(ids(layOver(hits('abc'), hits('abcde'), 4).hits)).toBe('abcd');
  expect(ids(layOver(hits('abc'), hits('xy'), 10).hits)).toBe('xy');
});

test('what new ones push out of a full list stays while it is read, and other places of the same are no news', () => {
  const { hits: now, newer } = layOver(hits('abc'), hits('xabcd'), 3);
  expect(ids(now)).toBe('abc');
  expect([newer?.count, ids(newer!.hits)]).toEqual([1, 'xab']);
  expect(layOver(hits('ab'), hits('ba'), 10)).toMatchObject({ newer: null });
  expect(keyOf(hit('a'))).not.toBe(keyOf({ ...hit('a'), kind: 'customer', messageId: null, customerId: 'a' }));
});
