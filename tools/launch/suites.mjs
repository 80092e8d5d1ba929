import fs from 'node:fs';
import { inProject } from './project-root.mjs';
import { runNode } from './run-node.mjs';

const vitestScript = inProject('node_modules', 'vitest', 'vitest.mjs');
const playwrightScript = inProject('node_modules', '@playwright', 'test', 'cli.js');

const vitestProjects = [
  ...['unit', 'renderer', 'widget', 'contract', 'architecture', 'simulation', 'faults'],
  ...['long', 'packaging'],
];
const summaryFolder = inProject('.cache', 'launch', 'summaries');

/** The suites of `npm test`, in order. `long` and `packaging` belong to `npm run verify` only. */
export const shortSuites = [
  ...['unit', 'renderer', 'widget', 'contract', 'architecture', 'simulation', 'faults'],
  'end-to-end',
];
export const everySuite = [...vitestProjects, 'end-to-end'];

/**
 * Runs suites one tool after the other and adds them up. A tool that ends badly without saying which test failed
 * counts as one failure, so that a crash can never read as success.
 * @param filters file name parts, passed on to the tools
 * @returns `{ passed, failed, skipped: [{ name, reason }] }`
 */
export async function runSuites(names, filters = []) {
  const total = { passed: 0, failed: 0, skipped: [] };
  const vitestNames = names.filter((name) => vitestProjects.includes(name));
  if (vitestNames.length > 0) {
    const projects = vitestNames.flatMap((name) => ['--project', name]);
    const reporters = ['--reporter=default', `--reporter=${inProject('tools', 'launch', 'vitest-summary.mjs')}`];
    add(total, await runTool('vitest', vitestScript, ['run', ...projects, ...reporters, ...filters]));
  }
  if (names.includes('end-to-end')) {
    const reporters = `--reporter=list,${inProject('tools', 'launch', 'playwright-summary.mjs')}`;
    add(total, await runTool('playwright', playwrightScript, ['test', reporters, '--pass-with-no-tests', ...filters]));
  }
  return total;
}

/** Prints what was skipped and why, then the one closing line. Returns the exit code. */
export function report({ passed, failed, skipped }) {
  for (const { name, reason } of skipped) process.stdout.write(`skipped: ${name} (${reason ?? 'no reason given'})\n`);
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped.length} skipped\n`);
  return failed === 0 ? 0 : 1;
}

async function runTool(toolName, script, toolArguments) {
  const summaryFile = inProject('.cache', 'launch', 'summaries', `${toolName}-${process.pid}.json`);
  fs.mkdirSync(summaryFolder, { recursive: true });
  fs.rmSync(summaryFile, { force: true });
  const code = await runNode(script, toolArguments, { env: { LIENDESK_SUMMARY_FILE: summaryFile } });
  const summary = readSummary(summaryFile);
  if (code !== 0 && summary.failed === 0) {
    process.stdout.write(`${toolName} ended with exit code ${code} although no test failed\n`);
    summary.failed = 1;
  }
  return summary;
}

function readSummary(summaryFile) {
  if (!fs.existsSync(summaryFile)) return { passed: 0, failed: 0, skipped: [] };
  const summary = JSON.parse(fs.readFileSync(summaryFile, 'utf8'));
  fs.rmSync(summaryFile);
  return summary;
}

function add(total, summary) {
  total.passed += summary.passed;
  total.failed += summary.failed;
  total.skipped.push(...summary.skipped);
}
