import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { createWidgetClient } from '../../src-widget/client/widget-client.ts';
import { AdminClient } from '../processes/admin-client.ts';
import { HeadlessConsole } from '../processes/headless-console.ts';
import { Program } from '../processes/program.ts';
import { findFreePort } from '../start/free-port.ts';
import { HeadlessAgent } from './agent-end.ts';
import type { RecordedConversation } from './corpus.ts';
import { type PlayedConversation, playConversation } from './play-conversation.ts';
import { judge, printReport } from './report.ts';

const ORIGIN = 'https://replay.example';
const PASSWORD = 'replayed-words-only';
/** Customers do not all come in the same moment. */
const ARRIVALS_MS = 5000;
const SETTLE_MS = 30_000;

export interface ReplayOptions {
  conversations: RecordedConversation[];
  speed: number;
  agents: number;
  relay: { url: string; dataDir: string | undefined; token: string | undefined } | null;
  channelId: string | null;
  killRelayAfterMs: number[];
  killConsoleAfterMs: number[];
  /** For everything this run writes. */
  folder: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  say(line: string): void;
}

const channelSchema = z.looseObject({ channel: z.looseObject({ widgetKey: z.string() }) });

/** @returns whether every message arrived once and in order, in both directions */
export async function runReplay(options: ReplayOptions): Promise<boolean> {
  const { say } = options;
  const relay = options.relay === null ? await OwnRelay.start(options.folder, options.env) : null;
  const agents: HeadlessAgent[] = [];
  try {
    const url = relay?.url ?? options.relay!.url;
    const admin = relay?.admin ?? adminOf(options.relay!);
    const widgetKey = await prepare(admin, options);
    say(
      `Relay ${url}, ${options.agents} headless consoles, ${options.conversations.length} conversations at ${options.speed}×.`,
    );
    for (let index = 0; index < options.agents; index += 1) agents.push(await startAgent(index, url, options));

    const stopChaos = scheduleKills(options, relay, agents);
    const played = await playAll(options, { url, widgetKey }, agents);
    stopChaos();
    say('All lines are said; comparing what was said with what every console and customer has …');
    const verdict = await judge(played, agents, SETTLE_MS);
    printReport(played, verdict, say);
    return verdict.problems.length === 0;
  } finally {
    await Promise.all(agents.map((agent) => agent.console.stop()));
    await relay?.stop();
  }
}

function adminOf(relay: NonNullable<ReplayOptions['relay']>): AdminClient {
  if (relay.token !== undefined) return new AdminClient(relay.url, relay.token);
  if (relay.dataDir !== undefined) return AdminClient.ofDataDir(relay.dataDir);
  throw new Error('With --relay, say how to make the agents: --admin-token T, or --relay-dir DIR of the relay.');
}

/** Makes the workspace, queue and agents of the replay where they are missing. @returns the widget's key */
async function prepare(admin: AdminClient, options: ReplayOptions): Promise<string> {
  try {
    await admin.call('GET', '/workspace');
  } catch {
    await admin.call('POST', '/workspace', { name: 'Replay' });
  }
  await admin.call('POST', '/queues', {
    id: 'queue-replay',
    name: 'Replay',
    reopenDays: 7,
    keepAssigneeOnReopen: true,
    escalationQueue: null,
  });
  for (let index = 0; index < options.agents; index += 1) {
    const id = `agent-replay-${index + 1}`;
    const email = `${id}@replay.example`;
    // A lead of the queue: whichever console answers may answer.
    await admin.call('POST', '/agents', {
      id,
      email,
      name: `Replay ${index + 1}`,
      role: 'lead',
      queues: ['queue-replay'],
      languages: ['en'],
      password: PASSWORD,
    });
  }
  const channel =
    options.channelId === null
      ? await admin.call('POST', '/channels', {
          id: 'channel-replay',
          name: 'Replay',
          queue: 'queue-replay',
          maxTextLength: 4000,
          allowedOrigins: [ORIGIN],
          rateLimits: null,
        })
      : await admin.call('GET', `/channels/${options.channelId}`);
  return channelSchema.parse(channel).channel.widgetKey;
}

async function startAgent(index: number, relayUrl: string, options: ReplayOptions): Promise<HeadlessAgent> {
  const dataDir = path.join(options.folder, `console-${index + 1}`);
  mkdirSync(dataDir, { recursive: true });
  const passwordFile = path.join(dataDir, 'password');
  writeFileSync(passwordFile, PASSWORD, { mode: 0o600 });
  const headless = new HeadlessConsole({
    relayUrl,
    email: `agent-replay-${index + 1}@replay.example`,
    passwordFile,
    dataDir,
    logFile: path.join(options.folder, `console-${index + 1}.log`),
  });
  await headless.start();
  return new HeadlessAgent(headless);
}

function playAll(
  options: ReplayOptions,
  relay: { url: string; widgetKey: string },
  agents: HeadlessAgent[],
): Promise<PlayedConversation[]> {
  const gap = ARRIVALS_MS / options.conversations.length;
  return Promise.all(
    options.conversations.map(async (recorded, index) => {
      await sleep(index * gap, undefined, { signal: options.signal });
      const client = createWidgetClient({
        baseUrl: relay.url,
        widgetKey: relay.widgetKey,
        origin: ORIGIN,
        locale: 'en',
      });
      await client.open();
      const customer = {
        send: async (text: string) => {
          const { entry, conversationId } = await client.send({ text });
          return { messageId: entry.messageId, conversationId };
        },
        onMessage: client.onMessage.bind(client),
      };
      try {
        return await playConversation(recorded, customer, agents[index % agents.length]!, {
          speed: options.speed,
          now: () => performance.now(),
          pause: (ms) => sleep(ms, undefined, { signal: options.signal }),
        });
      } finally {
        client.close();
      }
    }),
  );
}

/** @returns what takes back kills that have not happened yet */
function scheduleKills(options: ReplayOptions, relay: OwnRelay | null, agents: HeadlessAgent[]): () => void {
  const timers = [
    ...options.killRelayAfterMs.map((delayMs) =>
      setTimeout(() => {
        options.say(`-- kill -9 of the relay after ${delayMs / 1000} s, then started again`);
        void relay?.killAndStart();
      }, delayMs),
    ),
    ...options.killConsoleAfterMs.map((delayMs, index) =>
      setTimeout(() => {
        const agent = agents[index % agents.length]!;
        options.say(
          `-- kill -9 of console ${(index % agents.length) + 1} after ${delayMs / 1000} s, then started again`,
        );
        void agent.console.kill().then(() => agent.console.start());
      }, delayMs),
    ),
  ];
  return () => {
    for (const timer of timers) clearTimeout(timer);
  };
}

/** A relay of this run's own, on a fixed port, that can be killed and comes back. */
class OwnRelay {
  readonly #dataDir: string;
  readonly #port: number;
  readonly #env: NodeJS.ProcessEnv;
  #program: Program | null = null;

  private constructor(dataDir: string, port: number, env: NodeJS.ProcessEnv) {
    this.#dataDir = dataDir;
    this.#port = port;
    this.#env = env;
  }

  static async start(folder: string, env: NodeJS.ProcessEnv): Promise<OwnRelay> {
    const relay = new OwnRelay(path.join(folder, 'relay'), await findFreePort(0), env);
    await relay.#run();
    return relay;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get admin(): AdminClient {
    return AdminClient.ofDataDir(this.#dataDir);
  }

  async killAndStart(): Promise<void> {
    await this.#program?.kill();
    await this.#run();
  }

  async stop(): Promise<void> {
    await this.#program?.stop();
  }

  async #run(): Promise<void> {
    const program = await Program.start({
      entry: 'src-relay/main.ts',
      args: ['--host', '127.0.0.1', '--port', String(this.#port), '--data-dir', this.#dataDir],
      ready: /^Liendesk relay: (\S+)$/u,
      logFile: path.join(this.#dataDir, '..', 'relay.log'),
      env: this.#env,
    });
    this.#program = program;
    // Killed from outside: started again, as an operator's service manager would.
    program.onUnexpectedEnd(() => void this.#run());
  }
}
