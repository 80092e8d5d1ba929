import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const STOP_TIMEOUT_MS = 15_000;

export const projectRoot = path.resolve(import.meta.dirname, '../..');

/** What Node is told when it runs an entry of the product, however that is started. */
export function nodeArgumentsOf(entry: string): string[] {
  const file = path.join(projectRoot, 'tools/launch/node-arguments.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string[]>)[entry] ?? [];
}

export interface ProgramOptions {
  /** Left out: the Node this runs on. */
  command?: string;
  /** What it runs, relative to the project. */
  entry: string;
  args: string[];
  /** More arguments of the Node that runs it; only where that is ours. */
  nodeArguments?: readonly string[];
  /** The line on stdout that says it can be used. */
  ready: RegExp;
  /** Where its stderr goes; left out: to ours. */
  logFile?: string;
  /** The whole environment of the program: this process's, usually. */
  env: NodeJS.ProcessEnv;
  startTimeoutMs?: number;
}

/** One of the product's own programs as a child process, which ends when this process ends, however that happens. */
export class Program {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #isExpectedToEnd = false;
  /** What the ready line matched. */
  readonly match: RegExpMatchArray;

  private constructor(child: ChildProcess, ended: Promise<number | null>, match: RegExpMatchArray) {
    this.#child = child;
    this.#ended = ended;
    this.match = match;
  }

  /** @throws Error with the program's last words on stderr when it ends before it is ready */
  static async start(options: ProgramOptions): Promise<Program> {
    const childLink = pathToFileURL(path.join(projectRoot, 'tools/launch/child-link.mjs')).href;
    const entry = path.join(projectRoot, options.entry);
    const own =
      options.command === undefined
        ? [`--import=${childLink}`, ...nodeArgumentsOf(options.entry), ...(options.nodeArguments ?? []), entry]
        : [entry];
    const child = spawn(options.command ?? process.execPath, [...own, ...options.args], {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...options.env, LIENDESK_LAUNCHER: String(process.pid) },
    });
    const lastWords = keepLastLines(child, options.logFile);
    const ended = new Promise<number | null>((resolve) => {
      child.once('exit', (code) => resolve(code));
      child.once('error', () => resolve(null));
    });
    const match = await new Promise<RegExpMatchArray>((resolve, reject) => {
      const giveUp = setTimeout(() => {
        child.kill('SIGKILL');
        reject(new Error(`${options.entry} was not ready in time.`));
      }, options.startTimeoutMs ?? 60_000);
      createInterface({ input: child.stdout! }).on('line', (line) => {
        const found = line.match(options.ready);
        if (found === null) return;
        clearTimeout(giveUp);
        resolve(found);
      });
      void ended.then((code) => {
        clearTimeout(giveUp);
        reject(new Error(lastWords() || `${options.entry} ended with exit code ${String(code)}.`));
      });
    });
    return new Program(child, ended, match);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Calls back when the program ends without being asked to. */
  onUnexpectedEnd(listener: (code: number | null) => void): void {
    void this.#ended.then((code) => {
      if (!this.#isExpectedToEnd) listener(code);
    });
  }

  /** Ends it at once, as a power cut would. */
  async kill(): Promise<void> {
    this.#isExpectedToEnd = true;
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Asks it to end, and waits until it has. */
  async stop(): Promise<void> {
    this.#isExpectedToEnd = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    // The message reaches Windows too, where there are no signals.
    if (this.#child.connected) this.#child.send({ launcher: 'stop', signal: 'SIGTERM' });
    else this.#child.kill('SIGTERM');
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(impatience);
  }
}

function keepLastLines(child: ChildProcess, logFile: string | undefined): () => string {
  let last: string[] = [];
  if (logFile !== undefined) mkdirSync(path.dirname(logFile), { recursive: true });
  const log = logFile === undefined ? process.stderr : createWriteStream(logFile, { flags: 'a' });
  createInterface({ input: child.stderr! }).on('line', (line) => {
    log.write(`${line}\n`);
    last = [...last.slice(-4), line];
  });
  return () => last.filter((line) => !line.startsWith('{')).join('\n') || last.join('\n');
}
