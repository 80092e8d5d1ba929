import { findMutant } from './all-mutants.ts';
import { plantMutant } from './plant-mutant.ts';

/** What became of a mutant. */
export interface Catch {
  /** Null when every seed went through. */
  seed: number | null;
  invariant: string;
  message: string;
  seeds: number;
  seconds: number;
}

/** Plants the bug in this process and runs seeds, `first` to `last`, until one catches it. */
export async function catchMutant(name: string, first: number, last: number, steps: number): Promise<Catch> {
  const mutant = findMutant(name);
  const countPlanted = plantMutant(mutant);
  const { runSeed } = await import('../run-seed.ts');
  const { Drafts } = await import('../drafts.ts');
  const edits = 1 + (mutant.also?.length ?? 0);
  if (countPlanted() !== edits) throw new Error(`${name}: the simulator never loads what it changes`);
  const startedAt = performance.now();
  for (let seed = first; seed <= last; seed += 1) {
    const [violation] = (await runSeed(seed, { steps, scenario: mutant.scenario === undefined ? null : new Drafts() }))
      .violations;
    const seconds = (performance.now() - startedAt) / 1000;
    if (violation !== undefined) {
      return { seed, invariant: violation.invariant, message: violation.what, seeds: seed - first + 1, seconds };
    }
  }
  const seconds = (performance.now() - startedAt) / 1000;
  return { seed: null, invariant: '', message: '', seeds: last - first + 1, seconds };
}
