import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { makePlan } from './fault-plan.ts';
import { runFaults } from './fault-run.ts';
import { printOutcome } from './print-outcome.ts';

const SEED = 20_261;
const DURATION_MS = 42_000;

test('INV-1 INV-3 INV-4 INV-5 INV-6 INV-7 INV-10 INV-11 INV-13 real processes, each kind of fault once: every invariant holds', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'liendesk-faults-'));
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const plan = makePlan({ seed: SEED, durationMs: DURATION_MS, everyMs: 1400, consoles: 3 });
  const options = { seed: SEED, plan, durationMs: DURATION_MS, consoles: 3, customers: 4, folder, say };
  // Agents begin a thing about twice a second; a busy machine does less, and proves as much of what it does.
  const outcome = await runFaults({ ...options, paceMs: 700, healWithinMs: 200_000 });
  if (outcome.violations.length > 0) {
    printOutcome(outcome, say);
    process.stderr.write(`${lines.join('\n')}\nFiles and logs: ${folder}\n`);
  }
  expect(outcome.violations).toEqual([]);
  expect(outcome.counts['taken']).toBeGreaterThan(0);
  expect(outcome.injected.length).toBe(plan.length);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});
