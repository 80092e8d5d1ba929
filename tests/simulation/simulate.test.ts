import os from 'node:os';
import { expect, test } from 'vitest';
import { type Outcome, runSeed } from './run-seed.ts';
import { missedBy, runSeeds } from './run-seeds.ts';
import { SeedPool } from './seed-pool.ts';
import { sqliteStores } from './stores/sqlite-stores.ts';

/** As many as a commit can wait for. */
const SEEDS = 300;

test('INV-1 INV-2 INV-3 INV-4 INV-5 INV-6 INV-7 INV-8 INV-9 INV-10 INV-11 INV-12 INV-13 INV-14 hold in every seed, and the seeds reach everything they should', async () => {
  const threads = os.availableParallelism();
  const result = await runSeeds({ from: 1, count: SEEDS, steps: 300, stores: 'memory', threads });
  const failed = result.failed.map(({ seed, steps, violations }) => ({ seed, steps, first: violations[0] }));
  expect(failed).toEqual([]);
  expect(missedBy(result)).toEqual([]);
});

test('the same seed is the same run, to the last line of its trace', async () => {
  for (const seed of [7, 8]) {
    const lines: string[][] = [[], []];
    const [one, other] = [
      await runSeed(seed, { steps: 120, write: (line) => lines[0]!.push(line) }),
      await runSeed(seed, { steps: 120, write: (line) => lines[1]!.push(line) }),
    ];
    expect(lines[1]).toEqual(lines[0]);
    expect(other.digest).toBe(one.digest);
    expect(one.events).toBeGreaterThan(20);
  }
});

test('the same seed is the same run in whichever process, and whatever was played there before', async () => {
  const pool = new SeedPool(2);
  const plays: Outcome[][] = [];
  try {
    for (const from of [31, 41]) {
      const outcomes: Outcome[] = [];
      const onOutcome = (outcome: Outcome): void => void outcomes.push(outcome);
      await pool.play({ from, count: 61 - from, steps: 60, stores: 'memory', onOutcome });
      plays.push(outcomes.filter(({ seed }) => seed > 40).sort((one, other) => one.seed - other.seed));
    }
  } finally {
    pool.close();
  }
  expect(plays[1]).toEqual(plays[0]);
  expect(plays[0]!.slice(0, 3)).toEqual([
    await runSeed(41, { steps: 60 }),
    await runSeed(42, { steps: 60 }),
    await runSeed(43, { steps: 60 }),
  ]);
});

test('the same holds on real files', async () => {
  for (let seed = 1; seed <= 3; seed += 1) {
    const { violations } = await runSeed(seed, { steps: 100, stores: sqliteStores });
    expect({ seed, violations }).toEqual({ seed, violations: [] });
  }
});
