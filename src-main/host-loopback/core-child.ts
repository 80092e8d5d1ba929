import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { FromCoreFrame } from '../../shared/core-api/port.ts';
import { AppError } from '../../shared/errors.ts';
import type { CoreProcessOptions, FromCoreProcess, ToCoreProcess } from '../../shared/host-api/core-process.ts';

/** Half of the space in which V8 makes objects; left to itself it takes sixteen times as much, and keeps it. */
const YOUNG_OBJECTS_MB = 2;
/**
 * By how much what lives may grow before V8 looks for what does not any more: left to itself it waits until there is four
 * times as much on a machine with much memory, which is not the core's to take.
 */
const GROWS_BY_PERCENT = 50;
/**
 * In bytes. What is larger, such as a frame that came, has memory of its own, which the system has back when it is freed.
 * Left to itself glibc moves the bound up to 32 MB with the first that is freed, and what is smaller then leaves holes.
 */
const OWN_MEMORY_FROM = 128 * 1024;
const STOP_TIMEOUT_MS = 10_000;

/**
 * The core as one bundle, as a package has it (decision 0019).
 * @throws AppError `internal` when it was not built
 */
export function findCoreBundle(projectFolder: string): string {
  const bundle = path.join(projectFolder, 'dist/core/core.js');
  if (!existsSync(bundle)) {
    throw new AppError('internal', 'The console’s core is not built. Run "npm run build", or start with npm start.');
  }
  return bundle;
}

/** One window's line to the core: frames in, frames out, until it is detached or the core ends. */
export interface CoreLine {
  send(frame: unknown): void;
  detach(): void;
}

/** The core's process, as a forked child of this host. */
export class CoreChild {
  readonly #child: ChildProcess;
  readonly #lines = new Map<number, { onFrame: (frame: FromCoreFrame) => void; onEnd: () => void }>();
  #nextClient = 1;
  #hasEnded = false;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /**
   * Starts the core and waits until it can be used.
   * @param entry file of the core's process. It is compiled once for all starts, which saves time
   * @param onUnexpectedEnd called when the core ends without `stop`
   * @throws AppError as the core gave it, or `internal` when the process died
   */
  static async start(
    entry: string,
    options: CoreProcessOptions,
    onUnexpectedEnd: (code: number | null) => void,
  ): Promise<CoreChild> {
    const child = fork(entry, [], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
      execArgv: [
        ...process.execArgv,
        `--max-semi-space-size=${YOUNG_OBJECTS_MB}`,
        `--heap-growing-percent=${GROWS_BY_PERCENT}`,
        '--expose-gc',
      ],
      env: {
        // oxlint-disable-next-line liendesk/no-ambient-process -- passed on whole, as it is without this, not read
        ...process.env,
        NODE_COMPILE_CACHE: path.join(options.dataDir, 'compiled'),
        // Of glibc: threads share what one of them freed.
        MALLOC_ARENA_MAX: '1',
        MALLOC_MMAP_THRESHOLD_: String(OWN_MEMORY_FROM),
      },
    });
    const core = new CoreChild(child);
    await new Promise<void>((resolve, reject) => {
      child.on('message', (message: FromCoreProcess) => {
        if (message.type === 'started') resolve();
        else if (message.type === 'failed') reject(AppError.fromBody(message.error));
        else if (message.type === 'frame') core.#lines.get(message.client)?.onFrame(message.frame);
      });
      child.once('error', (cause) => reject(new AppError('internal', 'The core could not be started.', { cause })));
      child.once('exit', (code) => {
        const wasExpected = core.#hasEnded;
        core.#end();
        reject(new AppError('internal', `The core ended before it could be used (exit code ${String(code)}).`));
        if (!wasExpected) onUnexpectedEnd(code);
      });
      core.#tell({ type: 'start', options });
    });
    return core;
  }

  /** The process's id, for what watches how much it uses. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Opens a line for one window. */
  attach(onFrame: (frame: FromCoreFrame) => void, onEnd: () => void): CoreLine {
    const client = this.#nextClient;
    this.#nextClient += 1;
    this.#lines.set(client, { onFrame, onEnd });
    this.#tell({ type: 'attach', client });
    return {
      send: (frame) => this.#tell({ type: 'frame', client, frame }),
      detach: () => {
        if (this.#lines.delete(client)) this.#tell({ type: 'detach', client });
      },
    };
  }

  /** Asks the core to close its files and end; after a while it is ended without being asked. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#hasEnded = true;
    const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#tell({ type: 'stop' });
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(impatience);
  }

  #tell(message: ToCoreProcess): void {
    if (this.#child.connected) this.#child.send(message);
  }

  #end(): void {
    this.#hasEnded = true;
    const lines = [...this.#lines.values()];
    this.#lines.clear();
    for (const line of lines) line.onEnd();
  }
}
