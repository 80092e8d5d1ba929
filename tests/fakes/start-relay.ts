import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import type { AgentRole } from '../../shared/domain/agent/agent-access.ts';
import type { Clock } from '../../shared/primitives/clock.ts';
import { makeUuidV7 } from '../../shared/primitives/uuid-v7.ts';
import type { CommandResult } from '../../shared/relay-protocol/commands.ts';
import { openRelayDatabase } from '../../src-relay/event-log/open-relay-database.ts';
import { type Relay, createRelay } from '../../src-relay/relay.ts';
import { createSystemClock, createSystemRandom } from '../../src-relay/system-clock.ts';
import { untilPortIsFree } from './until-port-is-free.ts';

export interface TestAgent {
  id: string;
  email: string;
  password: string;
}

export interface TestRelay extends Relay {
  /** `http://127.0.0.1:PORT` */
  url: string;
  dataFolder: string;
  /** Submits as the relay itself; fails the test when it is refused. */
  submitAsSystem(type: string, args: unknown): Promise<Extract<CommandResult, { ok: true }>>;
  putQueue(id: string, fields?: object): Promise<void>;
  /** An agent who can sign in. */
  addAgent(id: string, fields: { role?: AgentRole; queueIds?: string[]; isActive?: boolean }): Promise<TestAgent>;
  /** A channel of the web-chat kind, without its settings: customers come by `receive`. */
  putChannel(id: string, queueId: string): Promise<void>;
  /** A customer's message. @returns the conversation it went into */
  receive(message: ReceivedMessage): Promise<{ conversationId: string; messageId: string; seq: number }>;
  /** Stops the relay; its folder stays when it was given. */
  stop(): Promise<void>;
}

interface ReceivedMessage {
  channelId: string;
  customerId: string;
  text: string;
  conversationId?: string | null;
}

/** By which no time passes, however slow the machine is: whoever used up a limit stays at it. Timers fire as ever. */
export function clockOfLimits(): Clock {
  return { ...createSystemClock(), monotonic: () => 0 };
}

/** Bearer token of the admin API of a test relay. */
export const TEST_ADMIN_TOKEN = 'admin-token-of-tests';

export function makeId(): string {
  return makeUuidV7(Date.now(), createSystemRandom().bytes(10));
}

/** A real relay on a free port, with its data in a folder of its own or in `dataFolder`. */
export async function startRelay(
  options: { dataFolder?: string; port?: number; tls?: { cert: Buffer; key: Buffer }; clock?: Clock } = {},
): Promise<TestRelay> {
  const dataFolder = options.dataFolder ?? mkdtempSync(path.join(tmpdir(), 'liendesk-relay-'));
  const database = openRelayDatabase(path.join(dataFolder, 'relay.db'));
  const clock = options.clock ?? createSystemClock();
  const random = createSystemRandom();
  const relay = await createRelay({
    database,
    filesFolder: path.join(dataFolder, 'files'),
    signingKey: new Uint8Array(32).fill(7),
    widgetFolder: path.join(dataFolder, 'widget'),
    clock,
    random,
    logger: pino({ level: process.env['LIENDESK_TEST_LOG'] ?? 'silent' }),
    version: 'test',
    metricsToken: null,
    trustedProxies: [],
    tls: options.tls ?? null,
    adminToken: TEST_ADMIN_TOKEN,
    backupsFolder: path.join(dataFolder, 'backups'),
    publicUrl: null,
  });
  const wanted = options.port ?? 0;
  await untilPortIsFree(wanted);
  const port = await relay.listen({ host: '127.0.0.1', port: wanted });

  const submitAsSystem: TestRelay['submitAsSystem'] = async (type, args) => {
    const command = { id: makeId(), type, v: 1, args };
    const result = await relay.eventLog.submit({ command, by: { kind: 'system', name: 'test' }, isDelayed: false });
    if (!result.ok) throw new Error(`${type}: ${result.error.kind}: ${result.error.message}`);
    return result;
  };

  return {
    ...relay,
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    dataFolder,
    submitAsSystem,
    putQueue: async (id, fields = {}) => {
      const defaults = { name: id, reopenDays: 7, keepAssigneeOnReopen: true, escalationQueueId: null };
      await submitAsSystem('queue.put', { id, fields: { ...defaults, ...fields } });
    },
    addAgent: async (id, { role = 'agent', queueIds = [], isActive = true }) => {
      const email = `${id}@example.org`;
      const fields = { name: id, email, role, queueIds, languages: ['vi'], isActive };
      await submitAsSystem('agent.put', { id, fields });
      const password = `pass word of ${id}`;
      if (isActive && !relay.auth.hasPassword(id)) await relay.auth.setPassword(id, password);
      return { id, email, password };
    },
    putChannel: async (id, queueId) => {
      const fields = { kind: 'web-chat', name: id, queueId, maxTextLength: 4000 };
      await submitAsSystem('channel.put', { id, fields });
    },
    receive: async ({ channelId, customerId, text, conversationId = null }) => {
      const messageId = makeId();
      const result = await submitAsSystem('message.receive', {
        channelId,
        customer: {
          id: customerId,
          identity: { channelId, externalId: customerId, isVerified: false },
          profile: { name: customerId },
        },
        conversationId,
        newConversationId: makeId(),
        messageId,
        text,
        writtenAt: Date.now(),
      });
      const output = result.output as { conversationId: string };
      return { conversationId: output.conversationId, messageId, seq: result.seq };
    },
    stop: async () => {
      await relay.close();
      database.close();
      if (options.dataFolder === undefined) rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

/** Signs in over HTTP, as a console does. @returns the access token, and the sign-in it belongs to */
export async function signIn(
  relay: TestRelay,
  agent: TestAgent,
  deviceId = makeId(),
): Promise<{ accessToken: string; refreshToken: string; sessionId: string }> {
  const response = await fetch(`${relay.url}/api/v1/auth/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: agent.email, password: agent.password, deviceId, deviceName: 'test' }),
  });
  if (!response.ok) throw new Error(`sign-in: ${response.status} ${await response.text()}`);
  return (await response.json()) as { accessToken: string; refreshToken: string; sessionId: string };
}
