import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe } from 'vitest';
import type { FromCoreFrame, Port, ToCoreFrame } from '../../shared/core-api/port.ts';
import type { FromCoreProcess, ToCoreProcess } from '../../shared/host-api/core-process.ts';
import { Subscribable } from '../../shared/primitives/subscribable.ts';
import { createAgentCore } from '../../src-main/core/agent-core.ts';
import { createSystemClock, createSystemRandom } from '../../src-main/core/system-clock.ts';
import { findCoreBundle } from '../../src-main/host-loopback/core-child.ts';
import { TEST_KEYS } from '../fakes/console-process.ts';
import { type PortHarness, type PortSignIn, portContract } from './port.contract.ts';

const root = path.join(import.meta.dirname, '..', '..');
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function makeFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'liendesk-port-'));
  folders.push(folder);
  return folder;
}

/** The two ends of a pipe in this process. Frames are cloned on the way, as over any wire. */
async function openInMemory(signIn: PortSignIn): Promise<PortHarness> {
  const core = await createAgentCore({
    ballastBytes: 0,
    dataDir: makeFolder(),
    keys: TEST_KEYS,
    clock: createSystemClock(),
    random: createSystemRandom(),
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    signIn,
  });
  const toCore = new Subscribable<ToCoreFrame>();
  const fromCore = new Subscribable<FromCoreFrame>();
  const closes = new Subscribable<void>();
  const ending = { onClose: (listener: () => void) => closes.subscribe(listener), close: () => closes.publish() };
  core.attach({
    ...ending,
    send: (frame) => fromCore.publish(structuredClone(frame)),
    onFrame: (listener) => toCore.subscribe(listener),
  });
  return {
    port: {
      ...ending,
      send: (frame) => toCore.publish(structuredClone(frame)),
      onFrame: (listener) => fromCore.subscribe(listener),
    },
    endCore: () => core.close(),
  };
}

/** A headless console: one JSON object a line. */
async function openHeadless({ relayUrl, email, password }: PortSignIn): Promise<PortHarness> {
  const folder = makeFolder();
  const passwordFile = path.join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  const entry = path.join(root, 'src-main', 'host-headless', 'main.ts');
  const options = ['--relay', relayUrl, '--email', email, '--password-file', passwordFile, '--data-dir', folder];
  const child = spawn(process.execPath, [entry, ...options], { stdio: ['pipe', 'pipe', 'ignore'] });
  const frames = new Subscribable<FromCoreFrame>();
  let rest = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) frames.publish(JSON.parse(line) as FromCoreFrame);
  });
  child.stdin.on('error', () => undefined);
  const port: Port<ToCoreFrame, FromCoreFrame> = {
    send: (frame) => void child.stdin.write(`${JSON.stringify(frame)}\n`),
    onFrame: (listener) => frames.subscribe(listener),
    onClose: (listener) => {
      // Not `exit`, after which a last answer may still come out of the pipe.
      child.on('close', listener);
      return () => child.off('close', listener);
    },
    close: () => void child.stdin.end(),
  };
  return { port, endCore: () => ended(child, () => child.stdin.end()) };
}

/** The core's own process, as the loopback host starts it. */
async function openForked(signIn: PortSignIn): Promise<PortHarness> {
  const child = fork(findCoreBundle(root), [], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    execArgv: [],
  });
  const tell = (message: ToCoreProcess): void => {
    if (child.connected) child.send(message);
  };
  const frames = new Subscribable<FromCoreFrame>();
  const started = new Promise<void>((resolve, reject) => {
    child.on('message', (message: FromCoreProcess) => {
      if (message.type === 'started') resolve();
      else if (message.type === 'failed') reject(new Error(message.error.message));
      else if (message.type === 'frame' && message.client === 3) frames.publish(message.frame);
    });
    child.once('exit', () => reject(new Error('the core ended')));
  });
  tell({ type: 'start', options: { dataDir: makeFolder(), keys: TEST_KEYS, signIn } });
  await started;
  tell({ type: 'attach', client: 3 });
  const port: Port<ToCoreFrame, FromCoreFrame> = {
    send: (frame) => tell({ type: 'frame', client: 3, frame }),
    onFrame: (listener) => frames.subscribe(listener),
    onClose: (listener) => {
      child.on('close', listener);
      return () => child.off('close', listener);
    },
    close: () => tell({ type: 'detach', client: 3 }),
  };
  return { port, endCore: () => ended(child, () => tell({ type: 'stop' })) };
}

async function ended(child: ChildProcess, ask: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  ask();
  await exit;
}

describe('port in memory', () => portContract(openInMemory));
describe('port over lines of JSON', () => portContract(openHeadless));
describe('port to a forked process', () => portContract(openForked));
