import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Benchmark } from './benchmark.ts';
import { QUIET_CORES, measureForeignLoad } from './measuring/foreign-load.ts';
import { type MeasuredPart, measureRounds } from './measuring/measure-rounds.ts';
import { renderTable } from './measuring/render-table.ts';
import { renderProfiles, summarizeProfiles } from './measuring/summarize-profiles.ts';
import { describeVersions } from './measuring/versions.ts';

export interface BenchRun {
  benchmarks: readonly Benchmark[];
  rounds: number;
  isShort: boolean;
  soakMs: number;
  /** A folder for processor profiles; null for none. */
  profiles: string | null;
  /** Where the table goes besides the output. */
  markdownFile: string | null;
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
  const seconds = benchmarks.reduce((sum, { takesSeconds }) => sum + takesSeconds, 0);
  if (!isShort) write(`About ${Math.ceil((seconds * (rounds + 1)) / 6 / 60)} minutes on two quiet cores`);
  write(`${rounds} rounds of each side, in turn; one more that does not count${isShort ? '; SHORT: small sizes' : ''}`);
  try {
    for (const benchmark of benchmarks) {
      try {
        const startedAt = performance.now();
        const foreignCores = await measureForeignLoad();
        const load = `other programs keep ${foreignCores.toFixed(1)} cores busy`;
        write(
          `${benchmark.name}: ${load}${foreignCores > QUIET_CORES ? ': NOT QUIET, its figures will be too bad' : ''}`,
        );
        const profileFolder = run.profiles === null ? null : path.join(run.profiles, benchmark.name);
        const one = await profiled(profileFolder, write, () => measureOne(benchmark, run, folder));
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
  const table = renderTable(measured);
  write(`\n${sizes.join('\n')}\n\n${table}`);
  if (run.markdownFile !== null) {
    const when = new Date().toISOString().slice(0, 16).replace('T', ' ');
    const about = [`${describeVersions()}; ${rounds} rounds; ${when} UTC.`, busy.length > 0 ? notQuiet(busy) : ''];
    writeFileSync(run.markdownFile, `${about.filter((line) => line !== '').join('\n\n')}\n\n${table}\n`);
  }
  if (isShort) write('Sizes were scaled down (--short): these figures say that it works, not how fast it is.');
  if (busy.length > 0) write(notQuiet(busy));
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

function notQuiet(busy: readonly string[]): string {
  return `Other programs kept the machine busy, so these are worse than they should be: ${busy.join(', ')}.`;
}

async function measureOne(
  benchmark: Benchmark,
  run: BenchRun,
  runFolder: string,
): Promise<{ size: string; parts: MeasuredPart[] }> {
  const { rounds, isShort, soakMs, write } = run;
  const say = (line: string): void => write(`${benchmark.name}: ${line}`);
  const profileFolder = run.profiles === null ? null : path.join(run.profiles, benchmark.name);
  say('setting up');
  const open = await benchmark.open({ isShort, soakMs, profileFolder, folder: runFolder, say });
  try {
    const parts = await measureRounds(benchmark, open, rounds, (round) =>
      say(round === 0 ? 'warming up' : `round ${round} of ${rounds}`),
    );
    return { size: open.size, parts };
  } finally {
    await open.close();
  }
}

/** Every process that is started meanwhile records what it does, and so do their threads. */
async function profiled<Answer>(
  folder: string | null,
  write: (line: string) => void,
  work: () => Promise<Answer>,
): Promise<Answer> {
  if (folder === null) return work();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const before = process.env['NODE_OPTIONS'] ?? '';
  process.env['NODE_OPTIONS'] = `${before} --cpu-prof --cpu-prof-dir=${folder}`.trim();
  try {
    return await work();
  } finally {
    process.env['NODE_OPTIONS'] = before;
    write(renderProfiles(summarizeProfiles(folder, path.join(import.meta.dirname, '..'))));
  }
}
