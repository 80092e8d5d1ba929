import { faultKinds, faultNames } from './fault-plan.ts';
import type { FaultRunOutcome } from './fault-run.ts';
import type { Violation } from './history-checker.ts';

const MOST_VIOLATIONS = 40;

/** A table of the faults, what was done meanwhile, and the verdict. */
export function printOutcome({ injected, violations, counts }: FaultRunOutcome, say: (line: string) => void): void {
  say('');
  say(`${'fault'.padEnd(26)}${'injected'.padStart(9)}${'skipped'.padStart(9)}  what it does`);
  for (const name of faultNames) {
    const ofKind = injected.filter(({ fault }) => fault.name === name);
    const skipped = ofKind.filter((one) => one.skipped !== null);
    const why = skipped[0]?.skipped;
    const done = String(ofKind.length - skipped.length).padStart(9);
    const { does } = faultKinds[name];
    say(
      `${name.padEnd(26)}${done}${String(skipped.length).padStart(9)}  ${does}${why === undefined ? '' : ` (${String(why)})`}`,
    );
  }
  printVerdict(violations, counts, say);
}

export function printVerdict(
  violations: readonly Violation[],
  counts: Readonly<Record<string, number>>,
  say: (line: string) => void,
): void {
  say('');
  for (const [what, count] of Object.entries(counts)) say(`${what}: ${count}`);
  say('');
  if (violations.length === 0) say('Verdict: every invariant holds.');
  else {
    say(`Verdict: ${violations.length} violations.`);
    for (const { invariant, what } of violations.slice(0, MOST_VIOLATIONS)) say(`  ${invariant}  ${what}`);
  }
}
