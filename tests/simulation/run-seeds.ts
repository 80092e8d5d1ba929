import type { Outcome } from './run-seed.ts';
import { SeedPool } from './seed-pool.ts';
import type { SeedJob } from './seed-worker.ts';
import { type Met, SOMETIMES } from './sometimes.ts';

export interface SeedsOptions {
  from: number;
  count: number;
  steps: number;
  stores: SeedJob['stores'];
  /** Processes that play at the same time. */
  threads: number;
}

export interface SeedsResult {
  seeds: number;
  seconds: number;
  failed: Outcome[];
  met: Met['counts'];
  events: number;
  simulatedMs: number;
}

/** Plays many seeds in some processes. @param pool is left open; one of its own is made and closed without it */
export async function runSeeds({ threads, ...seeds }: SeedsOptions, pool?: SeedPool): Promise<SeedsResult> {
  const result: SeedsResult = { seeds: 0, seconds: 0, failed: [], met: {}, events: 0, simulatedMs: 0 };
  const startedAt = performance.now();
  const players = pool ?? new SeedPool(threads);
  try {
    await players.play({ ...seeds, onOutcome: (outcome) => add(result, outcome) });
  } finally {
    if (pool === undefined) players.close();
  }
  result.seconds = (performance.now() - startedAt) / 1000;
  result.failed.sort((one, other) => one.seed - other.seed);
  return result;
}

/** What these seeds ought to have met, and did not. */
export function missedBy({ met }: Pick<SeedsResult, 'met'>): string[] {
  return SOMETIMES.filter((what) => (met[what] ?? 0) === 0);
}

function add(result: SeedsResult, outcome: Outcome): void {
  result.seeds += 1;
  result.events += outcome.events;
  result.simulatedMs += outcome.simulatedMs;
  if (outcome.violations.length > 0) result.failed.push(outcome);
  for (const what of SOMETIMES) {
    const times = outcome.met[what];
    if (times !== undefined) result.met[what] = (result.met[what] ?? 0) + times;
  }
}
