import path from 'node:path';
import { parseArgs } from 'node:util';
import { benchmarks } from './benchmarks.ts';
import { runBenchmarks } from './run-benchmarks.ts';

const HELP = `npm run bench -- [name…] [options]

Measures Liendesk against plain parts in the same run and prints the ratios. Results: bench/results/latest.json.

  --all             all of them; without a name, all but those that take more than ten minutes
  --rounds N        rounds of each side that count (default 5; 2 with --short)
  --short           small sizes, to see that everything works
  --markdown FILE   also writes the table there
  --profile         records processor profiles: prints where the time went, keeps them in bench/results/profiles;
                    recording costs time, so these are no figures to compare
  --soak SECONDS    how long a round of \`memory\` keeps the core at work (default 8)
  --help            this text

Names, and seconds that each takes on two quiet cores:
${benchmarks.map(({ name, takesSeconds }) => `  ${name.padEnd(22)} ${takesSeconds}`).join('\n')}
`;

async function run(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      all: { type: 'boolean' },
      rounds: { type: 'string' },
      short: { type: 'boolean' },
      markdown: { type: 'string' },
      profile: { type: 'boolean' },
      soak: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const isShort = values.short ?? false;
  const rounds = Number(values.rounds ?? (isShort ? 2 : 5));
  const soakSeconds = Number(values.soak ?? 8);
  const unknown = positionals.filter((name) => benchmarks.every((one) => one.name !== name));
  if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1 || !(soakSeconds > 0)) {
    process.stderr.write(unknown.length > 0 ? `Unknown: ${unknown.join(', ')}\n\n${HELP}` : HELP);
    return 2;
  }
  const results = path.join(import.meta.dirname, 'results');
  const isGood = await runBenchmarks({
    benchmarks: benchmarks.filter(
      ({ name, isLong }) =>
        values.all === true || (positionals.length === 0 ? isLong !== true : positionals.includes(name)),
    ),
    rounds,
    isShort,
    soakMs: soakSeconds * 1000,
    profiles: values.profile === true ? path.join(results, 'profiles') : null,
    markdownFile: values.markdown === undefined ? null : path.resolve(values.markdown),
    resultFile: path.join(results, 'latest.json'),
    write: (line) => void process.stdout.write(`${line}\n`),
  });
  return isGood ? 0 : 1;
}

// What it starts ends with it, and its files go: see `runBenchmarks`.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
// Consoles and relays say what goes wrong, and nothing else.
process.env['LIENDESK_LOG'] ??= 'error';
process.exitCode = await run();
