import { expect, test } from 'vitest';
import { inOwnMemory, release } from './own-memory.ts';

test('bytes that lie in memory with others are copied out of it, others are as they are', () => {
  const whole = new Uint8Array([1, 2, 3, 4]);
  expect(inOwnMemory(whole)).toBe(whole);
  const own = inOwnMemory(whole.subarray(1, 3));
  expect([[...own], own.buffer.byteLength]).toEqual([[2, 3], 2]);
});

test('memory that is given back is gone at once, and none that others use', () => {
  const whole = new Uint8Array(1000).fill(7);
  release(whole.subarray(0, 999));
  expect(whole[0]).toBe(7);
  release(whole);
  expect([whole.byteLength, whole.buffer.detached]).toEqual([0, true]);
  // Once more does no harm.
  release(whole);
  const shared = new Uint8Array(new SharedArrayBuffer(8));
  release(shared);
  expect(shared.byteLength).toBe(8);
});
