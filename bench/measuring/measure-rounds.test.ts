import { expect, test } from 'vitest';
import type { Benchmark } from '../benchmark.ts';
import { measureRounds } from './measure-rounds.ts';

const PART = { part: '', unit: 'ms', must: { ratio: 2 }, aim: { ratio: 1 } };

function fake(ours: number[], reference: number[], parts = [PART]) {
  const order: string[] = [];
  const open = {
    size: 'small',
    ours: async () => {
      order.push('ours');
      return { '': { value: ours.shift()! } };
    },
    reference: async () => {
      order.push('reference');
      return { '': { value: reference.shift()! } };
    },
    close: async () => {},
  };
  const benchmark: Benchmark = {
    name: 'thing',
    ours: '',
    reference: '',
    parts,
    takesSeconds: 1,
    open: async () => open,
  };
  return { benchmark, open, order };
}

test('the first round does not count, and the sides take turns in going first', async () => {
  const { benchmark, open, order } = fake([900, 2, 6, 3], [1, 1, 2, 3]);
  const [measured] = await measureRounds(benchmark, open, 3, () => {});
  expect(order).toEqual(['ours', 'reference', 'reference', 'ours', 'ours', 'reference', 'reference', 'ours']);
  expect(measured!.result).toEqual({
    name: 'thing',
    ours: 3,
    reference: 2,
    ratio: 2,
    unit: 'ms',
    n: 3,
    median: 3,
    p95: 6,
  });
  expect(measured!.ratioRange).toEqual([1, 3]);
});

test('the ratio is the median of the paired ratios, not the ratio of the medians', async () => {
  const { benchmark, open } = fake([1, 10, 20, 90], [1, 10, 10, 10]);
  const [measured] = await measureRounds(benchmark, open, 3, () => {});
  expect(measured!.result.ratio).toBe(2);
});

test('a part that was not measured is an error', async () => {
  const { benchmark, open } = fake([1, 1], [1, 1], [{ ...PART, part: 'p99' }]);
  await expect(measureRounds(benchmark, open, 1, () => {})).rejects.toThrow('"p99"');
});
