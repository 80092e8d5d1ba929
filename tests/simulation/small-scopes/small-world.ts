import type { LoggedEvent } from '../../../shared/relay-protocol/frames.ts';
import { Dice } from '../dice.ts';
import { isOfDeadProcess } from '../forgive-dead-processes.ts';
import { type LineState, Network } from '../network.ts';
import { Platform } from '../platform.ts';
import { SimConsole } from '../sim-console.ts';
import { SimRelay } from '../sim-relay.ts';
import { Machine, SimTime } from '../sim-time.ts';
import { Met } from '../sometimes.ts';
import type { Stores } from '../stores/stores.ts';
import { Trace } from '../trace.ts';

/** When each process is to be started again. */
const DOWN_MS = 1500;
const STARTED_AT = Date.UTC(2025, 0, 6, 8);

/** A place in the life of a process where stopping it makes a difference. */
export interface Point {
  /** `relay`, or the name of a console. */
  process: string;
  what: string;
}

/** Everything goes well, every time: what chance would bring is not what is enumerated here. */
class EvenDice extends Dice {
  override chance(): boolean {
    return false;
  }

  override fork(): Dice {
    return new EvenDice(this.between(1, 2 ** 31));
  }
}

export interface SmallWorldOptions {
  stores: Stores;
  /** Agents by the name of their console. */
  consoles: Record<string, string>;
  /** Tells of every point since `watch`; true stops the process right there. */
  stopsAt(point: Point): boolean;
  /** Takes each line of what happens, for whoever looks for a mistake. */
  write?: (line: string) => void;
}

/** A relay and some consoles on one line, in which a process can be stopped at any point, and comes back. */
export class SmallWorld {
  readonly time = new SimTime();
  readonly relay: SimRelay;
  readonly consoles: ReadonlyMap<string, SimConsole>;
  readonly platform: Platform;
  readonly events: LoggedEvent[] = [];
  readonly mistakes: string[] = [];
  readonly #network: Network;
  readonly #dice = new EvenDice(7);
  readonly #options: SmallWorldOptions;
  readonly #stores: { dispose(): void }[] = [];
  #isWatching = false;

  constructor(options: SmallWorldOptions) {
    this.#options = options;
    const { time } = this;
    const dice = this.#dice;
    const trace = new Trace(time, options.write ?? null);
    const met = new Met();
    const onMistake = (what: string): void => void this.mistakes.push(what);
    this.platform = new Platform({
      ...{ certainty: 'keyed', time, dice: dice.fork(), trace, met },
      isInnocent: () => false,
      tellRelay: () => Promise.resolve(true),
    });
    const relayStore = options.stores.makeRelay((point, what) => void this.#stop('relay', `${point} of ${what}`));
    this.#stores.push(relayStore);
    this.relay = new SimRelay({
      ...{ machine: new Machine(time, STARTED_AT), store: relayStore, dice: dice.fork(), trace, met, onMistake },
      platform: this.platform,
      frameLimits: { entries: 3, bytes: 100_000 },
      onEvents: (events) => void this.events.push(...events),
      onWhole: () => undefined,
      onPutBackByHand: () => undefined,
    });
    this.#watchFiles(this.relay);
    this.#network = new Network({
      ...{ time, dice: dice.fork(), trace },
      relay: () => (this.relay.running === null ? null : this.relay),
      onNoticed: () => undefined,
      tap: {
        sent: (wire, name) => void this.#stop(wire.console.name, `sends ${name}`),
        said: (wire, name) => void this.#stop('relay', `hears ${name} of ${wire.console.name}`),
        told: (wire, name) => void this.#stop('relay', `sends ${name} to ${wire.console.name}`),
        heard: (wire, name) => void this.#stop(wire.console.name, `hears ${name}`),
      },
    });
    this.consoles = new Map(
      Object.entries(options.consoles).map(([name, agentId]) => {
        const store = options.stores.makeConsole(agentId, (when, file) =>
          this.#stop(name, `${when} commit of ${file}`),
        );
        this.#stores.push(store);
        const parts = { ...{ name, agentId, time, store, trace, met, onMistake }, network: this.#network };
        const machine = new Machine(time, STARTED_AT);
        return [name, new SimConsole({ ...parts, machine, relay: this.relay, dice: dice.fork() }, goodLine())];
      }),
    );
  }

  /** A queue with a channel, agents, two conversations, and every console online. */
  async open(): Promise<void> {
    const { relay } = this;
    await relay.start();
    const queue = { name: 'sales', reopenDays: 7, keepAssigneeOnReopen: true, escalationQueueId: null };
    await this.administer('queue.put', { id: 'sales', fields: queue });
    const channel = { kind: 'web-chat', name: 'web', queueId: 'sales', maxTextLength: 4000 };
    await this.administer('channel.put', { id: 'web', fields: channel });
    for (const name of new Set([...Object.values(this.#options.consoles), 'minh'])) {
      const rest = { role: 'agent', queueIds: ['sales'], languages: ['vi'], isActive: true };
      await this.administer('agent.put', { id: name, fields: { name, email: `${name}@shop.example`, ...rest } });
    }
    for (const conversationId of ['a', 'b']) await this.customerWrites(conversationId, `first-${conversationId}`);
    for (const one of this.consoles.values()) {
      await one.start();
      one.signIn();
    }
    const all = [...this.consoles.values()];
    const isOnline = await this.until(() => all.every((one) => one.status?.state === 'online'), 60_000, 100);
    if (!isOnline) throw new Error('the consoles do not come online');
  }

  async customerWrites(conversationId: string, messageId: string): Promise<void> {
    const identity = { channelId: 'web', externalId: conversationId, isVerified: false };
    const customer = { id: `customer-${conversationId}`, identity, profile: {} };
    const rest = { channelId: 'web', conversationId: null, newConversationId: conversationId, writtenAt: 1 };
    await this.administer('message.receive', { ...rest, customer, messageId, text: `customer ${messageId}` });
  }

  /** A reply of an agent who sits elsewhere. */
  async colleagueReplies(conversationId: string, messageId: string): Promise<void> {
    const args = { conversationId, messageId, text: `colleague ${messageId}`, writtenAt: 1 };
    const asking = this.relay.log!.submit({
      command: { id: this.#dice.newId(), type: 'message.send', v: 1, args, base: { foreignPublicSeq: 0 } },
      by: { kind: 'agent', agentId: 'minh' },
      isDelayed: false,
    });
    await this.pass(5);
    await asking;
  }

  async administer(type: string, args: unknown): Promise<void> {
    const asking = this.relay.administer(type, args);
    await this.pass(5);
    const result = await asking;
    if (result?.ok !== true) throw new Error(`${type}: ${JSON.stringify(result)}`);
  }

  /** The line of a console goes down, and both sides get to know. */
  cut(name: string): void {
    const console = this.consoles.get(name)!;
    console.line.isUp = false;
    for (const wire of [...this.#network.wires]) if (wire.console === console) this.#network.cut(wire);
  }

  /** Lets time pass. Who was stopped in the middle of something still comes to its disk, and that is the end of it. */
  async pass(ms: number): Promise<void> {
    const { time } = this;
    const end = time.elapsed + ms;
    while (time.elapsed < end) {
      try {
        await time.pass(end - time.elapsed);
      } catch (error) {
        if (!isOfDeadProcess(error)) throw error;
      }
    }
  }

  /** Lets time pass until `isDone`. @returns whether it was done in time */
  async until(isDone: () => boolean, withinMs: number, stepMs: number): Promise<boolean> {
    for (let passed = 0; passed < withinMs && !isDone(); passed += stepMs) await this.pass(stepMs);
    return isDone();
  }

  /** From now on points are told. */
  watch(): void {
    this.#isWatching = true;
  }

  dispose(): void {
    this.relay.crash();
    for (const one of this.consoles.values()) one.crash(true);
    for (const store of this.#stores) store.dispose();
  }

  /** The bytes of files come beside the wires. */
  #watchFiles(relay: SimRelay): void {
    const append = relay.files.append.bind(relay.files);
    relay.files.append = (step) => {
      const state = append(step);
      this.#stop('relay', 'has bytes of a file');
      return state;
    };
  }

  /** @returns whether the process dies here; it comes back after a while */
  #stop(process: string, what: string): boolean {
    if (!this.#isWatching || !this.#options.stopsAt({ process, what })) return false;
    if (process === 'relay') {
      this.relay.crash();
      for (const wire of this.#network.wires) this.#network.abandon(wire, 'relay', true);
      this.time.after(DOWN_MS, () => void this.relay.start());
      return true;
    }
    const console = this.consoles.get(process)!;
    console.crash(true);
    this.time.after(DOWN_MS, () => void console.start());
    return true;
  }
}

function goodLine(): LineState {
  return { isUp: true, latencyMs: 20, framesToLose: 0, backlogFactor: 0, uploadTrouble: 0 };
}
