import { parentPort } from 'node:worker_threads';
import { runSeed } from './run-seed.ts';
import { memoryStores } from './stores/memory-stores.ts';
import { sqliteStores } from './stores/sqlite-stores.ts';

/** Seeds that one thread is to play. */
export interface SeedJob {
  seeds: readonly number[];
  steps: number;
  stores: 'memory' | 'sqlite';
}

// Where something went wrong is asked of the one seed that is played again.
Error.stackTraceLimit = 4;

parentPort?.on('message', ({ seeds, steps, stores }: SeedJob) => {
  void (async () => {
    for (const seed of seeds) {
      parentPort?.postMessage(
        await runSeed(seed, { steps, stores: stores === 'memory' ? memoryStores : sqliteStores }),
      );
    }
    parentPort?.postMessage(null);
  })();
});
