import { expect, test } from 'vitest';
import { Drafts } from './drafts.ts';
import { runSeed } from './run-seed.ts';

test('SYNC-O1 INV-10 drafts on all machines of all agents, under all faults: nothing typed is lost, and all show the same', async () => {
  let typed = 0;
  for (let seed = 1; seed <= 40; seed += 1) {
    const scenario = new Drafts();
    const { violations } = await runSeed(seed, { scenario });
    expect({ seed, violations }).toEqual({ seed, violations: [] });
    typed += scenario.count;
  }
  expect(typed).toBeGreaterThan(400);
});
