import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './run-seed.ts';
import type { SeedJob } from './seed-worker.ts';

/**
 * How Node is started to play seeds. Most of what a seed makes is garbage at its end, and in a large nursery it dies
 * before it is ever moved. Every processor plays: a collector with threads of its own would wait for a processor.
 */
export const SEED_PROCESS_FLAGS = [
  '--max-semi-space-size=128',
  '--min-semi-space-size=128',
  '--single-threaded-gc',
  // Objects that are made old at once, since many of their kind survive, keep all that they refer to until everything
  // is collected: a whole world, long dead.
  '--no-allocation-site-pretenuring',
  // What is left to become old is little, and is looked for when there is enough of it: by itself V8 begins with so small
  // a heap that it would do so every hundred seeds.
  '--initial-old-space-size=256',
  // So much code is warm and so little of it hot that compiling it takes longer than it saves, with all that it calls.
  '--max-inlined-bytecode-size-cumulative=400',
  // Likewise: the best compiler is for what is called more often than once in a step.
  '--invocation-count-for-turbofan=12000',
];
/** Where processes keep what they have compiled, for those that come after them. */
const COMPILED = fileURLToPath(new URL('../../.cache/simulation', import.meta.url));

const ENTRY = fileURLToPath(new URL('seed-worker.ts', import.meta.url));
/** Seeds handed to a process at a time; fewer when few are left, so that all processes end together. */
const CHUNK = 10;

export interface SeedsToPlay {
  from: number;
  count: number;
  steps: number;
  stores: SeedJob['stores'];
  /** Told of each seed as it ends. */
  onOutcome(outcome: Outcome): void;
}

/** Processes that play seeds, and that get quicker while they do. */
export class SeedPool {
  readonly #processes: ChildProcess[];

  constructor(size: number) {
    this.#processes = Array.from({ length: size }, () =>
      fork(ENTRY, [], {
        execArgv: [...process.execArgv, ...SEED_PROCESS_FLAGS],
        env: { ...process.env, NODE_COMPILE_CACHE: COMPILED },
        serialization: 'advanced',
      }),
    );
  }

  /** Plays all of them, once. @throws Error when a process ends before its time */
  async play({ from, count, steps, stores, onOutcome }: SeedsToPlay): Promise<void> {
    let next = from;
    const take = (): number[] => {
      const share = Math.ceil((from + count - next) / (2 * this.#processes.length));
      const seeds = Array.from({ length: Math.min(CHUNK, share) }, (_, index) => next + index);
      next += seeds.length;
      return seeds;
    };
    const work = async (process: ChildProcess): Promise<void> => {
      for (let seeds = take(); seeds.length > 0; seeds = take()) {
        await playOn(process, { seeds, steps, stores }, onOutcome);
      }
    };
    await Promise.all(this.#processes.map(work));
  }

  close(): void {
    for (const process of this.#processes) process.kill();
  }
}

function playOn(process: ChildProcess, job: SeedJob, onOutcome: (outcome: Outcome) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const hear = (outcome: unknown): void => {
      if (outcome === null) end(resolve);
      else onOutcome(outcome as Outcome);
    };
    const fail = (): void => end(() => reject(new Error('a process that played seeds ended before its time')));
    const end = (settle: () => void): void => {
      process.off('message', hear);
      process.off('exit', fail);
      process.off('error', fail);
      settle();
    };
    process.on('message', hear);
    process.on('exit', fail);
    process.on('error', fail);
    process.send(job);
  });
}
