import path from 'node:path';
import type { BenchSettings, Benchmark, OpenBenchmark } from '../benchmark.ts';
import { startChild } from '../processes/child-calls.ts';
import type { SimulationCalls } from '../simulation/simulation-calls.ts';

const ENTRY = path.join(import.meta.dirname, '../simulation/main.ts');
const STEPS = 300;

/** How many histories a night can try. */
export const simulation: Benchmark = {
  name: 'simulation',
  ours: 'the simulator’s seeds in one process: real relay core, real console cores, stores in memory, every invariant',
  reference: 'none',
  parts: [{ part: '', unit: 'seeds/s', must: { minOurs: 100 }, aim: { minOurs: 1000 } }],
  takesSeconds: 40,
  open,
};

async function open({ isShort }: BenchSettings): Promise<OpenBenchmark> {
  const count = isShort ? 20 : 400;
  const child = startChild<SimulationCalls>(ENTRY);
  let first = 1;
  const violating: number[] = [];
  return {
    get size() {
      const found = violating.length === 0 ? 'no violation' : `VIOLATIONS, of seeds ${violating.join(', ')}`;
      return `${count} seeds a round, ${STEPS} steps each, other seeds in every round; ${found}`;
    },
    ours: async () => {
      const startedAt = performance.now();
      const outcome = await child.call('play', { first, count, steps: STEPS });
      const seconds = (performance.now() - startedAt) / 1000;
      if (outcome.played !== count) throw new Error(`${outcome.played} seeds were played instead of ${count}`);
      violating.push(...outcome.violating);
      first += count;
      return { '': { value: count / seconds } };
    },
    reference: async () => ({}),
    close: () => child.stop(),
  };
}
