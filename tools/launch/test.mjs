import { ensureBuilds } from './web-builds.mjs';
import { everySuite, report, runSuites, shortSuites } from './suites.mjs';

/** `npm test [-- suite… filter…]`: names of suites choose suites, anything else filters files by name. */
export async function run(testArguments) {
  const chosen = everySuite.filter((suite) => testArguments.includes(suite));
  const filters = testArguments.filter((one) => !everySuite.includes(one));
  const suites = chosen.length > 0 ? chosen : shortSuites;
  if (suites.includes('end-to-end') || suites.includes('contract')) await ensureBuilds(['renderer', 'widget', 'core']);
  return report(await runSuites(suites, filters));
}
