import { expect, test } from 'vitest';
import type { Agent } from '../../shared/domain/agent/agent.ts';
import type { Conversation } from '../../shared/domain/conversation/conversation.ts';
import { putAgent, putChannel, putQueue } from '../../tests/fakes/desk-writes.ts';
import { StoredEvent } from '../event-log/stored-event.ts';
import { type HubRig, LinkedConsole, differences, openHubRig } from '../../tests/fakes/hub-rig.ts';

const QUEUES = ['sales', 'complaints', 'warranty'];
const AGENTS = ['lan', 'minh', 'hoa'];
const ROLES = ['agent', 'agent', 'specialist', 'lead', 'admin'];
const DAY_MS = 24 * 60 * 60 * 1000;

/** What a run must have met at least once over all seeds, or it proves less than it says. */
const met = { reset: 0, needHeld: 0, leave: 0, enter: 0, catchUp: 0, lagging: 0, wanted: 0, pages: 0, stored: 0 };

test('SYNC-S2 SYNC-S4 SYNC-V1 INV-1 INV-6: whatever happens, a console at the head holds what it may see, and nothing else', async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) await simulate(seed);
  for (const [what, times] of Object.entries(met)) expect(times, what).toBeGreaterThan(0);
});

const SEEDS = 60;
const STEPS = 70;

async function simulate(seed: number): Promise<void> {
  const rig = await openHubRig(seed);
  countStored(rig);
  const workload = new Workload(rig);
  await workload.setUp();
  const consoles = [...AGENTS, 'lan'].map((agentId) => new LinkedConsole(rig, agentId));
  for (let step = 0; step < STEPS; step += 1) {
    await workload.step(consoles);
    if (rig.random.fraction() < 0.5) await rig.settle();
  }
  for (const one of consoles) {
    one.backlogFactor = 0;
    if (!one.isConnected) one.connect();
  }
  await settleAll(rig, consoles);
  for (const one of consoles) {
    const agent = rig.eventLog.read<Agent>(`agent:${one.agentId}`).root();
    expect(one.isConnected, `seed ${seed}, ${one.agentId}`).toBe(agent?.isActive);
    if (!one.isConnected) continue;
    expect(await differences(rig, one), `seed ${seed}, ${one.agentId}`).toEqual([]);
    note(one);
  }
  for (const one of consoles) one.cut();
  await rig.close();
}

/** Events that are not in memory are led on as the log stores them. */
function countStored({ hub: { recent } }: HubRig): void {
  const read = recent.read.bind(recent);
  recent.read = async (after, until) => {
    const events = await read(after, until);
    if (events.some((event) => event instanceof StoredEvent)) met.stored += 1;
    return events;
  };
}

async function settleAll(rig: HubRig, consoles: LinkedConsole[]): Promise<void> {
  for (let round = 0; round < 200; round += 1) {
    // A tick, by which even what does not concern a console moves its cursor (SYNC-D3).
    if (round === 100) rig.clock.advance(20_000);
    for (const one of consoles) one.deliver();
    await rig.settle();
    if (round > 100 && consoles.every((one) => one.underWay.length === 0)) return;
    for (const one of consoles) if (!one.isConnected && round < 90) one.connect();
  }
}

function note(one: LinkedConsole): void {
  for (const welcome of one.messages('welcome')) {
    if (welcome.mode === 'reset') met.reset += 1;
    if (welcome.needHeld) met.needHeld += 1;
  }
  for (const frame of one.messages('frame')) {
    if (frame.leave.length > 0) met.leave += 1;
    if (frame.enter.length > 0) met.enter += 1;
    if (frame.isCatchUp) met.catchUp += 1;
  }
  met.pages += one.messages('page').length;
  met.wanted += one.messages('wanted').filter(({ answer }) => answer.ok).length;
}

class Workload {
  readonly #rig: HubRig;
  readonly #conversations: string[] = [];

  constructor(rig: HubRig) {
    this.#rig = rig;
  }

  async setUp(): Promise<void> {
    for (const id of QUEUES) {
      await putQueue(this.#rig, id);
      await putChannel(this.#rig, `web-${id}`, id);
    }
    for (const id of AGENTS) await this.#putAgent(id);
  }

  async step(consoles: LinkedConsole[]): Promise<void> {
    const one = this.#pick(consoles);
    const chance = this.#rig.random.fraction();
    if (chance < 0.3) await this.#receive();
    else if (chance < 0.42) await this.#move();
    else if (chance < 0.5) await this.#putAgent(this.#pick(AGENTS));
    else if (chance < 0.56) await this.#close();
    else if (chance < 0.6) await this.#putCannedReply();
    else if (chance < 0.62) this.#rig.clock.jumpTo(this.#rig.clock.now() + this.#rig.random.fraction() * 40 * DAY_MS);
    else if (chance < 0.64)
      await this.#rig.eventLog.truncate(Math.floor(this.#rig.random.fraction() * this.#rig.eventLog.head()));
    else if (chance < 0.68) this.#want(one);
    else if (chance < 0.78) one.deliver(1 + Math.floor(this.#rig.random.fraction() * 4));
    else if (chance < 0.86) one.deliver();
    else if (chance < 0.88) this.#slowDown(one);
    // From here on events of before come from the log, as it stores them.
    else if (chance < 0.9) this.#rig.hub.recent.forget();
    else if (one.isConnected && chance < 0.95) one.cut();
    else if (!one.isConnected) one.connect();
  }

  #slowDown(one: LinkedConsole): void {
    one.backlogFactor = one.backlogFactor === 0 ? 1_000_000 : 0;
    if (one.backlogFactor > 0 && one.isConnected) met.lagging += 1;
  }

  async #receive(): Promise<void> {
    const isNew = this.#conversations.length === 0 || this.#rig.random.fraction() < 0.4;
    const conversationId = isNew ? null : this.#pick(this.#conversations);
    const channelId = `web-${this.#pick(QUEUES)}`;
    const customerId = `customer-${Math.floor(this.#rig.random.fraction() * 6)}`;
    const result = await this.#rig.submit('message.receive', {
      channelId,
      customer: {
        id: customerId,
        identity: { channelId, externalId: customerId, isVerified: false },
        profile: { name: customerId },
      },
      conversationId,
      newConversationId: this.#rig.newId(),
      messageId: this.#rig.newId(),
      text: 'x'.repeat(Math.floor(this.#rig.random.fraction() * 30) + 1),
      writtenAt: this.#rig.clock.now(),
    });
    const id = result.ok ? (result.output as { conversationId: string }).conversationId : null;
    if (id !== null && !this.#conversations.includes(id)) this.#conversations.push(id);
  }

  async #move(): Promise<void> {
    if (this.#conversations.length === 0) return;
    const conversationIds = [...new Set([this.#pick(this.#conversations), this.#pick(this.#conversations)])];
    await this.#rig.submit('conversation.move', { conversationIds, queueId: this.#pick(QUEUES) });
  }

  async #close(): Promise<void> {
    if (this.#conversations.length === 0) return;
    const id = this.#pick(this.#conversations);
    const root = this.#rig.eventLog.read<Conversation>(`conversation:${id}`).root();
    const base = { customerSeqs: { [id]: root?.customerSeq ?? 0 } };
    await this.#rig.submit('conversation.close', { conversationIds: [id] }, base);
  }

  async #putAgent(id: string): Promise<void> {
    const queueIds = QUEUES.filter(() => this.#rig.random.fraction() < 0.5);
    const isActive = this.#rig.random.fraction() < 0.95;
    await putAgent(this.#rig, id, { role: this.#pick(ROLES), queueIds, isActive });
  }

  async #putCannedReply(): Promise<void> {
    const id = `reply-${Math.floor(this.#rig.random.fraction() * 3)}`;
    const isThere = this.#rig.eventLog.read(`canned-reply:${id}`).root() !== null;
    if (isThere) await this.#rig.submit('canned-reply.delete', { id });
    else {
      const queueIds = QUEUES.filter(() => this.#rig.random.fraction() < 0.3);
      const fields = { title: id, shortcut: id, texts: { vi: id }, queueIds };
      await this.#rig.submit('canned-reply.put', { id, fields });
    }
  }

  #want(one: LinkedConsole): void {
    if (this.#conversations.length === 0) return;
    const subject = `conversation:${this.#pick(this.#conversations)}`;
    one.say('want', {
      session: one.session,
      id: this.#rig.newId(),
      subject: subject as never,
      before: null,
      limit: 30,
    });
  }

  #pick<Value>(list: readonly Value[]): Value {
    return list[Math.floor(this.#rig.random.fraction() * list.length)]!;
  }
}
