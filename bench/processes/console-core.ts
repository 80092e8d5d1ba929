import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FromCoreFrame } from '../../shared/core-api/port.ts';
import type { CoreInput, CoreOutput, CoreRequestName } from '../../shared/core-api/requests.ts';
import type { SyncStatus } from '../../shared/core-api/views.ts';
import { AppError } from '../../shared/errors.ts';
import { readOrMakeLocalKeys } from '../../src-main/core/local-keys.ts';
import { CoreChild, type CoreLine, findCoreBundle } from '../../src-main/host-loopback/core-child.ts';

const PROJECT = path.join(import.meta.dirname, '../..');
const POLL_MS = 10;

export interface ConsoleCoreOptions {
  dataDir: string;
  signIn?: { relayUrl: string; email: string; password: string };
}

/** The real core in a process of its own, with one view attached: what a host and its window see of it. */
export class ConsoleCore {
  readonly #child: CoreChild;
  readonly #line: CoreLine;
  readonly #open = new Map<number, { resolve: (output: unknown) => void; reject: (error: Error) => void }>();
  #nextId = 1;

  private constructor(child: CoreChild) {
    this.#child = child;
    const breakAll = (): void => {
      for (const { reject } of this.#open.values()) reject(new Error('the core ended'));
      this.#open.clear();
    };
    this.#line = child.attach((frame) => {
      if (!('id' in frame)) return;
      const request = this.#open.get(frame.id);
      this.#open.delete(frame.id);
      if (frame.ok) request?.resolve(frame.output);
      else request?.reject(AppError.fromBody(frame.error));
    }, breakAll);
  }

  /** Starts the process; resolves when its files are open and it has begun to sync. */
  static async start({ dataDir, signIn }: ConsoleCoreOptions): Promise<ConsoleCore> {
    const options = { dataDir, keys: readOrMakeLocalKeys(dataDir), ...(signIn === undefined ? {} : { signIn }) };
    return new ConsoleCore(await CoreChild.start(findCoreBundle(PROJECT), options, () => {}));
  }

  get pid(): number {
    return this.#child.pid;
  }

  request<Name extends CoreRequestName>(request: Name, input: CoreInput<Name>): Promise<CoreOutput<Name>> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId;
      this.#nextId += 1;
      this.#open.set(id, { resolve: resolve as (output: unknown) => void, reject });
      this.#line.send({ id, request, input });
    });
  }

  /** Waits until the console is online and has everything up to `head`. @throws Error after `withinMs` */
  async reachHead(head: number, withinMs: number): Promise<void> {
    const giveUpAt = performance.now() + withinMs;
    for (;;) {
      const status: SyncStatus = await this.request('sync.status', {});
      if (status.state === 'online' && status.cursor >= head) return;
      if (performance.now() > giveUpAt) throw new Error(`the console is not at ${head}: ${JSON.stringify(status)}`);
      await sleep(POLL_MS);
    }
  }

  /** A line for another view, as hosts open them. */
  attach(onFrame: (frame: FromCoreFrame) => void, onEnd: () => void): CoreLine {
    return this.#child.attach(onFrame, onEnd);
  }

  stop(): Promise<void> {
    return this.#child.stop();
  }
}
