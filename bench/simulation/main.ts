import { runSeed } from '../../tests/simulation/run-seed.ts';
import { serveCalls } from '../processes/child-calls.ts';
import type { SimulationCalls } from './simulation-calls.ts';

serveCalls({
  play: async ({ first, count, steps }) => {
    const seedMs: number[] = [];
    for (let seed = first; seed < first + count; seed += 1) {
      const startedAt = performance.now();
      const { violations } = await runSeed(seed, { steps });
      if (violations.length > 0) throw new Error(`seed ${seed}: ${JSON.stringify(violations)}`);
      seedMs.push(performance.now() - startedAt);
    }
    return seedMs;
  },
} satisfies SimulationCalls);
