import { runSeed } from '../../tests/simulation/run-seed.ts';
import { serveCalls } from '../processes/child-calls.ts';
import type { SimulationCalls } from './simulation-calls.ts';

serveCalls({
  play: async ({ first, count, steps }) => {
    let played = 0;
    const violating: number[] = [];
    for (let seed = first; seed < first + count; seed += 1) {
      const { violations } = await runSeed(seed, { steps });
      if (violations.length > 0) violating.push(seed);
      played += 1;
    }
    return { played, violating };
  },
} satisfies SimulationCalls);
