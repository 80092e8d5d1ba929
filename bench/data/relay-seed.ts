import { hkdfSync } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { pino } from 'pino';
import { WORKSPACE_ID } from '../../shared/domain/workspace/workspace.ts';
import type { Clock, Random } from '../../shared/primitives/clock.ts';
import { makeUuidV7 } from '../../shared/primitives/uuid-v7.ts';
import { signAccessToken } from '../../src-relay/auth/access-token.ts';
import { type Auth, createAuth } from '../../src-relay/auth/auth.ts';
import { SessionStore } from '../../src-relay/auth/session-store.ts';
import { hashToken, makeToken } from '../../src-relay/auth/tokens.ts';
import { type DataFolder, openDataFolder } from '../../src-relay/data-folder.ts';
import type { EventLog, Submitter } from '../../src-relay/event-log/event-log.ts';
import { openRelayDatabase } from '../../src-relay/event-log/open-relay-database.ts';
import { openSqliteEventLog } from '../../src-relay/event-log/sqlite-event-log.ts';
import { createSystemClock, createSystemRandom } from '../../src-relay/system-clock.ts';
import type { TextGenerator } from './text-generator.ts';

export const QUEUE_ID = 'care';
export const CHANNEL_ID = 'shop';
const MAIN = { queueId: QUEUE_ID, channelId: CHANNEL_ID };
const APART = { queueId: 'back-office', channelId: 'back-office' };
/** Agents of a workspace that no swarm is to serve. */
export const AGENTS = 20;
/** Commands that are submitted before waiting for their results: what fits in one commit. */
const GROUP = 256;

const clock = createSystemClock();
const system: Submitter = { kind: 'system', name: 'bench' };

/** What a console needs to connect without the cost of a password. */
export interface IssuedToken {
  agentId: string;
  accessToken: string;
}

/**
 * A relay's data folder, filled through its own event log while no relay runs on it: the same commands and the same
 * checks as over the network, without the network.
 */
export class RelaySeed {
  readonly conversationIds: string[] = [];
  readonly #folder: DataFolder;
  readonly #database: Database;
  readonly #eventLog: EventLog;
  readonly #auth: Auth;
  readonly #then: Clock;
  readonly #random: Random;
  readonly #texts: TextGenerator;

  /** @param agoMs how long ago everything happens that is added */
  constructor(folder: string, random: Random, texts: TextGenerator, agoMs = 0) {
    const then: Clock = { ...clock, now: () => clock.now() - agoMs };
    this.#then = then;
    this.#random = random;
    this.#texts = texts;
    this.#folder = openDataFolder(folder, createSystemRandom());
    this.#database = openRelayDatabase(this.#folder.databaseFile);
    const logger = pino({ level: 'error' }, pino.destination({ fd: 2, sync: true }));
    this.#eventLog = openSqliteEventLog({
      database: this.#database,
      clock: then,
      random,
      plan: (_kind, message) => [message],
      hasFile: () => false,
      logger,
    });
    this.#auth = createAuth({
      database: this.#database,
      eventLog: this.#eventLog,
      clock,
      random: createSystemRandom(),
      signingKey: this.#tokenKey(),
      logger,
    });
  }

  get head(): number {
    return this.#eventLog.head();
  }

  /**
   * One queue with everybody in it, and one channel. Agents are `agent-0`, `agent-1` …; the first is a shift lead.
   * @param apart so many of them, the last ones, are in a queue with a channel of their own instead
   */
  async addWorkspace(agents: number, apart = 0): Promise<void> {
    const fields = { name: 'Mộc Miên', language: 'vi', timeZone: 'Asia/Ho_Chi_Minh' };
    await this.#submit('workspace.put', { id: WORKSPACE_ID, fields }, system);
    for (const { queueId, channelId } of apart === 0 ? [MAIN] : [MAIN, APART]) {
      const queue = { name: 'Chăm sóc', reopenDays: 7, keepAssigneeOnReopen: true, escalationQueueId: null };
      await this.#submit('queue.put', { id: queueId, fields: queue }, system);
      const channel = { kind: 'web-chat', name: 'Shop', queueId, maxTextLength: 4000 };
      await this.#submit('channel.put', { id: channelId, fields: channel }, system);
    }
    await this.#inGroups(agents, async (index) => {
      const role = index === 0 ? 'lead' : 'agent';
      const queueIds = [index < agents - apart ? MAIN.queueId : APART.queueId];
      const agent = { name: this.#texts.name(), email: emailOf(index), role, queueIds, languages: ['vi'] };
      await this.#submit('agent.put', { id: agentIdOf(index), fields: { ...agent, isActive: true } }, system);
    });
  }

  /** Conversations of one message each, each with a customer of its own. */
  async addConversations(count: number): Promise<void> {
    await this.#inGroups(count, async () => {
      const conversationId = this.#makeId();
      this.conversationIds.push(conversationId);
      await this.#receive(conversationId, null);
    });
  }

  /**
   * So many agents, each alone in a queue with a channel and a conversation of its own: nobody hears of what another
   * does. @returns the conversations, in the order of the agents
   */
  async addDesks(count: number): Promise<string[]> {
    const fields = { name: 'Mộc Miên', language: 'vi', timeZone: 'Asia/Ho_Chi_Minh' };
    await this.#submit('workspace.put', { id: WORKSPACE_ID, fields }, system);
    const conversationIds: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const id = `desk-${index}`;
      const queue = { name: id, reopenDays: 7, keepAssigneeOnReopen: true, escalationQueueId: null };
      await this.#submit('queue.put', { id, fields: queue }, system);
      const channel = { kind: 'web-chat', name: id, queueId: id, maxTextLength: 4000 };
      await this.#submit('channel.put', { id, fields: channel }, system);
      const agent = { name: id, email: emailOf(index), role: 'agent', queueIds: [id], languages: ['vi'] };
      await this.#submit('agent.put', { id: agentIdOf(index), fields: { ...agent, isActive: true } }, system);
      conversationIds.push(this.#makeId());
      await this.#receive(conversationIds.at(-1)!, null, id);
    }
    return conversationIds;
  }

  /** One for the agents apart. @returns its id */
  async addConversationApart(): Promise<string> {
    const conversationId = this.#makeId();
    await this.#receive(conversationId, null, APART.channelId);
    return conversationId;
  }

  /**
   * What happens in a day: 45 % customers' messages, 25 % replies, 15 % assignments, 15 % "waiting for the customer";
   * a few conversations get most of it.
   */
  async addTraffic(events: number, agents: number): Promise<void> {
    const startsAt = this.head;
    while (this.head - startsAt < events) {
      await this.#inGroups(Math.min(GROUP, events - (this.head - startsAt)), async () => {
        const busy = Math.floor(this.#random.fraction() ** 2 * this.conversationIds.length);
        const conversationId = this.conversationIds[busy]!;
        const by: Submitter = { kind: 'agent', agentId: agentIdOf(this.#below(agents)) };
        const dice = this.#random.fraction();
        if (dice < 0.45) await this.#receive(conversationId, conversationId);
        else if (dice < 0.7) await this.#reply(conversationId, by);
        else if (dice < 0.85) {
          const args = {
            conversationIds: [conversationId],
            assigneeId: agentIdOf(this.#below(agents)),
            isForced: true,
          };
          await this.#submit('conversation.assign', args, { kind: 'agent', agentId: agentIdOf(0) }, { versions: {} });
        } else await this.#submit('conversation.wait', { conversationIds: [conversationId] }, by);
      });
    }
    // The replies are history: nobody is to send them now.
    this.#database.exec("UPDATE delivery SET state = 'sent', is_reported = 1");
  }

  async setPassword(agent: number, password: string): Promise<{ agentId: string; email: string; password: string }> {
    await this.#auth.setPassword(agentIdOf(agent), password);
    return { agentId: agentIdOf(agent), email: emailOf(agent), password };
  }

  /** Signs agents in without their passwords, of which a thousand would take a minute. Good for ten minutes. */
  async issueTokens(agents: number): Promise<IssuedToken[]> {
    const sessions = new SessionStore(this.#database);
    const now = clock.now();
    const issued: IssuedToken[] = [];
    for (let index = 0; index < agents; index += 1) {
      const agentId = agentIdOf(index);
      const id = this.#makeId();
      const session = { id, agentId, deviceId: this.#makeId(), deviceName: 'bench', createdAt: now, lastSeenAt: now };
      sessions.add(session, hashToken(makeToken(createSystemRandom())));
      const { accessToken } = await signAccessToken({ agentId, sessionId: id }, this.#tokenKey(), clock);
      issued.push({ agentId, accessToken });
    }
    return issued;
  }

  async close(): Promise<void> {
    this.#auth.close();
    await this.#eventLog.close();
    this.#database.close();
    this.#folder.close();
  }

  async #receive(newConversationId: string, conversationId: string | null, channelId = CHANNEL_ID): Promise<void> {
    const customerId = `customer-${newConversationId}`;
    const customer = {
      id: customerId,
      identity: { channelId, externalId: customerId, isVerified: false },
      profile: conversationId === null ? { name: this.#texts.name() } : {},
    };
    const message = { messageId: this.#makeId(), text: this.#texts.message(), writtenAt: this.#then.now() };
    const args = { channelId, customer, conversationId, newConversationId, ...message };
    await this.#submit('message.receive', args, system);
  }

  async #reply(conversationId: string, by: Submitter): Promise<void> {
    const message = { messageId: this.#makeId(), text: this.#texts.message(), writtenAt: this.#then.now() };
    await this.#submit('message.send', { conversationId, ...message }, by, { foreignPublicSeq: this.head });
  }

  async #submit(type: string, args: unknown, by: Submitter, base?: unknown): Promise<void> {
    const command = { id: this.#makeId(), type, v: 1, args, ...(base === undefined ? {} : { base }) };
    const result = await this.#eventLog.submit({ command, by, isDelayed: false });
    if (!result.ok) throw new Error(`${type}: ${result.error.kind}: ${result.error.message}`);
  }

  async #inGroups(count: number, run: (index: number) => Promise<void>): Promise<void> {
    for (let start = 0; start < count; start += GROUP) {
      const length = Math.min(GROUP, count - start);
      await Promise.all(Array.from({ length }, (_, index) => run(start + index)));
    }
  }

  #below(limit: number): number {
    return Math.floor(this.#random.fraction() * limit);
  }

  #makeId(): string {
    return makeUuidV7(this.#then.now(), this.#random.bytes(10));
  }

  /** As the relay makes it from its signing key. */
  #tokenKey(): Uint8Array {
    return new Uint8Array(hkdfSync('sha256', this.#folder.signingKey, '', 'liendesk access-tokens', 32));
  }
}

function agentIdOf(index: number): string {
  return `agent-${index}`;
}

function emailOf(index: number): string {
  return `agent-${index}@example.org`;
}
