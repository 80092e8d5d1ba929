import type { LoggedEvent } from '../../shared/relay-protocol/frames.ts';
import type { Certainty } from '../../src-relay/channels/channel.ts';
import { Dice } from './dice.ts';
import { Comparison } from './compare.ts';
import { wasErased } from './erasures.ts';
import { hashOf } from './file-depot.ts';
import { Seen } from './finer-checks.ts';
import { Watch } from './invariants.ts';
import { Network } from './network.ts';
import { Platform } from './platform.ts';
import { ReferenceModel } from './reference-model.ts';
import { SimConsole } from './sim-console.ts';
import { SimRelay } from './sim-relay.ts';
import { Machine, SimTime, quiet } from './sim-time.ts';
import { Met } from './sometimes.ts';
import type { Stores } from './stores/stores.ts';
import { Trace } from './trace.ts';

const DAY_MS = 24 * 60 * 60_000;
const START = Date.UTC(2025, 0, 6, 8);

export const QUEUES = ['sales', 'care', 'claims'];
const AGENTS = ['lan', 'minh', 'hoa'];

/** What one seed is about; what is left out makes room for what is not. */
export interface Nature {
  certainty: Certainty;
  hasCrashes: boolean;
  hasCommitCrashes: boolean;
  hasNetworkTroubles: boolean;
  hasDiskTroubles: boolean;
  hasClockTroubles: boolean;
  hasRestores: boolean;
  hasRightsChanges: boolean;
  hasSleep: boolean;
  isSlowReader: boolean;
  latencyMs: number;
}

export interface WorldOptions {
  seed: number;
  stores: Stores;
  write: ((line: string) => void) | null;
}

/** A workspace, its relay, its consoles and all between them, made from one seed. */
export class World {
  readonly time = new SimTime();
  readonly dice: Dice;
  readonly trace: Trace;
  readonly met = new Met();
  readonly model = new ReferenceModel();
  readonly comparison = new Comparison(this.model);
  readonly seen = new Seen();
  readonly nature: Nature;
  readonly platform: Platform;
  readonly relay: SimRelay;
  readonly network: Network;
  readonly watch: Watch;
  readonly consoles: SimConsole[] = [];
  readonly conversations: string[] = [];
  /** Replies whose delivery was not over in a backup that was put back. */
  readonly deliveriesInDoubt = new Set<string>();
  /** Customers' messages that a relay took, by id. */
  readonly received = new Map<string, { text: string; conversationId: string }>();
  readonly events: LoggedEvent[] = [];
  /** Conversations that were erased, by whatever history of the log. */
  readonly everErased = new Set<string>();
  /** Faults are over. */
  isHealing = false;
  backup: { copy: unknown; head: number } | null = null;
  /** A process that dies at one of its next writes; `what` names which, any where it is left out. */
  commitCrash: { of: object; after: number; what?: string } | null = null;
  /** The next file that the relay gets whole it loses at once: a sweep, a disk. */
  losesNextFile = false;
  /** How often the relay has forgotten the results that nobody is waiting for. */
  prunings = 0;
  readonly #mistakes: string[] = [];

  constructor({ seed, stores, write }: WorldOptions) {
    this.dice = new Dice(seed);
    this.trace = new Trace(this.time, write);
    const { dice, time, trace, met } = this;
    this.nature = {
      certainty: dice.pick(['keyed', 'findable', 'neither'] as const),
      hasCrashes: dice.chance(0.7),
      hasCommitCrashes: dice.chance(0.6),
      hasNetworkTroubles: dice.chance(0.8),
      hasDiskTroubles: dice.chance(0.3),
      hasClockTroubles: dice.chance(0.4),
      hasRestores: dice.chance(0.3),
      hasRightsChanges: dice.chance(0.7),
      hasSleep: dice.chance(0.4),
      isSlowReader: dice.chance(0.15),
      latencyMs: dice.spread(1, 400),
    };
    this.platform = new Platform({
      ...{ certainty: this.nature.certainty, time, dice: dice.fork(), trace, met },
      isInnocent: () => this.isHistoryInDoubt,
      tellRelay: async (part, state) => {
        const { running } = this.relay;
        if (running === null) return false;
        try {
          await running.host.reportDelivery(part.conversationId, [part.messageId], state, null);
          return running.process.isAlive;
        } catch {
          return false;
        }
      },
    });
    const relayMachine = new Machine(time, START - 40 * DAY_MS);
    this.relay = new SimRelay({
      ...{ machine: relayMachine, dice: dice.fork(), trace, met, platform: this.platform },
      store: stores.makeRelay((point, what) => this.#onCommit(this.relay, point, what)),
      frameLimits: { entries: dice.between(1, 7), bytes: 100_000 },
      onEvents: (events) => {
        for (const event of events) {
          trace.say('log', () => `#${event.seq} ${event.actor} ${event.changes.map(describeChange).join(', ')}`);
          this.events.push(event);
        }
        this.watch.committed(events);
      },
      onPutBackByHand: (log) => {
        this.#epochByHand = log.epoch;
        this.platform.innocence += 1;
      },
      onMistake: (what) => this.#mistakes.push(what),
      onWhole: (fileId, content) => {
        if (hashOf(content) !== fileId) this.watch.fail('A1', `the relay keeps other bytes than those of ${fileId}`);
        this.watch.wholeFiles.add(fileId);
        this.watch.lostFiles.delete(fileId);
        if (!this.losesNextFile || this.isHealing || this.watch.namedFiles.has(fileId)) return;
        this.losesNextFile = false;
        time.after(0, () => {
          this.relay.files.lose(fileId);
          this.watch.lostFiles.add(fileId);
        });
      },
    });
    this.watch = new Watch({ model: this.model, relay: this.relay, met, consoles: () => this.consoles });
    this.network = new Network({
      ...{ time, dice: dice.fork(), trace, tap: this.watch },
      relay: () => (this.relay.running === null ? null : this.relay),
      onNoticed: (what) => met.note(what),
    });
    const agents = AGENTS.slice(0, dice.between(2, 3));
    const devices = dice.between(2, 4);
    for (let index = 0; index < devices; index += 1) {
      // The first agent has two devices where there are enough of them.
      const agentId = index < 2 ? agents[index]! : index === 2 ? agents[0]! : dice.pick(agents);
      const skewMs = this.nature.hasClockTroubles ? dice.pick([0, 1, -1]) * dice.spread(1000, 10 * 365 * DAY_MS) : 0;
      const console = new SimConsole(
        {
          ...{ name: `${agentId}-${index + 1}`, agentId, time, network: this.network, relay: this.relay },
          machine: new Machine(time, START + skewMs),
          store: stores.makeConsole(agentId, (point, what) => this.#onCommit(console, point, what)),
          ...{ dice: dice.fork(), trace, met },
          onMistake: (what) => this.#mistakes.push(what),
        },
        {
          ...{ isUp: true, latencyMs: this.nature.latencyMs, framesToLose: 0, uploadTrouble: 0.3 },
          backlogFactor: this.nature.isSlowReader && index === 0 ? 30_000 : 1,
        },
      );
      this.consoles.push(console);
    }
  }

  get agents(): string[] {
    return AGENTS;
  }

  /** Makes the workspace, some conversations old and new, and opens the consoles. */
  async begin(): Promise<void> {
    const { dice, relay } = this;
    await relay.start();
    for (const id of QUEUES) {
      await this.administer('queue.put', {
        id,
        fields: {
          ...{ name: id, reopenDays: dice.pick([0, 7]), keepAssigneeOnReopen: dice.chance(0.5) },
          escalationQueueId: id === 'sales' ? 'claims' : null,
        },
      });
    }
    await this.administer('channel.put', {
      id: 'web',
      fields: { kind: 'web-chat', name: 'web', queueId: 'sales', maxTextLength: 4000 },
    });
    for (const [index, id] of AGENTS.entries())
      await this.putAgent(id, index === 0 ? ['sales', 'care'] : ['sales'], true);
    for (let count = dice.between(1, 4); count > 0; count -= 1) await this.customerWrites(null);
    // Some of it is older than what consoles hold by default.
    for (const conversationId of this.conversations.slice(0, dice.between(0, this.conversations.length))) {
      await this.closeByDesk(conversationId);
    }
    relay.machine.jump(40 * DAY_MS);
    for (let count = dice.between(2, 4); count > 0; count -= 1) await this.customerWrites(null);
    for (const console of this.consoles) {
      await console.start();
      console.signIn();
    }
    await this.time.pass(dice.spread(10, 20_000));
  }

  /** What an administrator does; false while the relay cannot. */
  async administer(type: string, args: unknown): Promise<boolean> {
    const work = this.relay.administer(type, args);
    void work.catch(() => undefined);
    await quiet();
    const result = await Promise.race([work, quiet().then(() => null)]).catch(() => null);
    return result?.ok === true;
  }

  putAgent(id: string, queueIds: string[], isActive: boolean, role = 'agent'): Promise<boolean> {
    const fields = { name: id, email: `${id}@example.org`, role, queueIds, languages: ['vi'], isActive };
    return this.administer('agent.put', { id, fields });
  }

  /** Closes a conversation as a channel or an import may: by an agent's command without a console. */
  async closeByDesk(conversationId: string): Promise<void> {
    await this.administer('conversation.close', { conversationIds: [conversationId] });
  }

  /** A customer writes, perhaps over a line that makes the platform say it twice. */
  async customerWrites(conversationId: string | null): Promise<void> {
    const { running } = this.relay;
    if (running === null) return;
    const externalId = this.dice.newId();
    const customer =
      conversationId === null ? `customer-${this.conversations.length + 1}` : this.#customerOf(conversationId);
    const text = `customer says ${externalId.slice(-4)}`;
    const message = {
      ...{ channelId: 'web', externalId, conversationId, text, attachments: [], answers: [], language: null },
      customer: {
        id: customer,
        identity: { channelId: 'web', externalId: customer, isVerified: false },
        profile: this.dice.chance(0.5) ? { name: customer } : {},
      },
      writtenAt: this.relay.machine.now(),
    };
    let takenInto: string | null = null;
    const take = (): void => {
      void this.relay.running?.host.receive(message).then(
        (taken) => {
          if (taken === null || (!running.process.isAlive && this.relay.running === null)) return;
          const { messageId, conversationId: into } = taken;
          takenInto = into;
          this.received.set(messageId, { text, conversationId: into });
          if (!this.conversations.includes(into)) this.conversations.push(into);
        },
        () => undefined,
      );
    };
    take();
    if (this.dice.chance(0.2)) {
      const { prunings } = this;
      this.time.after(this.dice.spread(1, 5000), () => {
        // Results are kept for longer than any platform repeats itself. Where they are forgotten all the same, a message
        // that was erased meanwhile is the one that nothing knows any more.
        if (this.prunings === prunings || takenInto === null || !wasErased(this, takenInto)) take();
      });
    }
    await quiet();
  }

  mistakes(): string[] {
    return this.#mistakes.splice(0);
  }

  dispose(): void {
    for (const console of this.consoles) console.crash(true);
    this.relay.crash();
    for (const console of this.consoles) console.store.dispose();
    this.relay.dispose();
  }

  #customerOf(conversationId: string): string {
    return this.model.conversation(conversationId)?.customerId ?? 'customer-1';
  }

  #epochByHand: string | null = null;

  /**
   * A backup was put back by hand, and no console was ahead of it when it came: nobody can know that what some of them
   * hold is of another history, which is why there is a tool.
   */
  get isHistoryInDoubt(): boolean {
    return this.#epochByHand !== null && this.#epochByHand === this.relay.log?.epoch;
  }

  /** Puts a backup in the place of the relay's log, which no process has open. */
  async restore({ copy, head }: { copy: unknown; head: number }, isByTool: boolean): Promise<void> {
    const { relay, trace } = this;
    trace.say('world', () => `puts back a backup of head ${head}${isByTool ? '' : ', by hand'}`);
    // Where a backup is put back there is room for it.
    relay.store.setFull(false);
    relay.store.restore(copy);
    relay.rewind(head, isByTool);
    this.watch.rewound(head);
    // What went out since the backup goes out again when it is sent again: nobody knows of it any more.
    for (const { changes } of this.events.slice(head)) {
      for (const { type, data } of changes) {
        if (type === 'message-sent') this.deliveriesInDoubt.add((data as { messageId: string }).messageId);
      }
    }
    this.events.length = head;
    for (const [messageId, { conversationId }] of this.received) {
      const isThere = this.model.conversation(conversationId)?.lines.some(({ id }) => id === messageId) === true;
      if (!isThere) this.received.delete(messageId);
    }
    const known = this.conversations.filter((id) => this.model.conversation(id) !== null);
    this.conversations.splice(0, this.conversations.length, ...known);
    this.met.note('epoch-change');
    this.#epochByHand = null;
    await relay.start();
  }

  /** The relay's process ends, or its machine; its wires with it. */
  crashRelay(isMachineAlive: boolean): void {
    if (!this.relay.isUp) return;
    this.relay.crash();
    for (const wire of [...this.network.wires]) this.network.abandon(wire, 'relay', isMachineAlive);
  }

  #onCommit(whose: SimConsole | SimRelay, point: string, what: string): void {
    const plan = this.commitCrash;
    if (this.isHealing || plan === null || plan.of !== whose) return;
    if (plan.what !== undefined && !what.includes(plan.what)) return;
    plan.after -= 1;
    if (plan.after > 0) return;
    this.commitCrash = null;
    this.met.note('crash-at-commit');
    this.trace.say(whose instanceof SimRelay ? 'relay' : whose.name, () => `dies ${point} of ${what}`);
    if (whose instanceof SimRelay) this.crashRelay(true);
    else whose.crash(true);
  }
}

function describeChange({ subject, type }: { subject: string; type: string }): string {
  return `${type} (${subject})`;
}
