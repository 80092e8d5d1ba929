import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { expect, test } from 'vitest';
import { allMutants } from './all-mutants.ts';
import { editsOf } from './mutant.ts';
import { applyEdit, pathOf } from './plant-mutant.ts';

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
