import { expect, test } from 'vitest';
import type { FeedEntry, FeedPage } from '../../shared/widget-api/feed.ts';
import { FeedOrder } from './feed-order.ts';

const entryOf = (seq: number) => ({ seq }) as FeedEntry;
const pageOf = (from: number, head: number): FeedPage => ({
  entries: Array.from({ length: Math.max(0, head - from + 1) }, (_, index) => entryOf(from + index)),
  head,
  isComplete: true,
});
const seqs = (entries: FeedEntry[]) => entries.map((entry) => entry.seq);

test('entries pass once, in order', () => {
  const order = new FeedOrder(2);
  expect(['known', 'ahead', 'next', 'known', 'next']).toEqual([2, 4, 3, 3, 4].map((seq) => order.take(entryOf(seq))));
  expect(order.position).toBe(4);
});

test('a late answer, made before what came another way, neither repeats nor rewinds', () => {
  const order = new FeedOrder(0);
  // Asked after 0 over the socket; meanwhile a long poll brought 1 to 5.
  expect(seqs(order.takePage(pageOf(1, 5), 0))).toEqual([1, 2, 3, 4, 5]);
  expect(seqs(order.takePage(pageOf(1, 3), 0))).toEqual([]);
  expect(order.take(entryOf(4))).toBe('known');
  expect(order.take(entryOf(6))).toBe('next');
  expect(seqs(order.takePage(pageOf(4, 8), 3))).toEqual([7, 8]);
});

test('a relay that was restored from a backup is followed back', () => {
  const order = new FeedOrder(9);
  expect(seqs(order.takePage({ entries: [], head: 6, isComplete: true }, 9))).toEqual([]);
  expect(order.take(entryOf(7))).toBe('next');
});
