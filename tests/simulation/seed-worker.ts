import { flushCompileCache } from 'node:module';
import { type Outcome, runSeed } from './run-seed.ts';
import { memoryStores } from './stores/memory-stores.ts';
import { sqliteStores } from './stores/sqlite-stores.ts';

/** Seeds that one process is to play. */
export interface SeedJob {
  seeds: readonly number[];
  steps: number;
  stores: 'memory' | 'sqlite';
}

// Where something went wrong is asked of the one seed that is played again: many an exception is no mistake.
Error.stackTraceLimit = 0;

const tell = (outcome: Outcome | null): void => void process.send?.(outcome);

let isCompiledKept = false;

/** Once most of it has been compiled. This process is killed at its end, and would keep nothing by itself. */
function keepCompiled(): void {
  if (!isCompiledKept) flushCompileCache();
  isCompiledKept = true;
}

process.on('message', ({ seeds, steps, stores }: SeedJob) => {
  void (async () => {
    for (const seed of seeds) {
      tell(await runSeed(seed, { steps, stores: stores === 'memory' ? memoryStores : sqliteStores }));
    }
    tell(null);
    keepCompiled();
  })();
});
