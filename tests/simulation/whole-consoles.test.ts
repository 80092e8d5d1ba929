import { afterEach, expect, test } from 'vitest';
import type { Message } from '../../shared/domain/conversation/message.ts';
import { removeFolders } from '../fakes/console-process.ts';
import { furnish, putAgent, putQueue, receive } from '../fakes/desk-writes.ts';
import { type HubRig, openHubRig } from '../fakes/hub-rig.ts';
import { LinkedCore } from '../fakes/linked-core.ts';

const SEEDS = 6;
const STEPS = 45;
const CONVERSATIONS = ['c1', 'c2', 'c3'];

/** What the runs must have met, or they prove less than they say. */
const met = { kill: 0, cut: 0, halfOpen: 0, truncate: 0, rightsLost: 0, stale: 0, sent: 0 };

afterEach(removeFolders);

test('INV-3 INV-4 INV-10 INV-11 INV-13 whole consoles that are cut, killed and shut out lose nothing, double nothing, and agree', async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) await new Run(await openHubRig(seed), seed).play();
  for (const [what, times] of Object.entries(met)) expect(times, what).toBeGreaterThan(0);
});

interface Issued {
  commandId: string;
  conversationId: string;
  text: string;
}

class Run {
  readonly #rig: HubRig;
  readonly #seed: number;
  /** Two devices of one agent, and another agent. */
  #cores: LinkedCore[] = [];
  /** Texts that a console took, per console, in the order in which it took them. */
  readonly #issued: Issued[][] = [[], [], []];

  constructor(rig: HubRig, seed: number) {
    this.#rig = rig;
    this.#seed = seed;
  }

  async play(): Promise<void> {
    await furnish(this.#rig, ['lan', 'minh']);
    await putQueue(this.#rig, 'other');
    for (const id of CONVERSATIONS) await this.#receive(id);
    for (const id of ['lan', 'lan', 'minh']) this.#cores.push(await LinkedCore.open(this.#rig, id));
    for (let step = 0; step < STEPS; step += 1) await this.#step(step);
    await this.#heal();
    await this.#check();
    for (const core of this.#cores) await core.close();
    await this.#rig.close();
  }

  async #step(step: number): Promise<void> {
    const { random, eventLog } = this.#rig;
    const index = Math.floor(random.fraction() * this.#cores.length);
    const core = this.#cores[index]!;
    const conversationId = this.#pick(CONVERSATIONS);
    const chance = random.fraction();
    if (chance < 0.4) await this.#write(index, conversationId, `text ${step} of ${index}`);
    else if (chance < 0.5) await this.#receive(conversationId);
    else if (chance < 0.56) await tried(core.request('conversation.close', { conversationIds: [conversationId] }));
    else if (chance < 0.6) {
      await tried(core.request('conversation.assign', { conversationIds: [conversationId], agentId: core.agentId }));
    } else if (chance < 0.68) {
      core.cut();
      met.cut += 1;
    } else if (chance < 0.72) {
      core.cutSilently();
      met.halfOpen += 1;
    } else if (chance < 0.8) core.reconnect();
    else if (chance < 0.88) {
      this.#cores[index] = await core.kill();
      met.kill += 1;
    } else if (chance < 0.92) {
      await eventLog.truncate(eventLog.head());
      met.truncate += 1;
    } else if (chance < 0.96) {
      await putAgent(this.#rig, 'minh', { queueIds: random.fraction() < 0.5 ? ['other'] : ['sales'] });
      met.rightsLost += 1;
    } else await core.pass(70_000);
    if (random.fraction() < 0.5) await core.pass(Math.floor(random.fraction() * 3000));
  }

  async #write(index: number, conversationId: string, text: string): Promise<void> {
    const commandId = this.#rig.newId();
    const send = () => this.#cores[index]!.request('message.send', { conversationId, text, commandId });
    if (!(await tried(send()))) return;
    // A view that did not hear the answer asks again: the same command.
    if (this.#rig.random.fraction() < 0.3) await tried(send());
    this.#issued[index]!.push({ commandId, conversationId, text });
    met.sent += 1;
  }

  async #heal(): Promise<void> {
    await putAgent(this.#rig, 'minh', { queueIds: ['sales'] });
    for (const core of this.#cores) core.reconnect();
    for (const core of this.#cores) await core.pass(90_000);
  }

  async #check(): Promise<void> {
    const events = await this.#rig.eventLog.readEvents(this.#rig.eventLog.floor(), 10_000);
    const order = new Map(events.map(({ commandId, seq }) => [commandId, seq]));
    const truth = new Map<string, Message[]>();
    for (const id of CONVERSATIONS) {
      const snapshot = await this.#rig.eventLog.readItemsBefore(`conversation:${id}`, Number.MAX_SAFE_INTEGER, 10_000);
      truth.set(
        id,
        snapshot!.items.map(({ row }) => row as unknown as Message).filter(({ kind }) => kind === 'public'),
      );
    }
    for (const [index, core] of this.#cores.entries()) {
      const where = `seed ${this.#seed}, console ${index}`;
      expect(core.mistakes, where).toEqual([]);
      const status = await core.request('sync.status');
      expect(status, where).toMatchObject({ state: 'online', cursor: this.#rig.eventLog.head(), pendingCount: 0 });
      const { items } = await core.request('attention.list');
      met.stale += items.length;
      for (const id of CONVERSATIONS) {
        const all = truth.get(id)!;
        const issued = this.#issued[index]!.filter(({ conversationId }) => conversationId === id);
        for (const { text, commandId } of issued) {
          const inLog = all.filter((message) => message.text === text).length;
          const inAttention = items.filter((item) => item.commandId === commandId).length;
          expect(inLog + inAttention, `${where}: ${text}`).toBe(1);
        }
        const sent = issued.map(({ text }) => text).filter((text) => all.some((message) => message.text === text));
        const inOrder = all.map(({ text }) => text).filter((text) => sent.includes(text));
        expect(inOrder, where).toEqual(sent);
        const { messages } = await core.request('message.list', { conversationId: id, limit: 200 });
        const shown = messages.filter((message) => message.kind === 'public' && message.state !== 'refused');
        expect(
          shown.map((message) => [message.text, message.isPending]),
          where,
        ).toEqual(all.slice(-shown.length).map(({ text }) => [text, false]));
      }
    }
    expect(order.size, 'no command twice in the log').toBe(events.length);
  }

  async #receive(conversationId: string): Promise<void> {
    const text = `customer ${this.#rig.newId()}`;
    const customerId = `customer of ${conversationId}`;
    await receive(this.#rig, { text, customerId, newConversationId: conversationId });
  }

  #pick<Value>(values: readonly Value[]): Value {
    return values[Math.floor(this.#rig.random.fraction() * values.length)]!;
  }
}

/** @returns whether the console took it; a refusal on the spot is an answer too */
async function tried(request: Promise<unknown>): Promise<boolean> {
  return request.then(
    () => true,
    () => false,
  );
}
