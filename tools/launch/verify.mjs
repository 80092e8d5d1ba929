import fs from 'node:fs';
import { inProject } from './project-root.mjs';
import { run as runCheck } from './check.mjs';
import { runNode } from './run-node.mjs';
import { everySuite, report, runSuites } from './suites.mjs';
import { ensureBuilds } from './web-builds.mjs';

/**
 * `npm run verify`: all there is, for before a release. Tests see LIENDESK_TEST_LENGTH=long; property tests look at
 * examples that nobody has looked at, and LIENDESK_PROPERTY_SEED looks at them again.
 */
export async function run() {
  const isCheckGood = (await runCheck([])) === 0;
  await ensureBuilds(['renderer', 'widget', 'core']);
  process.env.LIENDESK_TEST_LENGTH = 'long';
  process.env.LIENDESK_PROPERTY_SEED ??= String(Date.now() % 2 ** 31);
  process.stdout.write(`LIENDESK_PROPERTY_SEED=${process.env.LIENDESK_PROPERTY_SEED}\n`);
  const total = await runSuites(everySuite);
  const benchEntry = inProject('bench', 'main.ts');
  if (!fs.existsSync(benchEntry)) total.skipped.push({ name: 'bench', reason: 'bench/main.ts does not exist' });
  else if ((await runNode(benchEntry, ['--short'])) === 0) total.passed += 1;
  else total.failures.push({ name: 'bench', message: 'a short run of every benchmark ended badly' });
  if (!isCheckGood) process.stdout.write('npm run check failed; see its lines above\n');
  const testCode = report(total);
  return isCheckGood ? testCode : 1;
}
