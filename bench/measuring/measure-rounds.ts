import type { BenchResult, Benchmark, OpenBenchmark, Part, Round } from '../benchmark.ts';
import { median, quantile } from './statistics.ts';

const NO_FIGURE = { value: Number.NaN };

/** One part over all rounds that count. */
export interface MeasuredPart {
  part: Part;
  result: BenchResult;
  /** Lowest and highest ratio of a round. */
  ratioRange: [number, number];
}

/**
 * Measures both sides in turn: first one round of each that does not count, then `rounds` that do. Which side goes
 * first alternates, so that neither always has the warmer machine.
 */
export async function measureRounds(
  benchmark: Benchmark,
  open: OpenBenchmark,
  rounds: number,
  onRound: (round: number) => void,
): Promise<MeasuredPart[]> {
  const pairs: { ours: Round; reference: Round }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    onRound(round);
    const pair = round % 2 === 0 ? await oursFirst(open) : await referenceFirst(open);
    if (round > 0) pairs.push(pair);
  }
  return benchmark.parts.map((part) => summarize(benchmark.name, part, pairs));
}

async function oursFirst(open: OpenBenchmark): Promise<{ ours: Round; reference: Round }> {
  const ours = await open.ours();
  return { ours, reference: await open.reference() };
}

async function referenceFirst(open: OpenBenchmark): Promise<{ ours: Round; reference: Round }> {
  const reference = await open.reference();
  return { ours: await open.ours(), reference };
}

function summarize(name: string, part: Part, pairs: readonly { ours: Round; reference: Round }[]): MeasuredPart {
  const figures = pairs.map(({ ours, reference }) => ({
    ours: figureOf(ours, part.part),
    reference: isByItself(part) ? (reference[part.part] ?? NO_FIGURE) : figureOf(reference, part.part),
  }));
  const ratios = figures.map(({ ours, reference }) => ours.value / reference.value);
  const samples = figures.flatMap(({ ours }) => ours.samples ?? [ours.value]);
  return {
    part,
    result: {
      name: part.part === '' ? name : `${name}.${part.part}`,
      ours: median(figures.map(({ ours }) => ours.value)),
      reference: median(figures.map(({ reference }) => reference.value)),
      ratio: median(ratios),
      unit: part.unit,
      n: samples.length,
      median: median(samples),
      p95: quantile(samples, 0.95),
    },
    ratioRange: [Math.min(...ratios), Math.max(...ratios)],
  };
}

/** Whether no limit compares it with a reference. */
function isByItself({ must, aim }: Part): boolean {
  return [must, aim].every(({ ratio, minRatio }) => ratio === undefined && minRatio === undefined);
}

function figureOf(round: Round, part: string): Round[string] {
  const figure = round[part];
  if (figure === undefined) throw new Error(`a round did not measure "${part}"`);
  return figure;
}
