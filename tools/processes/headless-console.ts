import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { CorePushName, CorePushes } from '../../shared/core-api/pushes.ts';
import type { CoreInput, CoreOutput, CoreRequestName } from '../../shared/core-api/requests.ts';
import { AppError, type ErrorBody } from '../../shared/errors.ts';
import { projectRoot } from './program.ts';

export interface HeadlessOptions {
  relayUrl: string;
  email: string;
  passwordFile: string;
  dataDir: string;
  logFile: string;
  /** Arguments of the Node that runs it. */
  nodeArguments?: readonly string[];
  /** Its environment; left out: this process's. */
  env?: NodeJS.ProcessEnv;
}

interface Waiting {
  resolve(output: unknown): void;
  reject(error: Error): void;
}

/** `npm run console:headless` as a child process, driven by its lines; may be killed and started again on its files. */
export class HeadlessConsole {
  readonly #options: HeadlessOptions;
  readonly #listeners = new Map<string, Set<(payload: never) => void>>();
  readonly #waiting = new Map<number, Waiting>();
  #child: ChildProcess | null = null;
  #nextId = 1;

  constructor(options: HeadlessOptions) {
    this.#options = options;
  }

  /** Starts it and waits until it answers. */
  async start(): Promise<void> {
    const { relayUrl, email, passwordFile, dataDir, logFile, nodeArguments = [], env } = this.#options;
    const args = ['--relay', relayUrl, '--email', email, '--password-file', passwordFile, '--data-dir', dataDir];
    const entry = path.join(projectRoot, 'src-main/host-headless/main.ts');
    const child = spawn(process.execPath, [...nodeArguments, entry, ...args], {
      cwd: projectRoot,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(env === undefined ? {} : { env }),
    });
    this.#child = child;
    child.stderr.pipe(createWriteStream(logFile, { flags: 'a' }));
    // A console that was killed takes its questions with it.
    child.stdin.on('error', () => undefined);
    child.on('exit', () => {
      if (this.#child === child) this.#child = null;
      const gone = [...this.#waiting.values()];
      this.#waiting.clear();
      for (const waiting of gone) waiting.reject(new AppError('retry', 'The console ended before it answered.'));
    });
    createInterface({ input: child.stdout }).on('line', (line) => this.#read(line));
    await this.request('session.current', {});
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** @throws AppError as the core answered it, or `retry` when the console ended meanwhile */
  request<Name extends CoreRequestName>(name: Name, input: CoreInput<Name>): Promise<CoreOutput<Name>> {
    const child = this.#child;
    if (child === null) return Promise.reject(new AppError('retry', 'The console is not running.'));
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (output: unknown) => void, reject });
      child.stdin!.write(`${JSON.stringify({ id, request: name, input })}\n`);
    });
  }

  /** @returns its own undo; stays over restarts */
  onPush<Name extends CorePushName>(name: Name, listener: (payload: CorePushes[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener as (payload: never) => void);
    return () => listeners.delete(listener as (payload: never) => void);
  }

  async kill(): Promise<void> {
    await this.#end((child) => child.kill('SIGKILL'));
  }

  async stop(): Promise<void> {
    await this.#end((child) => child.stdin!.end());
  }

  async #end(how: (child: ChildProcess) => void): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    how(child);
    const impatience = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(impatience);
  }

  #read(line: string): void {
    const frame = JSON.parse(line) as
      | { id: number; ok: true; output: unknown }
      | { id: number; ok: false; error: ErrorBody }
      | { push: string; payload: unknown }
      | { ephemeral: string };
    if ('push' in frame) {
      for (const listener of this.#listeners.get(frame.push) ?? []) listener(frame.payload as never);
    } else if ('id' in frame) {
      const waiting = this.#waiting.get(frame.id);
      this.#waiting.delete(frame.id);
      if (frame.ok) waiting?.resolve(frame.output);
      else waiting?.reject(AppError.fromBody(frame.error));
    }
  }
}
