import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CorePushName, CorePushes } from '../../shared/core-api/pushes.ts';
import type { FromCoreFrame, Port, ToCoreFrame } from '../../shared/core-api/port.ts';
import type { CoreInput, CoreOutput, CoreRequestName } from '../../shared/core-api/requests.ts';
import { AppError } from '../../shared/errors.ts';
import { Subscribable } from '../../shared/primitives/subscribable.ts';
import { type AgentCore, type AgentCoreOptions, createAgentCore } from '../../src-main/core/agent-core.ts';
import { LeasedKey } from '../../src-main/core/leased-key.ts';
import { createSystemClock, createSystemRandom } from '../../src-main/core/system-clock.ts';

export const TEST_KEYS = { cache: 'a1'.repeat(32), outbox: 'b2'.repeat(32) };

/** Of the cache in this folder. */
export function cacheKeyIn(folder: string): string {
  return new LeasedKey(folder, TEST_KEYS.cache, createSystemRandom()).current();
}

/** A view of a core in this process. */
export interface TestConsole {
  core: AgentCore;
  dataDir: string;
  request<Name extends CoreRequestName>(name: Name, input?: CoreInput<Name>): Promise<CoreOutput<Name>>;
  /** Sends a frame as it is. @returns the reply to `id` */
  raw(frame: unknown, id: number): Promise<FromCoreFrame>;
  send(frame: ToCoreFrame): void;
  /** Everything pushed so far under a name. */
  pushes<Name extends CorePushName>(name: Name): CorePushes[Name][];
  ephemerals: unknown[];
  close(): Promise<void>;
}

/** Opens a console; its folder is removed by `removeFolders` unless it was given. */
export async function openConsole(options: Partial<AgentCoreOptions> = {}): Promise<TestConsole> {
  const dataDir = options.dataDir ?? makeFolder('liendesk-console-');
  const silent = () => undefined;
  const core = await createAgentCore({
    keys: TEST_KEYS,
    ballastBytes: 0,
    clock: createSystemClock(),
    random: createSystemRandom(),
    logger: { info: silent, warn: silent, error: silent },
    ...options,
    dataDir,
  });
  return { dataDir, ...attachView(core) };
}

/** One more view of a core. */
export function attachView(core: AgentCore): Omit<TestConsole, 'dataDir'> {
  const toCore = new Subscribable<ToCoreFrame>();
  const closes = new Subscribable<void>();
  const waiting = new Map<number, (frame: FromCoreFrame) => void>();
  const pushed: { push: string; payload: unknown }[] = [];
  const ephemerals: unknown[] = [];
  const port: Port<FromCoreFrame, ToCoreFrame> = {
    // As over any wire: what cannot be cloned must not get here.
    send: (frame) => take(structuredClone(frame)),
    onFrame: (listener) => toCore.subscribe(listener),
    onClose: (listener) => closes.subscribe(listener),
    close: () => closes.publish(),
  };
  const take = (frame: FromCoreFrame): void => {
    if ('push' in frame) pushed.push(frame);
    else if ('ephemeral' in frame) ephemerals.push(frame.payload);
    else waiting.get(frame.id)?.(frame);
  };
  const raw = (frame: unknown, id: number): Promise<FromCoreFrame> =>
    new Promise((resolve) => {
      waiting.set(id, resolve);
      toCore.publish(frame as ToCoreFrame);
    });
  core.attach(port);
  let nextId = 1;
  return {
    core,
    raw,
    send: (frame) => toCore.publish(frame),
    pushes: (name) => pushed.filter(({ push }) => push === name).map(({ payload }) => payload as never),
    ephemerals,
    request: async (name, input) => {
      nextId += 1;
      const reply = await raw({ id: nextId, request: name, input: input ?? {} }, nextId);
      if (!('ok' in reply)) throw new Error('no reply');
      if (!reply.ok) throw AppError.fromBody(reply.error);
      return reply.output as never;
    },
    close: async () => {
      closes.publish();
      await core.close();
    },
  };
}

const folders: string[] = [];

export function makeFolder(prefix: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), prefix));
  folders.push(folder);
  return folder;
}

/** For `afterEach`. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Waits until `check` gives something other than false, null or undefined; fails after a minute saying what it waited for. */
export async function until<Value>(
  what: string,
  check: () => Promise<Value | false | null | undefined> | Value | false | null | undefined,
): Promise<Value> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const value = await check();
    if (value !== false && value !== null && value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
