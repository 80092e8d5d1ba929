import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { nodeArgumentsOf } from '../../tools/processes/program.ts';
import { endChild } from './child-calls.ts';

/** What a process has used since it began. */
export interface Usage {
  cpuMs: number;
  rssBytes: number;
}

/** A product process: its real `main.ts` with real arguments, Node's included, started by the Node that runs the benchmark. */
export interface MeasuredProcess {
  /** The rest of the line that begins with `announcement`. */
  announced: string;
  /** @param isCollected without what the garbage collector can find */
  usage(isCollected?: boolean): Promise<Usage>;
  stop(): Promise<void>;
}

export interface MeasuredProcessOptions {
  /** From the project's folder. */
  entry: string;
  arguments: string[];
  /** How the line on its stdout begins that says it is ready. */
  announcement: string;
}

const projectFolder = path.join(import.meta.dirname, '..', '..');
const usageReporter = pathToFileURL(path.join(import.meta.dirname, 'report-usage.ts')).href;

/** Starts a product process and waits until it says that it is ready. @throws Error with the end of its stderr */
export async function startMeasuredProcess(options: MeasuredProcessOptions): Promise<MeasuredProcess> {
  const child = spawn(
    process.execPath,
    [
      ...['--expose-gc', `--import=${usageReporter}`, ...nodeArgumentsOf(options.entry)],
      ...[path.join(projectFolder, options.entry), ...options.arguments],
    ],
    { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  );
  const endWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', endWithUs);
  child.once('exit', () => process.removeListener('exit', endWithUs));
  const announced = await readAnnouncement(child, options);
  return {
    announced,
    usage: (isCollected = false) =>
      new Promise((resolve, reject) => {
        child.once('message', (usage: Usage) => resolve(usage));
        child.send(isCollected ? 'collected-usage' : 'usage', (error) => {
          if (error !== null) reject(error);
        });
      }),
    stop: () => endChild(child, () => child.kill('SIGTERM')),
  };
}

function readAnnouncement(child: ChildProcess, { entry, announcement }: MeasuredProcessOptions): Promise<string> {
  let errors = '';
  let output = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4000);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`${entry} ended (${String(signal ?? code)}): ${errors}`)));
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (output.includes(announcement)) return;
      output += text;
      const [, rest] = output.split(announcement);
      if (rest?.includes('\n') === true) resolve(rest.slice(0, rest.indexOf('\n')).trim());
    });
  });
}
