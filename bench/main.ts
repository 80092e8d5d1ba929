import path from 'node:path';
import { parseArgs } from 'node:util';
import { benchmarks } from './benchmarks.ts';
import { runBenchmarks } from './run-benchmarks.ts';

const HELP = `npm run bench -- [name…] [options]

Measures Liendesk against plain parts in the same run and prints the ratios. Results: bench/results/latest.json.

  --rounds N   rounds of each side that count (default 5; 2 with --short)
  --short      small sizes, to see that everything works
  --help       this text

Names: ${benchmarks.map(({ name }) => name).join(', ')}; all of them when none is given.
`;

async function run(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: 'string' }, short: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const isShort = values.short ?? false;
  const rounds = Number(values.rounds ?? (isShort ? 2 : 5));
  const unknown = positionals.filter((name) => benchmarks.every((one) => one.name !== name));
  if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
    process.stderr.write(unknown.length > 0 ? `Unknown: ${unknown.join(', ')}\n\n${HELP}` : HELP);
    return 2;
  }
  const isGood = await runBenchmarks({
    benchmarks: positionals.length === 0 ? benchmarks : benchmarks.filter(({ name }) => positionals.includes(name)),
    rounds,
    isShort,
    soakMs: 15_000,
    resultFile: path.join(import.meta.dirname, 'results', 'latest.json'),
    write: (line) => void process.stdout.write(`${line}\n`),
  });
  return isGood ? 0 : 1;
}

// What it starts ends with it, and its files go: see `runBenchmarks`.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
// Consoles and relays say what goes wrong, and nothing else.
process.env['LIENDESK_LOG'] ??= 'error';
process.exitCode = await run();
