import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Agent } from '../../shared/domain/agent/agent.ts';
import { accessOf } from '../../shared/domain/agent/agent.ts';
import { kindOf, subjectKinds } from '../../shared/domain/registry.ts';
import { type ItemRow, type SubjectRef, subjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { Random } from '../../shared/primitives/clock.ts';
import { makeUuidV7 } from '../../shared/primitives/uuid-v7.ts';
import type { CommandResult } from '../../shared/relay-protocol/commands.ts';
import type { FromRelay } from '../../shared/relay-protocol/from-relay.ts';
import { PROTOCOL_VERSION } from '../../shared/relay-protocol/protocol-version.ts';
import type { ToRelay } from '../../shared/relay-protocol/to-relay.ts';
import type { EventLog } from '../../src-relay/event-log/event-log.ts';
import { openRelayDatabase } from '../../src-relay/event-log/open-relay-database.ts';
import { openSqliteEventLog } from '../../src-relay/event-log/sqlite-event-log.ts';
import type { AgentConnection } from '../../src-relay/gateway/agent-connection.ts';
import { AgentHub } from '../../src-relay/gateway/agent-hub.ts';
import type { AgentPeer } from '../../src-relay/gateway/agent-peer.ts';
import { ManualClock, seededRandom } from './manual-clock.ts';
import { type Received, Replica } from './replica.ts';

/** A real event log and hub on a clock that stands still, with consoles linked to it without a network. */
export interface HubRig {
  readonly clock: ManualClock;
  readonly random: Random;
  readonly eventLog: EventLog;
  hub: AgentHub;
  newId(): string;
  submit(type: string, args: unknown, base?: unknown): Promise<CommandResult>;
  /** Runs everything that is due within a few milliseconds. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export async function openHubRig(seed = 1): Promise<HubRig> {
  const folder = mkdtempSync(path.join(tmpdir(), 'liendesk-hub-'));
  const database = openRelayDatabase(path.join(folder, 'relay.db'));
  // Durability is not what is tested here, and a simulation commits a lot.
  database.pragma('synchronous = OFF');
  const clock = new ManualClock();
  const random = seededRandom(seed);
  const logger = { info: () => {}, warn: () => {}, error: () => {}, fatal: () => {} };
  const eventLog = openSqliteEventLog({
    database,
    clock,
    random,
    logger,
    plan: (_kind, message) => [message],
    hasFile: () => true,
    afterTurn: (task) => queueMicrotask(task),
  });
  const slowly = async <Value>(answer: Promise<Value>): Promise<Value> => {
    const value = await answer;
    if (random.fraction() < 0.5) await new Promise<void>((resolve) => clock.after(random.fraction() * 15, resolve));
    return value;
  };
  // As from a database server: an answer may be older than the log by the time it arrives.
  const slowLog: EventLog = {
    ...eventLog,
    get epoch() {
      return eventLog.epoch;
    },
    readSnapshot: (subject) => slowly(eventLog.readSnapshot(subject)),
    readItemsBefore: (subject, before, limit) => slowly(eventLog.readItemsBefore(subject, before, limit)),
    readEvents: (after, limit) => slowly(eventLog.readEvents(after, limit)),
    readStoredEvents: (after, limit) => slowly(eventLog.readStoredEvents(after, limit)),
  };
  return {
    eventLog,
    hub: await AgentHub.open({
      eventLog: slowLog,
      clock,
      random,
      logger,
      showToCustomer: () => {},
      observeFanOut: () => {},
      doubtDeliveries: () => eventLog.deliveries.doubtQueued(),
      // Small, so that every catch-up has several frames with time for something to happen in between.
      frameLimits: { entries: 1 + Math.floor(random.fraction() * 6), bytes: 100_000 },
    }),
    ...workingRig(clock, random, () => eventLog),
    close: async () => {
      await eventLog.close();
      database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What every rig does, whatever its log lies on and how often it is opened anew. */
export function workingRig(
  clock: ManualClock,
  random: Random,
  log: () => EventLog,
): Pick<HubRig, 'clock' | 'random' | 'newId' | 'submit' | 'settle'> {
  const newId = () => makeUuidV7(clock.now(), random.bytes(10));
  return {
    clock,
    random,
    newId,
    submit: (type, args, base) =>
      log().submit({
        command: { id: newId(), type, v: 1, args, ...(base === undefined ? {} : { base }) },
        by: { kind: 'system', name: 'test' },
        isDelayed: false,
      }),
    settle: async () => {
      for (let turn = 0; turn < 4; turn += 1) {
        clock.advance(5);
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    },
  };
}

/** A console whose messages from the relay wait until the test delivers them, or are lost in a cut. */
export class LinkedConsole {
  readonly agentId: string;
  readonly device: string;
  readonly replica = new Replica();
  readonly received: Received[] = [];
  readonly #rig: HubRig;
  peer: AgentPeer | null = null;
  session = '';
  /** Bytes of the relay's buffer per byte under way: makes a slow console of a quick one. */
  backlogFactor = 0;
  #underWay: Received[] = [];

  constructor(rig: HubRig, agentId: string) {
    this.#rig = rig;
    this.agentId = agentId;
    this.device = rig.newId();
  }

  get isConnected(): boolean {
    return this.peer !== null;
  }

  /** Messages that have not been delivered. */
  get underWay(): readonly Received[] {
    return this.#underWay;
  }

  /** @param protocol versions that it says it speaks */
  connect(protocol: [number, number] = [PROTOCOL_VERSION, PROTOCOL_VERSION]): void {
    const connection: AgentConnection = {
      send: (name, message) => {
        // As on the wire: a copy, and nothing that JSON would lose.
        this.#underWay.push({ name, message: JSON.parse(JSON.stringify(message)) } as Received);
      },
      sendVolatile: (name, message) => connection.send(name, message),
      backlogBytes: () =>
        this.backlogFactor === 0 ? 0 : this.backlogFactor * JSON.stringify(this.#underWay).length - 2,
      end: (afterMs, error) => connection.send('bye', { afterMs, error }),
    };
    this.peer = this.#rig.hub.connect(connection, { agentId: this.agentId, sessionId: `sign-in of ${this.device}` });
    this.session = this.#rig.newId();
    this.say('hello', {
      protocol,
      schema: 'test',
      device: this.device,
      session: this.session,
      epoch: this.replica.epoch,
      cursor: this.replica.cursor,
      held: { ...this.replica.digest(), since: this.replica.heldSince },
      ackedN: 0,
    });
  }

  say<Name extends keyof ToRelay>(name: Name, message: ToRelay[Name]): void {
    this.peer?.receive(name, JSON.parse(JSON.stringify(message)));
  }

  /** Delivers the next messages, in order. */
  deliver(count = Number.POSITIVE_INFINITY): void {
    for (let left = count; left > 0; left -= 1) {
      const next = this.#underWay.shift();
      if (next === undefined) return;
      this.received.push(next);
      this.#take(next);
    }
  }

  /** The connection breaks; what was under way is lost. */
  cut(): void {
    this.#underWay = [];
    this.peer?.closed();
    this.peer = null;
  }

  messages<Name extends keyof FromRelay>(name: Name): FromRelay[Name][] {
    return this.received.filter((one) => one.name === name).map((one) => one.message as FromRelay[Name]);
  }

  #take(received: Received): void {
    const { message } = received;
    if ('session' in message && message.session !== this.session) return;
    if (received.name === 'bye') this.cut();
    this.replica.take(received, {
      held: () => this.#sayHeld(),
      credit: () => this.say('credit', { session: this.session, cursor: this.replica.cursor }),
    });
  }

  #sayHeld(): void {
    for (const [kind, ids] of this.replica.heldIds())
      this.say('held', { session: this.session, kind, ids, isLast: false });
    this.say('held', { session: this.session, kind: 'conversation', ids: [], isLast: true });
  }
}

/** How the console's rows differ from what it should hold at the head; empty when they do not (INV-1, INV-6). */
export async function differences(rig: HubRig, one: LinkedConsole): Promise<string[]> {
  const found: string[] = [];
  const agent = rig.eventLog.read<Agent>(subjectRef('agent', one.agentId)).root();
  if (agent === null || !agent.isActive) return found;
  const access = accessOf(agent);
  if (one.replica.cursor !== rig.eventLog.head()) found.push(`cursor ${one.replica.cursor}`);
  for (const kind of subjectKinds) {
    for (const root of await rig.eventLog.listRoots(kind.name)) {
      const subject = subjectRef(kind.name, root.id);
      const isWanted = kind.isVisible(access, root) && kind.isHeld(root, access, one.replica.heldSince);
      if (isWanted && one.replica.root(subject) === null) found.push(`lacks ${subject}`);
    }
  }
  for (const subject of one.replica.subjects.keys())
    found.push(...(await compareSubject(rig, one.replica, subject, access)));
  return found;
}

async function compareSubject(
  rig: HubRig,
  replica: Replica,
  subject: SubjectRef,
  access: ReturnType<typeof accessOf>,
): Promise<string[]> {
  const snapshot = await rig.eventLog.readItemsBefore(subject, Number.MAX_SAFE_INTEGER, 10_000);
  if (snapshot === null) return [`still has ${subject}`];
  const { root } = snapshot;
  if (kindOf(subject)?.isVisible(access, root) !== true) return [`may not see ${subject}`];
  const found: string[] = [];
  if (JSON.stringify(sorted(replica.root(subject))) !== JSON.stringify(sorted(root))) found.push(`${subject} differs`);
  const items = replica.items<ItemRow>(subject);
  const oldest = items[0]?.position ?? 0;
  const expected = snapshot.items.map(({ row }) => row).filter(({ position }) => position >= oldest);
  if (JSON.stringify(items.map(sorted)) !== JSON.stringify(expected.map(sorted)))
    found.push(`items of ${subject} differ`);
  return found;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
