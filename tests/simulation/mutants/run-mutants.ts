import { execFile } from 'node:child_process';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SEED_PROCESS_FLAGS } from '../seed-pool.ts';
import { allMutants } from './all-mutants.ts';
import type { Catch } from './catch-mutant.ts';
import type { Mutant } from './mutant.ts';

export interface MutantRunOptions {
  /** One line of the table. */
  print(line: string): void;
  /** Only these; all by default. */
  names?: readonly string[];
  /** Seeds 1 to this; the promise is 500. */
  seeds?: number;
  steps?: number;
}

const entry = fileURLToPath(new URL('main.ts', import.meta.url));
const run = promisify(execFile);

/** Runs seeds against one mutant, in a process of its own. */
export async function huntMutant(
  mutant: Mutant,
  seeds: { first: number; last: number; steps: number },
): Promise<Catch> {
  const { first, last, steps } = seeds;
  const args = [...SEED_PROCESS_FLAGS, entry, mutant.name, `${first}`, `${last}`, `${steps}`];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 16 * 1024 * 1024 });
  return JSON.parse(stdout) as Catch;
}

/**
 * Plants every bug in turn and prints which seed caught it.
 * @returns the exit code: 1 when a mutant survives
 */
export async function runMutants({ print, names, seeds = 500, steps = 300 }: MutantRunOptions): Promise<number> {
  const chosen = allMutants.filter(({ name }) => names === undefined || names.includes(name));
  const widths = [24, 9, 6, 8, 9];
  const line = (cells: readonly string[]): void =>
    print(cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' '));
  line(['mutant', 'rule', 'seed', 'by', 'seeds/s', 'what goes wrong']);
  const survivors: string[] = [];
  const catches = inTurns(chosen, os.availableParallelism(), (mutant) =>
    huntMutant(mutant, { first: 1, last: seeds, steps }),
  );
  for (const [index, mutant] of chosen.entries()) {
    const caught = await catches[index]!;
    if (caught.seed === null) survivors.push(mutant.name);
    const seed = caught.seed === null ? 'none' : String(caught.seed);
    const rate = (caught.seeds / Math.max(caught.seconds, 0.001)).toFixed(1);
    line([mutant.name, mutant.rule, seed, caught.invariant, rate, mutant.why]);
  }
  print(
    survivors.length === 0
      ? `all ${chosen.length} mutants were caught`
      : `${survivors.length} of ${chosen.length} mutants survived: ${survivors.join(', ')}`,
  );
  return survivors.length === 0 ? 0 : 1;
}

/** Begins all of `items`, some at a time. @returns what becomes of each, in order */
export function inTurns<Item, Answer>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Answer>,
): Promise<Answer>[] {
  const lanes = Array.from({ length: atOnce }, () => Promise.resolve());
  return items.map((item, index) => {
    const lane = index % atOnce;
    const answer = lanes[lane]!.then(() => work(item));
    lanes[lane] = answer.then(
      () => undefined,
      () => undefined,
    );
    return answer;
  });
}
