import { type ChildProcess, fork } from 'node:child_process';

/** What a child process of ours offers: named calls with one argument and an answer that can be cloned. */
export type Calls = Record<string, (input: never) => unknown>;

type Request = { id: number; call: string; input: unknown };
type Reply = { id: number; output: unknown } | { id: number; error: string };

const STOP_WITHIN_MS = 5000;

export interface Child<Offered extends Calls> {
  call<Name extends keyof Offered & string>(
    name: Name,
    input: Parameters<Offered[Name]>[0],
  ): Promise<Awaited<ReturnType<Offered[Name]>>>;
  stop(): Promise<void>;
}

/** Serves the calls of the process that forked this one; when that ends, so does this. */
export function serveCalls(calls: Calls): void {
  process.on('message', (request: Request) => {
    void answer(calls, request).then((reply) => void process.send?.(reply));
  });
  process.on('disconnect', () => process.exit(0));
}

async function answer(calls: Calls, { id, call, input }: Request): Promise<Reply> {
  try {
    const found = calls[call];
    if (found === undefined) throw new Error(`there is no call ${call}`);
    return { id, output: await found(input as never) };
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/**
 * Starts a process that serves calls.
 * @param entry its file
 * @param nodeArguments what Node is told besides
 */
export function startChild<Offered extends Calls>(
  entry: string,
  nodeArguments: readonly string[] = [],
): Child<Offered> {
  const child = fork(entry, [], {
    execArgv: [...process.execArgv, '--expose-gc', ...nodeArguments],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  const open = new Map<number, { resolve: (output: unknown) => void; reject: (error: Error) => void }>();
  let nextId = 1;
  child.on('message', (reply: Reply) => {
    const call = open.get(reply.id);
    open.delete(reply.id);
    if ('error' in reply) call?.reject(new Error(reply.error));
    else call?.resolve(reply.output);
  });
  child.once('exit', (code, signal) => {
    for (const { reject } of open.values()) reject(new Error(`${entry} ended (${String(signal ?? code)})`));
    open.clear();
  });
  return {
    call: (name, input) =>
      new Promise((resolve, reject) => {
        const id = nextId;
        nextId += 1;
        open.set(id, { resolve: resolve as (output: unknown) => void, reject });
        child.send({ id, call: name, input } satisfies Request, (error) => {
          if (error !== null) reject(error);
        });
      }),
    stop: () => endChild(child, () => child.disconnect()),
  };
}

/** Asks a process to end, waits for that, and after five seconds does not ask any more. */
export async function endChild(child: ChildProcess, ask: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  ask();
  await ended;
  clearTimeout(impatience);
}
