import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { expect, test } from 'vitest';
import { allMutants } from './all-mutants.ts';
import { editsOf } from './mutant.ts';
import { applyEdit, pathOf } from './plant-mutant.ts';
import { huntMutant, inTurns } from './run-mutants.ts';

/** From the pinned seed on: a change of the simulator moves what a seed is, and need not fail this. */
const SEEDS = 120;

test('the list of mutants has not rotted: each snippet occurs once, and what it becomes is a program', () => {
  expect(new Set(allMutants.map(({ name }) => name)).size).toBe(allMutants.length);
  expect(allMutants.length).toBeGreaterThanOrEqual(22);
  for (const mutant of allMutants) {
    for (const edit of editsOf(mutant)) {
      const plant = (): string => stripTypeScriptTypes(applyEdit(readFileSync(pathOf(edit), 'utf8'), edit));
      expect.soft(plant, mutant.name).not.toThrow();
    }
  }
});

test('every planted bug is caught by the simulator, and by an invariant', async () => {
  const catches = inTurns(allMutants, 2, (mutant) =>
    huntMutant(mutant, { first: mutant.seed, last: mutant.seed + SEEDS, steps: 300 }),
  );
  for (const [index, caught] of (await Promise.all(catches)).entries()) {
    const { name } = allMutants[index]!;
    expect.soft(caught.seed, `${name} survives`).not.toBeNull();
    expect.soft(caught.invariant, `${name}: ${caught.message}`).not.toBe('simulation');
  }
});
