import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Message } from '../../../shared/domain/conversation/message.ts';
import { forgiveDeadProcesses } from '../forgive-dead-processes.ts';
import type { Given } from '../sim-console.ts';
import { memoryStores } from '../stores/memory-stores.ts';
import { ScriptedAgent, type Written, reply } from './scripted-agent.ts';
import { SmallWorld } from './small-world.ts';

/**
 * Exhaustive in a small scope: every script of three commands over two lanes on one device, online or given offline while
 * a colleague replies, and three commands of another device of the same agent; the first device is stopped at each point of
 * its life (see command-path.test.ts for what a point is). All promises of the outbox are looked at on the way and at the
 * end.
 */
type Choice = 'reply a' | 'close a' | 'reply b';
const CHOICES: readonly Choice[] = ['reply a', 'close a', 'reply b'];
const STEP_MS = 60;

let stopForgiving: () => Promise<void>;
beforeAll(() => {
  stopForgiving = forgiveDeadProcesses();
});
afterAll(() => stopForgiving());

test.each([true, false])(
  'SYNC-R1 SYNC-R2 SYNC-R3 SYNC-R4 SYNC-O2 SYNC-O3 INV-3 INV-4 INV-9 INV-10 INV-11 every script of three commands, online: %s, stopped at every point',
  async (isOnline) => {
    let runs = 0;
    const met = { refused: 0, blocked: 0 };
    for (const first of CHOICES) {
      for (const second of CHOICES) {
        for (const third of CHOICES) {
          const choices = [first, second, third];
          let points = 0;
          for (let at = -1; at < points; at += 1) {
            const run = await new Run(choices, isOnline, at).play();
            expect(run.broken, `${choices.join(', ')}; stopped at point ${at}`).toEqual([]);
            if (at === -1) points = run.points;
            met.refused += run.refused;
            met.blocked += run.blocked;
            runs += 1;
          }
        }
      }
    }
    if (!isOnline) for (const [what, times] of Object.entries(met)) expect(times, what).toBeGreaterThan(0);
    console.log(`  ${runs} schedules`);
  },
);

class Run {
  /** What promise was broken, and how. */
  readonly broken: string[] = [];
  points = 0;
  refused = 0;
  blocked = 0;
  readonly #world: SmallWorld;
  readonly #isOnline: boolean;
  readonly #script: Written[];
  /** Replies that were to be seen since they were taken, by message. */
  readonly #shown = new Map<string, Given>();

  constructor(choices: readonly Choice[], isOnline: boolean, stopAt: number) {
    this.#isOnline = isOnline;
    this.#script = choices.map((choice, index) => writtenOf(choice, index + 1));
    this.#world = new SmallWorld({
      stores: memoryStores,
      consoles: { first: 'lan', second: 'lan' },
      stopsAt: ({ process }) => {
        if (process !== 'first') return false;
        this.points += 1;
        return this.points - 1 === stopAt;
      },
    });
  }

  async play(): Promise<this> {
    const world = this.#world;
    try {
      await world.open();
      if (!this.#isOnline) world.cut('first');
      world.watch();
      const agents = [
        new ScriptedAgent(world, 'first', this.#script, 1),
        new ScriptedAgent(world, 'second', [reply(11, 'b'), reply(12, 'a'), tag()], 2),
      ];
      if (!this.#isOnline) {
        await this.#pass(900);
        await world.colleagueReplies('a', 'meanwhile');
        world.consoles.get('first')!.line.isUp = true;
      }
      for (let waited = 0; waited < 120_000 && !this.#isQuiet(agents); waited += STEP_MS) await this.#pass(STEP_MS);
      if (!this.#isQuiet(agents)) this.broken.push('INV-13 it does not come to rest');
      else await this.#checkEnd(agents);
    } finally {
      world.dispose();
    }
    this.broken.push(...world.mistakes);
    return this;
  }

  async #pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      await this.#world.pass(STEP_MS);
      await this.#checkViews();
    }
  }

  #isQuiet(agents: readonly ScriptedAgent[]): boolean {
    const { relay, consoles } = this.#world;
    return (
      agents.every((agent) => agent.isDone) &&
      [...consoles.values()].every(({ account, status }) => {
        if (account === null || status?.state !== 'online' || status.cursor !== relay.log?.head()) return false;
        return account.outbox.commands.listOpen().every(({ state }) => state === 'blocked');
      })
    );
  }

  /** INV-9, INV-10: what was typed and taken is seen, and kept, at every moment. */
  async #checkViews(): Promise<void> {
    for (const [name, console] of this.#world.consoles) {
      const { account } = console;
      if (account === null) continue;
      const { commands } = account.outbox;
      for (const given of console.given) {
        if (given.isTaken !== true || given.messageId === null) continue;
        this.#shown.set(given.messageId, given);
        const isRefused = commands.findRefused(given.commandId) !== null;
        const isInLog = this.#world.events.some(({ commandId }) => commandId === given.commandId);
        if (!isRefused && !isInLog && commands.find(given.commandId) === null) {
          this.broken.push(`INV-10 ${given.messageId} is nowhere`);
        }
        const { items } = await console.store.see(`conversation:${given.conversationId}`);
        const times = items.filter(({ id }) => id === given.messageId).length;
        if (times !== 1 && !isRefused) this.broken.push(`INV-9 ${name} shows ${given.messageId} ${times} times`);
      }
    }
  }

  async #checkEnd(agents: readonly ScriptedAgent[]): Promise<void> {
    const { events, consoles, relay } = this.#world;
    for (const [index, console] of [...consoles.values()].entries()) {
      const { commands } = console.account!.outbox;
      const lanes = new Map<string, number[]>();
      for (const given of agents[index]!.given) {
        if (given === null || given.isTaken !== true) continue;
        const facts = events.filter(({ commandId }) => commandId === given.commandId);
        const isRefused = commands.findRefused(given.commandId) !== null;
        const isBlocked = commands.find(given.commandId)?.state === 'blocked';
        // A command that changes nothing, such as a second close, is confirmed without a fact.
        const isSettled = commands.find(given.commandId)?.state === 'settled';
        const ends = [isSettled, isRefused, isBlocked].filter(Boolean).length;
        if (facts.length > 1) this.broken.push(`INV-3 ${given.type} is in the log ${facts.length} times`);
        if (ends !== 1) this.broken.push(`INV-3 ${given.type} has ${ends} ends`);
        if (facts.length === 1 && !isSettled) this.broken.push(`INV-3 ${given.type} is in the log, and not settled`);
        if (given.messageId !== null && isSettled && facts.length === 0) this.broken.push('INV-10 a reply got lost');
        const { after } = commands.find(given.commandId)?.command ?? { after: null };
        if (after !== null && commands.findRefused(after) !== null && !isBlocked) {
          this.broken.push('SYNC-O3 it went ahead of the refused reply that it waited for');
        }
        if (isRefused) this.refused += 1;
        if (isBlocked) this.blocked += 1;
        const lane = String(given.args['conversationId'] ?? (given.args['conversationIds'] as string[])[0]);
        lanes.set(lane, [...(lanes.get(lane) ?? []), ...facts.map(({ seq }) => seq)]);
      }
      for (const [lane, seqs] of lanes) {
        const isInOrder = seqs.every((seq, place) => place === 0 || seq > seqs[place - 1]!);
        if (!isInOrder) this.broken.push(`INV-4 lane ${lane}: ${seqs.join()}`);
      }
      for (const id of ['a', 'b']) {
        const seen = await console.store.see(`conversation:${id}`);
        const truth = (await relay.log!.readSnapshot(`conversation:${id}`))!.items.map(({ row }) => row);
        const pending = seen.items.filter(({ id: item }) => !truth.some((row) => row.id === item));
        // What was refused is shown apart from the rows; nothing else may differ.
        if (pending.length > 0) this.broken.push(`INV-11 ${id} shows ${(pending[0] as Message).text}`);
        if (seen.items.length !== truth.length) this.broken.push(`INV-11 ${id} lacks something`);
      }
    }
  }
}

function writtenOf(choice: Choice, number: number): Written {
  if (choice !== 'close a') return reply(number, choice.slice(-1));
  return { type: 'conversation.close', args: { conversationIds: ['a'] } };
}

function tag(): Written {
  return { type: 'conversation.tag', args: { conversationId: 'a', add: ['vip'] } };
}
