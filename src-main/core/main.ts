import { pino } from 'pino';
import type { FromCoreFrame, Port, ToCoreFrame } from '../../shared/core-api/port.ts';
import { toErrorBody } from '../../shared/errors.ts';
import {
  type CoreProcessOptions,
  type FromCoreProcess,
  toCoreProcessSchema,
} from '../../shared/host-api/core-process.ts';
import { Subscribable } from '../../shared/primitives/subscribable.ts';
import { type AgentCore, createAgentCore } from './agent-core.ts';
import { allowCollecting } from './cache/give-back-memory.ts';
import { createSystemClock, createSystemRandom } from './system-clock.ts';

/** What this process and its host have between them: a forked child's channel, or Electron's parent port. */
interface HostLink {
  send(message: FromCoreProcess): void;
  onMessage(listener: (message: unknown) => void): void;
}

interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

function openHostLink(): HostLink {
  // Present in an Electron utility process only; nothing of Electron is imported for it.
  const { parentPort } = process as unknown as { parentPort?: ParentPort };
  if (parentPort !== undefined) {
    return {
      send: (message) => parentPort.postMessage(message),
      onMessage: (listener) => parentPort.on('message', (event) => listener(event.data)),
    };
  }
  return {
    send: (message) => {
      if (process.connected) process.send!(message);
    },
    onMessage: (listener) => process.on('message', listener),
  };
}

/** One window's port, as the host carries it. */
class ClientPort implements Port<FromCoreFrame, ToCoreFrame> {
  readonly #frames = new Subscribable<ToCoreFrame>();
  readonly #closes = new Subscribable<void>();
  readonly #client: number;
  readonly #link: HostLink;

  constructor(client: number, link: HostLink) {
    this.#client = client;
    this.#link = link;
  }

  send(frame: FromCoreFrame): void {
    this.#link.send({ type: 'frame', client: this.#client, frame });
  }

  onFrame(listener: (frame: ToCoreFrame) => void): () => void {
    return this.#frames.subscribe(listener);
  }

  onClose(listener: () => void): () => void {
    return this.#closes.subscribe(listener);
  }

  /** A frame from the window; the core's router checks it. */
  receive(frame: unknown): void {
    this.#frames.publish(frame as ToCoreFrame);
  }

  close(): void {
    this.#closes.publish();
  }
}

allowCollecting();
const link = openHostLink();
const clients = new Map<number, ClientPort>();
let core: AgentCore | null = null;
let isStopping = false;

async function start(options: CoreProcessOptions): Promise<void> {
  core = await createAgentCore({
    dataDir: options.dataDir,
    keys: options.keys,
    clock: createSystemClock(),
    random: createSystemRandom(),
    logger: pino({ level: process.env['LIENDESK_LOG'] ?? 'info', name: 'core' }, pino.destination(2)),
    // The bundle has the workers' entry beside this file.
    ...(import.meta.url.endsWith('.ts') ? {} : { workerScript: new URL('./core-worker.js', import.meta.url) }),
    ...(options.relayUrl === undefined ? {} : { relayUrl: options.relayUrl }),
    ...(options.signIn === undefined ? {} : { signIn: options.signIn }),
  });
  link.send({ type: 'started' });
}

async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  for (const port of clients.values()) port.close();
  await core?.close();
  link.send({ type: 'stopped' });
  process.exit(0);
}

link.onMessage((raw) => {
  const parsed = toCoreProcessSchema.safeParse(raw);
  if (!parsed.success) return;
  const message = parsed.data;
  switch (message.type) {
    case 'start':
      start(message.options).catch((error: unknown) => {
        link.send({ type: 'failed', error: toErrorBody(error, 'console') });
        process.exitCode = 1;
        setTimeout(() => process.exit(1), 100);
      });
      break;
    case 'attach': {
      const port = new ClientPort(message.client, link);
      clients.set(message.client, port);
      core?.attach(port);
      break;
    }
    case 'frame':
      clients.get(message.client)?.receive(message.frame);
      break;
    case 'detach':
      clients.get(message.client)?.close();
      clients.delete(message.client);
      break;
    case 'stop':
      void stop();
      break;
  }
});
// A host that died takes its core with it; the outbox is safe at every moment.
process.on('disconnect', () => void stop());
process.on('SIGTERM', () => void stop());
// Ctrl+C in a terminal reaches this process too; the host says when to stop.
process.on('SIGINT', () => undefined);
