import { expect, test } from 'vitest';
import { median, p50AndP99, quantile } from './statistics.ts';

test('a quantile is a value that was measured, by nearest rank', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(quantile(values, 0.5)).toBe(50);
  expect(quantile(values, 0.99)).toBe(99);
  expect(quantile(values, 1)).toBe(100);
  expect(quantile([7], 0.99)).toBe(7);
  expect(quantile([3, 1], 0)).toBe(1);
});

test('the median of an even number of values lies between the two in the middle', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 2, 9])).toBe(3);
});

test('nothing measured is an error, not a zero', () => {
  expect(() => quantile([], 0.5)).toThrow(RangeError);
  expect(() => median([])).toThrow(RangeError);
});

test('latencies become two parts over the same samples', () => {
  const samples = [2, 1, 10];
  expect(p50AndP99(samples)).toEqual({ p50: { value: 2, samples }, p99: { value: 10, samples } });
});
