import os from 'node:os';
import { runSeeds } from '../../tests/simulation/run-seeds.ts';
import { SeedPool } from '../../tests/simulation/seed-pool.ts';
import type { BenchSettings, Benchmark, OpenBenchmark } from '../benchmark.ts';

const STEPS = 300;

/** How many histories a night can try. */
export const simulation: Benchmark = {
  name: 'simulation',
  ours: 'the simulator’s seeds, as `npm run simulate` plays them, a process on each processor: real relay core, real console cores, stores in memory, every invariant',
  reference: 'none',
  parts: [{ part: '', unit: 'seeds/s', must: { minOurs: 100 }, aim: { minOurs: 1000 } }],
  takesSeconds: 40,
  open,
};

async function open({ isShort }: BenchSettings): Promise<OpenBenchmark> {
  const count = isShort ? 40 : 800;
  const threads = os.availableParallelism();
  const pool = new SeedPool(threads);
  let from = 1;
  return {
    size: `${count} seeds a round, ${STEPS} steps each, other seeds in every round, on ${threads} processors`,
    ours: async () => {
      const { seeds, seconds, failed } = await runSeeds({ from, count, steps: STEPS, stores: 'memory', threads }, pool);
      if (seeds !== count) throw new Error(`${seeds} seeds were played instead of ${count}`);
      const [first] = failed;
      if (first !== undefined) {
        const [{ invariant, what } = { invariant: '', what: '' }] = first.violations;
        throw new Error(`seed ${first.seed} violates ${invariant}: ${what}`);
      }
      from += count;
      return { '': { value: count / seconds } };
    },
    reference: async () => ({}),
    close: async () => pool.close(),
  };
}
