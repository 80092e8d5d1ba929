import fs from 'node:fs';
import { inProject } from './project-root.mjs';
import { runNode } from './run-node.mjs';

const vitestScript = inProject('node_modules', 'vitest', 'vitest.mjs');
const playwrightScript = inProject('node_modules', '@playwright', 'test', 'cli.js');

const vitestProjects = [
  ...['unit', 'renderer', 'widget', 'contract', 'architecture', 'simulation', 'faults'],
  ...['long', 'packaging'],
];
/** Of a failure's message, in the closing lines. */
const shownLines = 12;
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
 * @returns `{ passed, failures: [{ name, message }], skipped: [{ name, reason }] }`
 */
export async function runSuites(names, filters = []) {
  const total = { passed: 0, failures: [], skipped: [] };
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

/** Prints what was skipped and why and what failed, by name, then the one closing line. Returns the exit code. */
export function report({ passed, failures, skipped }) {
  for (const { name, reason } of skipped) process.stdout.write(`skipped: ${name} (${reason ?? 'no reason given'})\n`);
  for (const { name, message } of failures) process.stdout.write(`failed: ${name}\n${indented(message ?? '')}`);
  process.stdout.write(`${passed} passed, ${failures.length} failed, ${skipped.length} skipped\n`);
  return failures.length === 0 ? 0 : 1;
}

/** The start of a message; the whole of it stands where the tool printed it. */
function indented(message) {
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  return lines
    .slice(0, shownLines)
    .map((line) => `  ${line}\n`)
    .join('');
}

async function runTool(toolName, script, toolArguments) {
  const summaryFile = inProject('.cache', 'launch', 'summaries', `${toolName}-${process.pid}.json`);
  fs.mkdirSync(summaryFolder, { recursive: true });
  fs.rmSync(summaryFile, { force: true });
  const code = await runNode(script, toolArguments, { env: { LIENDESK_SUMMARY_FILE: summaryFile } });
  const summary = readSummary(summaryFile);
  if (code !== 0 && summary.failures.length === 0) {
    summary.failures.push({ name: toolName, message: `ended with exit code ${code} although no test failed` });
  }
  return summary;
}

function readSummary(summaryFile) {
  if (!fs.existsSync(summaryFile)) return { passed: 0, failures: [], skipped: [] };
  const summary = JSON.parse(fs.readFileSync(summaryFile, 'utf8'));
  fs.rmSync(summaryFile);
  return summary;
}

function add(total, summary) {
  total.passed += summary.passed;
  total.failures.push(...summary.failures);
  total.skipped.push(...summary.skipped);
}
