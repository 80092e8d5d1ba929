import os from 'node:os';
import { parseArgs } from 'node:util';
import { runMutants } from './mutants/run-mutants.ts';
import { runSeed } from './run-seed.ts';
import { type SeedsResult, missedBy, runSeeds } from './run-seeds.ts';
import { SOMETIMES } from './sometimes.ts';
import { memoryStores } from './stores/memory-stores.ts';
import { sqliteStores } from './stores/sqlite-stores.ts';

const HELP = `npm run simulate -- [options]
  --seeds N      play N seeds (default 500)
  --from S       beginning with seed S (default 1)
  --steps K      things that happen in a seed before all is healed (default 300)
  --stores WHAT  memory (default), or sqlite for real files, much slower
  --threads T    default: one per processor
  --seed S       play one seed and tell what happens in it
  --mutants      plant each known bug and see which seed catches it
`;
/** So many seeds have to meet everything that can happen. */
const ENOUGH_SEEDS = 200;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '500' },
    from: { type: 'string', default: '1' },
    steps: { type: 'string', default: '300' },
    stores: { type: 'string', default: 'memory' },
    threads: { type: 'string', default: String(os.availableParallelism()) },
    seed: { type: 'string' },
    mutants: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const steps = Number(values.steps);
const stores = values.stores === 'sqlite' ? 'sqlite' : 'memory';

if (values.help) print(HELP);
else if (values.mutants) process.exitCode = await runMutants({ print, steps });
else if (values.seed !== undefined) process.exitCode = await replay(Number(values.seed));
else {
  const seeds = {
    from: Number(values.from),
    count: Number(values.seeds),
    steps,
    stores,
    threads: Number(values.threads),
  };
  process.exitCode = report(await runSeeds({ ...seeds, stores }));
}

async function replay(seed: number): Promise<number> {
  const outcome = await runSeed(seed, {
    ...{ steps, stores: stores === 'memory' ? memoryStores : sqliteStores, write: print },
  });
  for (const { invariant, what } of outcome.violations) print(`\n${invariant}: ${what}`);
  print(`\nseed ${seed}: ${outcome.steps} steps, ${outcome.events} events, trace ${outcome.digest.slice(0, 16)}`);
  return outcome.violations.length === 0 ? 0 : 1;
}

function report(result: SeedsResult): number {
  const { seeds, seconds, failed, met, events, simulatedMs } = result;
  const rate = (seeds / seconds).toFixed(1);
  const hours = (simulatedMs / 3_600_000).toFixed(0);
  print(`${seeds} seeds of ${steps} steps on ${stores} stores in ${seconds.toFixed(1)} s: ${rate} seeds/s`);
  print(`${events} events in ${hours} simulated hours`);
  print('\nreached, times in all');
  for (const what of SOMETIMES) print(`  ${what.padEnd(22)} ${String(met[what] ?? 0).padStart(8)}`);
  const missed = seeds >= ENOUGH_SEEDS && stores === 'memory' ? missedBy(result) : [];
  if (missed.length > 0) print(`\nnever reached: ${missed.join(', ')}`);
  print(failed.length === 0 ? '\nno violations' : `\n${failed.length} seeds with violations`);
  for (const { seed, steps: step, violations } of failed.slice(0, 40)) {
    const [{ invariant, what } = { invariant: '', what: '' }] = violations;
    print(`  seed ${seed}, step ${step}: ${invariant}: ${what.split('\n').slice(0, 3).join('\n      ')}`);
  }
  if (failed.length > 0) print(`\nreplay with: npm run simulate -- --seed ${failed[0]!.seed} --steps ${steps}`);
  return failed.length === 0 && missed.length === 0 ? 0 : 1;
}
