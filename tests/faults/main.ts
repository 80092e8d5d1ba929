import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type FaultName, describeFault, faultNames, makePlan } from './fault-plan.ts';
import { runFaults } from './fault-run.ts';
import { printOutcome } from './print-outcome.ts';

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
