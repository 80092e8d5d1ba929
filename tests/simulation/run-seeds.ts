import { Worker } from 'node:worker_threads';
import type { Outcome } from './run-seed.ts';
import type { SeedJob } from './seed-worker.ts';
import { type Met, SOMETIMES } from './sometimes.ts';

export interface SeedsOptions {
  from: number;
  count: number;
  steps: number;
  stores: SeedJob['stores'];
  threads: number;
  /** Told of each seed as it ends. */
  onOutcome?(outcome: Outcome): void;
}

export interface SeedsResult {
  seeds: number;
  seconds: number;
  failed: Outcome[];
  met: Met['counts'];
  events: number;
  simulatedMs: number;
}

/** Seeds handed to a thread at a time: few enough that all threads end together. */
const CHUNK = 10;
/** Most of what a seed makes is garbage at its end; in a larger nursery it dies before it is ever moved. */
const NURSERY_MB = 64;

/** Plays many seeds on some threads. */
export async function runSeeds({ from, count, steps, stores, threads, onOutcome }: SeedsOptions): Promise<SeedsResult> {
  const result: SeedsResult = { seeds: 0, seconds: 0, failed: [], met: {}, events: 0, simulatedMs: 0 };
  const startedAt = performance.now();
  let next = from;
  const take = (): number[] => {
    const seeds = Array.from({ length: Math.min(CHUNK, from + count - next) }, (_, index) => next + index);
    next += seeds.length;
    return seeds;
  };
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('seed-worker.ts', import.meta.url), {
        resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MB },
      });
      const give = (): void => {
        const seeds = take();
        if (seeds.length > 0) worker.postMessage({ seeds, steps, stores } satisfies SeedJob);
        else void worker.terminate().then(() => resolve());
      };
      worker.on('error', reject);
      worker.on('message', (outcome: Outcome | null) => {
        if (outcome === null) give();
        else {
          add(result, outcome);
          onOutcome?.(outcome);
        }
      });
      give();
    });
  await Promise.all(Array.from({ length: Math.min(threads, Math.ceil(count / CHUNK)) }, work));
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
