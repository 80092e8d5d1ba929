import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { type SourceOf, bundleSources } from './bundle-sources.ts';

/** The parts of a V8 CPU profile that are read here. Times are in µs. */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples?: number[];
  timeDeltas?: number[];
}

export interface TimeSpent {
  /** `function file:line` in the project, `function file` from a bundle, or what V8 calls it. */
  place: string;
  ms: number;
}

/** What the threads that began with one file did. */
export interface ProfileSummary {
  /** The entry, as a path in the project. */
  entry: string;
  threads: number;
  /** Not idle, over all of them. */
  busyMs: number;
  /** Most self time first. */
  functions: TimeSpent[];
  files: TimeSpent[];
}

/** Where a function is written; its file is empty for what V8 does. */
type PlaceOf = (frame: CpuProfile['nodes'][number]['callFrame']) => { file: string; line: number | null };

const IDLE = new Set(['(idle)', '(root)']);

/** Adds up the profiles in a folder, by the entry of their threads, busiest first. */
export function summarizeProfiles(folder: string, projectFolder: string): ProfileSummary[] {
  const bundles = path.join(projectFolder, 'dist/');
  const placeOf = placesIn(
    projectFolder,
    bundleSources((file) => file.startsWith(bundles)),
  );
  const byEntry = new Map<string, { threads: number; functions: Map<string, number>; files: Map<string, number> }>();
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.cpuprofile'))) {
    const profile = JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as CpuProfile;
    const entry = name.startsWith('page') ? 'the page' : entryOf(profile, placeOf);
    const sum = byEntry.get(entry) ?? { threads: 0, functions: new Map(), files: new Map() };
    byEntry.set(entry, sum);
    sum.threads += 1;
    addSelfTimes(profile, placeOf, sum);
  }
  return [...byEntry]
    .map(([entry, { threads, functions, files }]) => ({
      entry,
      threads,
      busyMs: [...functions.values()].reduce((total, ms) => total + ms, 0),
      functions: mostFirst(functions),
      files: mostFirst(files),
    }))
    .sort((one, other) => other.busyMs - one.busyMs);
}

/** A few lines for people: where the time went. */
export function renderProfiles(summaries: readonly ProfileSummary[], places = 14): string {
  return summaries
    .filter(({ busyMs }) => busyMs > 100)
    .map(({ entry, threads, busyMs, functions, files }) => {
      const line = ({ place, ms }: TimeSpent): string =>
        `  ${((ms / busyMs) * 100).toFixed(1).padStart(5)} %  ${String(Math.round(ms)).padStart(6)} ms  ${place}`;
      return [
        `${entry}: ${Math.round(busyMs)} ms of processor time in ${threads} threads`,
        ...functions.slice(0, places).map(line),
        '  by file:',
        ...files.slice(0, Math.ceil(places / 2)).map(line),
      ].join('\n');
    })
    .join('\n');
}

function addSelfTimes(
  { nodes, samples = [], timeDeltas = [] }: CpuProfile,
  placeOf: PlaceOf,
  sum: { functions: Map<string, number>; files: Map<string, number> },
): void {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  samples.forEach((id, index) => {
    const frame = frames.get(id);
    if (frame === undefined || IDLE.has(frame.functionName)) return;
    const { file, line } = placeOf(frame);
    const ms = Math.max(0, timeDeltas[index] ?? 0) / 1000;
    const where = file === '' ? frame.functionName : file;
    const place =
      `${frame.functionName || '(anonymous)'} ${file}${line === null || file === '' ? '' : `:${line}`}`.trim();
    sum.functions.set(place, (sum.functions.get(place) ?? 0) + ms);
    sum.files.set(where, (sum.files.get(where) ?? 0) + ms);
  });
}

/** Of several threads of one file, what they do tells them apart. */
function entryOf({ nodes }: CpuProfile, placeOf: PlaceOf): string {
  const files = new Set(nodes.map(({ callFrame }) => placeOf(callFrame).file));
  const entry = [...files].find((file) => /^(?!node_modules).*main\.ts$/u.test(file)) ?? nameless(files);
  if (entry !== 'src-main/core/worker/main.ts') return entry;
  const calls = new Set(nodes.map(({ callFrame }) => callFrame.functionName));
  return `${entry} (${calls.has('applyFrame') ? 'writer' : 'reader'})`;
}

/** The code of an entry itself may be over too quickly to be seen. */
function nameless(files: ReadonlySet<string>): string {
  const own = [...files].find((file) => file.startsWith('bench/') && !file.startsWith('bench/processes/'));
  return own === undefined ? 'another process' : path.dirname(own);
}

/** A bundle's lines are not those of its sources. */
function placesIn(projectFolder: string, sourceOf: SourceOf): PlaceOf {
  return ({ url, lineNumber }) => {
    const file = url.replace(/^file:\/\//u, '');
    const source = sourceOf(file, lineNumber);
    if (source !== null) return { file: source, line: null };
    const short = file.startsWith(projectFolder)
      ? path.relative(projectFolder, file)
      : file.replace(/^.*\/node_modules\//u, 'node_modules/');
    return { file: short, line: lineNumber + 1 };
  };
}

function mostFirst(times: ReadonlyMap<string, number>): TimeSpent[] {
  return [...times].map(([place, ms]) => ({ place, ms })).sort((one, other) => other.ms - one.ms);
}
