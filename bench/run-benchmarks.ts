import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Benchmark } from './benchmark.ts';
import { QUIET_CORES, measureForeignLoad } from './measuring/foreign-load.ts';
import { type MeasuredPart, measureRounds } from './measuring/measure-rounds.ts';
import { renderTable } from './measuring/render-table.ts';
import { describeVersions } from './measuring/versions.ts';

export interface BenchRun {
  benchmarks: readonly Benchmark[];
  rounds: number;
  isShort: boolean;
  soakMs: number;
  /** `latest.json`; its folder is made where there is none. */
  resultFile: string;
  write(line: string): void;
}

/**
 * Measures the benchmarks one after the other, prints their table and writes the results. One that breaks does not
 * stop the others. @returns whether all of them could be measured, however fast they were
 */
export async function runBenchmarks(run: BenchRun): Promise<boolean> {
  const { benchmarks, rounds, isShort, write } = run;
  const folder = mkdtempSync(path.join(tmpdir(), 'liendesk-bench-'));
  const measured: MeasuredPart[] = [];
  const sizes: string[] = [];
  const failures: string[] = [];
  const busy: string[] = [];
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  // Also when a signal ends the run.
  process.once('exit', removeFolder);
  write(describeVersions());
  write(`${rounds} rounds of each side, in turn; one more that does not count${isShort ? '; SHORT: small sizes' : ''}`);
  try {
    for (const benchmark of benchmarks) {
      try {
        const startedAt = performance.now();
        const foreignCores = await measureForeignLoad();
        const one = await measureOne(benchmark, run, folder);
        measured.push(...one.parts);
        sizes.push(`${benchmark.name}: ${one.size}\n  ours: ${benchmark.ours}\n  reference: ${benchmark.reference}`);
        write(`${benchmark.name}: done in ${Math.round((performance.now() - startedAt) / 1000)} s`);
        if (foreignCores > QUIET_CORES) busy.push(`${benchmark.name} (${foreignCores.toFixed(1)} cores)`);
      } catch (error) {
        failures.push(benchmark.name);
        write(`${benchmark.name}: BROKEN: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      }
    }
  } finally {
    process.removeListener('exit', removeFolder);
    removeFolder();
  }
  write(`\n${sizes.join('\n')}\n\n${renderTable(measured)}`);
  if (isShort) write('Sizes were scaled down (--short): these figures say that it works, not how fast it is.');
  if (busy.length > 0)
    write(`Other programs kept the machine busy, so these are worse than they should be: ${busy.join(', ')}.`);
  if (failures.length > 0) write(`Not measured, because broken: ${failures.join(', ')}`);
  mkdirSync(path.dirname(run.resultFile), { recursive: true });
  writeFileSync(
    run.resultFile,
    `${JSON.stringify(
      measured.map(({ result }) => result),
      null,
      2,
    )}\n`,
  );
  return failures.length === 0;
}

async function measureOne(
  benchmark: Benchmark,
  { rounds, isShort, soakMs, write }: BenchRun,
  runFolder: string,
): Promise<{ size: string; parts: MeasuredPart[] }> {
  const say = (line: string): void => write(`${benchmark.name}: ${line}`);
  say('setting up');
  const open = await benchmark.open({ isShort, soakMs, folder: runFolder, say });
  try {
    const parts = await measureRounds(benchmark, open, rounds, (round) =>
      say(round === 0 ? 'warming up' : `round ${round} of ${rounds}`),
    );
    return { size: open.size, parts };
  } finally {
    await open.close();
  }
}
