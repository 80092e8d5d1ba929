import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { BranchDay, OFFICE_LINE } from './branch-day.ts';
import { type FaultName, describeFault, faultNames, makePlan } from './fault-plan.ts';
import { runFaults } from './fault-run.ts';
import { printOutcome, printVerdict } from './print-outcome.ts';

const HELP = `npm run faults -- [options]

A real relay, real consoles and real customers under faults that are drawn from a seed, then a checker's verdict.
The same seed makes the same plan; what meets a fault when differs, since the processes are real.

  --minutes N    how long faults are injected (default 2)
  --seed N       of plan, agents and customers (default 1)
  --consoles N   headless consoles, an agent each (default 4)
  --customers N  web chats (default 6)
  --every S      seconds from fault to fault on average (default 3)
  --only A,B     these kinds of fault only
  --keep         keeps the folder with all files and logs
  --branch-day   instead: 8 agents at one line are offline for a day, with 500 commands written and 20,000 events behind
  --plan         prints the plan and ends
  --help         this text

Faults: ${faultNames.join(', ')}.
`;

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} takes a number above 0, not "${text}".`);
  return value;
}

function readNames(text: string | undefined): FaultName[] | undefined {
  if (text === undefined) return undefined;
  return text.split(',').map((one) => {
    const found = faultNames.find((name) => name === one.trim());
    if (found === undefined) throw new Error(`There is no fault "${one}"; one of: ${faultNames.join(', ')}.`);
    return found;
  });
}

async function runBranchDay(seed: number, isKept: boolean, say: (line: string) => void): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'liendesk-branch-'));
  say(`Files and logs: ${folder}`);
  const day = await BranchDay.write({
    seed,
    agents: 8,
    commands: 500,
    events: 20_000,
    conversations: 400,
    folder,
    say,
  });
  try {
    const { elapsedMs, traffic, doneMs } = await day.returnLine(OFFICE_LINE, false);
    const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
    say(`17:00  The line is back: 2 Mbit/s, 300 ms there and back, 1 of 100 pieces of 16 kB cuts its connection.`);
    say(
      `       All at the head with an empty outbox after ${seconds(elapsedMs)}; each: ${doneMs.map(seconds).join(', ')}.`,
    );
    const { bytesUp, bytesDown, cuts, connections } = traffic;
    say(
      `       ${(bytesDown / 1e6).toFixed(2)} MB down, ${(bytesUp / 1e6).toFixed(2)} MB up, ${connections} connections, ${cuts} cuts.`,
    );
    const { violations, counts } = await day.judge();
    printVerdict(violations, counts, say);
    if (violations.length === 0 && !isKept) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    return violations.length === 0 ? 0 : 1;
  } finally {
    await day.end();
  }
}

async function run(): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      minutes: { ...text, default: '2' },
      seed: { ...text, default: '1' },
      consoles: { ...text, default: '4' },
      customers: { ...text, default: '6' },
      every: { ...text, default: '3' },
      only: text,
      keep: { type: 'boolean', default: false },
      'branch-day': { type: 'boolean', default: false },
      plan: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  if (values.help) {
    say(HELP);
    return 0;
  }
  const seed = positive('seed', values.seed);
  if (values['branch-day']) return runBranchDay(seed, values.keep, say);
  const consoles = positive('consoles', values.consoles);
  const durationMs = positive('minutes', values.minutes) * 60_000;
  const names = readNames(values.only);
  const plan = makePlan({
    ...{ seed, durationMs, consoles, everyMs: positive('every', values.every) * 1000 },
    ...(names === undefined ? {} : { names }),
  });
  say(`Seed ${seed}: ${plan.length} faults.`);
  if (values.plan) {
    for (const fault of plan) say(`${(fault.atMs / 1000).toFixed(1).padStart(6)} s  ${describeFault(fault, consoles)}`);
    return 0;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'liendesk-faults-'));
  say(`Files and logs: ${folder}`);
  const outcome = await runFaults({
    ...{ seed, plan, durationMs, consoles, folder, say },
    customers: positive('customers', values.customers),
    paceMs: 900,
    healWithinMs: 180_000,
  });
  printOutcome(outcome, say);
  const isGood = outcome.violations.length === 0;
  if (isGood && !values.keep) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  return isGood ? 0 : 1;
}

process.exitCode = await run();
