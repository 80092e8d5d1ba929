import type { UtilityProcess } from 'electron';
import type { FromCoreFrame } from '../../shared/core-api/port.ts';
import { AppError } from '../../shared/errors.ts';
import type { CoreProcessOptions, FromCoreProcess, ToCoreProcess } from '../../shared/host-api/core-process.ts';

const STOP_TIMEOUT_MS = 10_000;

interface Line {
  onFrame(frame: FromCoreFrame): void;
  onEnd(): void;
}

/** The core in an Electron utility process. */
export class CoreProcess {
  readonly #process: Pick<UtilityProcess, 'postMessage' | 'kill' | 'on' | 'once'>;
  readonly #lines = new Map<number, Line>();
  readonly #ended: Promise<void>;
  #nextClient = 1;

  private constructor(utility: Pick<UtilityProcess, 'postMessage' | 'kill' | 'on' | 'once'>) {
    this.#process = utility;
    this.#ended = new Promise((resolve) => {
      utility.once('exit', () => {
        for (const line of this.#lines.values()) line.onEnd();
        this.#lines.clear();
        resolve();
      });
    });
  }

  /** Waits until the core can be used. @throws AppError as the core gave it */
  static async start(
    utility: Pick<UtilityProcess, 'postMessage' | 'kill' | 'on' | 'once'>,
    options: CoreProcessOptions,
  ): Promise<CoreProcess> {
    const core = new CoreProcess(utility);
    await new Promise<void>((resolve, reject) => {
      utility.on('message', (message: FromCoreProcess) => {
        if (message.type === 'started') resolve();
        else if (message.type === 'failed') reject(AppError.fromBody(message.error));
        else if (message.type === 'frame') core.#lines.get(message.client)?.onFrame(message.frame);
      });
      void core.#ended.then(() => reject(new AppError('internal', 'The core ended before it could be used.')));
      core.#tell({ type: 'start', options });
    });
    return core;
  }

  /** Opens a line for one window. */
  attach(line: Line): { send(frame: unknown): void; detach(): void } {
    const client = this.#nextClient;
    this.#nextClient += 1;
    this.#lines.set(client, line);
    this.#tell({ type: 'attach', client });
    return {
      send: (frame) => this.#tell({ type: 'frame', client, frame }),
      detach: () => {
        if (this.#lines.delete(client)) this.#tell({ type: 'detach', client });
      },
    };
  }

  onEnd(listener: () => void): void {
    void this.#ended.then(listener);
  }

  /** Asks the core to close its files; after a while it is ended without being asked. */
  async stop(): Promise<void> {
    this.#tell({ type: 'stop' });
    const impatience = setTimeout(() => this.#process.kill(), STOP_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(impatience);
  }

  #tell(message: ToCoreProcess): void {
    this.#process.postMessage(message);
  }
}
