import type { MessagePort, Worker } from 'node:worker_threads';
import type { ErrorDetails, ErrorKind } from '../../../shared/errors.ts';
import { AppError } from '../../../shared/errors.ts';
import { release } from './own-memory.ts';

const THREAD_DIED = 'thread-died';

// What is called in another thread: methods only, arguments and results that structured clone can carry.
// oxlint-disable-next-line typescript/no-explicit-any -- any method whatsoever; `call` gives its types back
type Method = (...args: any[]) => unknown;
type MethodName<Target> = {
  [Key in keyof Target]: Target[Key] extends Method ? Key : never;
}[keyof Target] &
  string;
type Args<Target, Name extends keyof Target> = Target[Name] extends Method ? Parameters<Target[Name]> : never;
type Result<Target, Name extends keyof Target> = Target[Name] extends Method
  ? Awaited<ReturnType<Target[Name]>>
  : never;

/** Calls methods of an object that lives elsewhere, in order. */
export interface ThreadLink<Target> {
  /** @throws what the method threw; AppErrors and SQLite's codes survive the way */
  call<Name extends MethodName<Target>>(name: Name, ...args: Args<Target, Name>): Promise<Result<Target, Name>>;
  /** Ends the thread; calls under way are rejected. */
  end(): Promise<void>;
}

/** Either end of what joins two threads. */
type ThreadPort = Worker | MessagePort;

interface CallMessage {
  id: number;
  name: string;
  args: unknown[];
}
type AnswerMessage = { id: number; ok: true; value: unknown } | { id: number; ok: false; error: ThrownError };

interface ThrownError {
  message: string;
  stack?: string | undefined;
  /** Of an AppError. */
  kind?: ErrorKind;
  details?: ErrorDetails;
  /** Of a SqliteError. */
  code?: string;
}

/** Serves an object's methods to the other side of `port`. */
export function serveThread(port: ThreadPort, target: object): void {
  port.on('message', ({ id, name, args }: CallMessage) => {
    void (async () => {
      try {
        const method = (target as Record<string, Method>)[name];
        if (typeof method !== 'function') throw new AppError('internal', `There is no ${name} in this thread.`);
        const value: unknown = await method.apply(target, args);
        port.postMessage({ id, ok: true, value } satisfies AnswerMessage);
      } catch (error) {
        port.postMessage({ id, ok: false, error: describe(error) } satisfies AnswerMessage);
      }
      // Of bytes that came over the port nobody else knows.
      for (const arg of args) if (arg instanceof Uint8Array) release(arg);
    })();
  });
}

/** The calling side. @param terminate ends the thread */
export class PortLink<Target> implements ThreadLink<Target> {
  readonly #port: ThreadPort;
  readonly #terminate: () => Promise<unknown>;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>();
  #nextId = 1;
  #end: AppError | null = null;

  constructor(port: ThreadPort, terminate: () => Promise<unknown>) {
    this.#port = port;
    this.#terminate = terminate;
    port.on('message', (answer: AnswerMessage) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (answer.ok) waiting?.resolve(answer.value);
      else waiting?.reject(revive(answer.error));
    });
  }

  call<Name extends MethodName<Target>>(name: Name, ...args: Args<Target, Name>): Promise<Result<Target, Name>> {
    return new Promise((resolve, reject) => {
      if (this.#end !== null) {
        reject(this.#end);
        return;
      }
      const id = this.#nextId;
      this.#nextId += 1;
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#port.postMessage({ id, name, args } satisfies CallMessage);
    });
  }

  /** The thread is gone: nothing it was asked will be answered. */
  break(error: AppError): void {
    this.#end = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  async end(): Promise<void> {
    this.break(new AppError('internal', 'The thread was ended.'));
    await this.#terminate();
  }
}

/** The same in this very thread, for simulations and tests: every call is made at once, its answer comes later. */
export class InlineLink<Target extends object> implements ThreadLink<Target> {
  readonly #target: Target;

  constructor(target: Target) {
    this.#target = target;
  }

  call<Name extends MethodName<Target>>(name: Name, ...args: Args<Target, Name>): Promise<Result<Target, Name>> {
    const method = this.#target[name] as Method;
    try {
      return Promise.resolve(method.apply(this.#target, args) as Result<Target, Name>);
    } catch (error) {
      // As it was thrown: a simulated process dies by an exception of its own.
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- whatever it was
      return Promise.reject(error);
    }
  }

  async end(): Promise<void> {
    // There is no thread to end.
  }
}

function describe(error: unknown): ThrownError {
  if (error instanceof AppError) {
    const { cause: _cause, ...details } = error.details;
    return { message: error.message, stack: error.stack, kind: error.kind, details };
  }
  if (!(error instanceof Error)) return { message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return { message: error.message, stack: error.stack, ...code };
}

function revive({ message, stack, kind, details, code }: ThrownError): Error {
  const error = kind === undefined ? new Error(message) : new AppError(kind, message, details);
  if (stack !== undefined) error.stack = stack;
  return code === undefined ? error : Object.assign(error, { code });
}

/** What every call to a thread that died is answered; it was not, or not certainly, done. */
export function threadDied(message: string, cause?: unknown): AppError {
  return new AppError('internal', message, { reason: THREAD_DIED, cause });
}

export function isThreadDeath(error: unknown): boolean {
  return error instanceof AppError && error.details.reason === THREAD_DIED;
}
