import { inProject } from './project-root.mjs';
import { runNode } from './run-node.mjs';
import { runSuites } from './suites.mjs';

const script = (...parts) => inProject('node_modules', ...parts);
const tool =
  (scriptPath, ...toolArguments) =>
  async () =>
    (await runNode(scriptPath, toolArguments)) === 0;

const steps = [
  { name: 'format', runStep: tool(script('oxfmt', 'bin', 'oxfmt'), '--check', '.') },
  // --force: an incremental build keeps reporting by the old `lib` after a tsconfig changed; a whole one takes a second.
  { name: 'types', runStep: tool(script('typescript', 'bin', 'tsc'), '-b', '--force') },
  { name: 'lint', runStep: tool(script('oxlint', 'bin', 'oxlint'), '--type-aware', '.') },
  { name: 'architecture', runStep: async () => (await runSuites(['architecture'])).failures.length === 0 },
  { name: 'unused-code', runStep: tool(script('knip', 'bin', 'knip.js'), '--no-progress', '--no-config-hints') },
];

/** `npm run check [-- step…]`: every step runs, so that one report shows all there is to mend. */
export async function run(names) {
  const chosen = names.length > 0 ? steps.filter(({ name }) => names.includes(name)) : steps;
  const lines = [];
  let hasFailed = chosen.length === 0;
  for (const { name, runStep } of chosen) {
    const startedAt = Date.now();
    const isGood = await runStep();
    hasFailed ||= !isGood;
    lines.push(`check ${name}: ${isGood ? 'ok' : 'FAILED'} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
  return hasFailed ? 1 : 0;
}
