import { expect, test } from 'vitest';
import type { Limit } from '../benchmark.ts';
import { renderTable } from './render-table.ts';

function row(fields: { ours: number; ratio: number; must: Limit; aim: Limit }): string[] {
  const { ours, ratio, must, aim } = fields;
  const result = { name: 'thing.p99', ours, reference: 1234.5, ratio, unit: 'ms', n: 5, median: 1, p95: 1 };
  const table = renderTable([{ part: { part: 'p99', unit: 'ms', must, aim }, result, ratioRange: [0.5, 12.345] }]);
  const lines = table.split('\n');
  expect(lines.map((line) => line.length)).toEqual(lines.map(() => lines[0]!.length));
  return lines[2]!
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

test('a limit that is kept, and the distance to an aim that is not reached', () => {
  expect(row({ ours: 3, ratio: 1.8, must: { ratio: 1.8 }, aim: { ratio: 1.2 } })).toEqual([
    'thing.p99',
    '3 ms',
    '1235 ms',
    '1.8 (0.5–12.3)',
    '≤ 1.8×',
    '≤ 1.2×',
    'yes',
    '1.5× away',
  ]);
});

test('a limit on ours counts beside the one on the ratio', () => {
  const cells = row({ ours: 45, ratio: 1, must: { ratio: 4, ours: 30 }, aim: { ratio: 1.5 } });
  expect(cells.slice(4)).toEqual(['≤ 4×, ≤ 30 ms', '≤ 1.5×', '**no**', 'reached']);
});

test('a figure without limits is neither kept nor missed', () => {
  const cells = row({ ours: 45, ratio: 1, must: {}, aim: {} });
  expect(cells.slice(4)).toEqual(['—', '—', '—', '—']);
});
