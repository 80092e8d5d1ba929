import type { Round } from '../benchmark.ts';

/** The smallest value that at least `fraction` of the values do not exceed. @throws RangeError for no values */
export function quantile(values: readonly number[], fraction: number): number {
  if (values.length === 0) throw new RangeError('nothing was measured');
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)]!;
}

/** The middle value, or the mean of the two in the middle. @throws RangeError for no values */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('nothing was measured');
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The parts `p50` and `p99` of latencies. */
export function p50AndP99(samples: readonly number[]): Round {
  return { p50: { value: quantile(samples, 0.5), samples }, p99: { value: quantile(samples, 0.99), samples } };
}
