import { cpSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RelaySeed } from '../../bench/data/relay-seed.ts';
import { TextGenerator } from '../../bench/data/text-generator.ts';
import { seededRandom } from '../fakes/manual-clock.ts';
import { explainedConflicts } from './check-explained.ts';
import { readFiles, readRelay, readViews } from './collect-evidence.ts';
import type { Conditions } from './conditions.ts';
import { ConsoleUnderTest } from './console-under-test.ts';
import { FaultProxy, type Traffic } from './fault-proxy.ts';
import { type Violation, checkHistory } from './history-checker.ts';
import { History } from './history.ts';
import { RelayUnderTest } from './relay-under-test.ts';
import { WorkingAgent } from './working-agent.ts';

const HOUR_MS = 3_600_000;
/** From 9:00 to 17:00. */
const DAY_MS = 8 * HOUR_MS;
/** Head office, whose agents have the lower numbers. */
const OTHERS = 12;
const QUARTERS = 32;
const POLL_MS = 50;
const PASSWORD = 'một mật khẩu đủ dài';

/** 2 Mbit/s, 300 ms there and back, and of 100 pieces of 16 kB one that ends its connection. */
export const OFFICE_LINE: Partial<Conditions> = {
  bytesPerSecond: 250_000,
  latencyMs: 150,
  sliceBytes: 16 * 1024,
  cutChance: 0.01,
};

export interface BranchDayOptions {
  seed: number;
  agents: number;
  /** Written by all of them together while the line is down. */
  commands: number;
  /** Of head office meanwhile. */
  events: number;
  conversations: number;
  folder: string;
  say(line: string): void;
}

export interface Return {
  /** Until all are at the head with an empty outbox. */
  elapsedMs: number;
  traffic: Traffic;
  /** For each agent, when it was at the head with an empty outbox for the first time. */
  doneMs: number[];
}

/** A branch office whose one line is down from 9:00 to 17:00, while head office works on. */
export class BranchDay {
  readonly #options: BranchDayOptions;
  readonly #history = new History();
  readonly #line: FaultProxy;
  readonly #relay: RelayUnderTest;
  readonly #consoles: ConsoleUnderTest[];

  private constructor(options: BranchDayOptions, relay: RelayUnderTest, line: FaultProxy) {
    this.#options = options;
    this.#relay = relay;
    this.#line = line;
    this.#consoles = Array.from({ length: options.agents }, (_, number) => {
      const agentId = `agent-${OTHERS + number}`;
      const account = { agentId, email: `${agentId}@example.org`, password: PASSWORD };
      return new ConsoleUnderTest({ number, folder: options.folder, ...account, proxy: line });
    });
  }

  /** Everything until 17:00: what the branch wrote lies in its outboxes, what head office did in the relay's log. */
  static async write(options: BranchDayOptions): Promise<BranchDay> {
    const { seed, folder, agents, conversations, events, say } = options;
    const relayFolder = path.join(folder, 'relay');
    mkdirSync(relayFolder, { recursive: true });
    const random = seededRandom(seed);
    const texts = new TextGenerator(random);
    const before = new RelaySeed(relayFolder, random, texts, DAY_MS + HOUR_MS);
    await before.addWorkspace(OTHERS + agents);
    await before.addConversations(conversations);
    for (let number = 0; number < agents; number += 1) await before.setPassword(OTHERS + number, PASSWORD);
    const { conversationIds } = before;
    await before.close();

    const relay = await RelayUnderTest.open(folder);
    const day = new BranchDay(options, relay, await FaultProxy.open(relay.port, seededRandom(seed + 1)));
    try {
      for (const console of day.#consoles) {
        console.control.change({ clockShiftMs: -DAY_MS });
        await console.start();
      }
      await day.#untilAllAreDone();
      say(`09:00  ${agents} agents are at the head (${relay.head()}); their line goes down.`);
      await day.#line.refuse();
      day.#line.resetAll();
      await relay.stop();
      await day.#writeAll();
      const traffic = new RelaySeed(relayFolder, random, texts, DAY_MS / 2);
      traffic.conversationIds.push(...conversationIds);
      await traffic.addTraffic(events, OTHERS);
      await traffic.close();
      await relay.start();
      say(`17:00  ${day.#history.issued.length} commands wait; head office is at ${relay.head()}.`);
      return day;
    } catch (error) {
      await day.close();
      throw error;
    }
  }

  /** The line is back. @param isTold whether the machines notice, as an operating system does; else each console waits its turn */
  async returnLine(conditions: Partial<Conditions>, isTold: boolean): Promise<Return> {
    const { traffic } = this.#line;
    const before = { ...traffic };
    this.#line.change(conditions);
    await this.#line.accept();
    const startedAt = performance.now();
    if (isTold) {
      await Promise.all(this.#consoles.map(({ headless }) => headless.request('sync.setOnline', { isOnline: true })));
    }
    const doneMs = await this.#untilAllAreDone();
    const elapsedMs = performance.now() - startedAt;
    const moved = {
      connections: traffic.connections - before.connections,
      bytesUp: traffic.bytesUp - before.bytesUp,
      bytesDown: traffic.bytesDown - before.bytesDown,
      cuts: traffic.cuts - before.cuts,
    };
    return { elapsedMs, traffic: moved, doneMs };
  }

  /** Compares what everybody has. Ends the processes. */
  async judge(): Promise<{ violations: Violation[]; counts: Record<string, number> }> {
    await this.#line.heal();
    const views: Awaited<ReturnType<typeof readViews>>[] = [];
    for (const console of this.#consoles) views.push(await readViews(console));
    for (const console of this.#consoles) await console.stop();
    await this.#relay.stop();
    const { issued, customerLines, cursors, discarded, destroyed, rewoundCustomers, incidents } = this.#history;
    const evidence = {
      ...{ issued, customerLines, cursors, discarded, destroyed, rewoundCustomers, incidents, feeds: [] },
      relay: readRelay(this.#relay.databaseFile),
      consoles: this.#consoles.map((console, number) => ({ ...views[number]!, ...readFiles(console) })),
    };
    const explained = explainedConflicts(evidence);
    // Head office's customers are made up: no channel of theirs takes an answer, so INV-5 is not for here.
    const violations = checkHistory(evidence).filter(({ invariant }) => invariant !== 'INV-5');
    return {
      violations: [...violations, ...explained.violations],
      counts: {
        'commands given': issued.length,
        'of those, refused on the spot': issued.filter(({ outcome }) => outcome === 'refused').length,
        executed: issued.filter(({ commandId }) => evidence.relay.results.get(commandId)?.ok === true).length,
        ...explained.counts,
      },
    };
  }

  /** Ends the processes in order and keeps a copy of all they have, for rounds that begin from here. */
  async rest(to: string): Promise<void> {
    for (const console of this.#consoles) await console.stop();
    await this.#relay.stop();
    rmSync(to, { recursive: true, force: true, maxRetries: 5 });
    cpSync(this.#options.folder, to, { recursive: true });
  }

  /** Begins again from such a copy: the line is down, everybody is up. */
  async resume(from: string): Promise<void> {
    await this.close();
    await this.#line.refuse();
    for (const console of this.#consoles) {
      this.#history.cursors.push({ console: console.number, what: 'relay-restored' });
      rmSync(console.dataDir, { recursive: true, force: true, maxRetries: 5 });
      cpSync(path.join(from, path.basename(console.dataDir)), console.dataDir, { recursive: true });
    }
    rmSync(this.#relay.dataDir, { recursive: true, force: true, maxRetries: 5 });
    cpSync(path.join(from, 'relay'), this.#relay.dataDir, { recursive: true });
    await this.#relay.startAgain();
    for (const console of this.#consoles) await console.start();
  }

  /** Ends the processes by force. */
  async close(): Promise<void> {
    for (const console of this.#consoles) await console.kill();
    await this.#relay.kill();
  }

  /** Also ends the proxy. */
  async end(): Promise<void> {
    await this.close();
    await this.#line.close();
  }

  async #writeAll(): Promise<void> {
    const { seed, commands } = this.#options;
    const agents = this.#consoles.map(
      (console, number) =>
        new WorkingAgent({
          console,
          history: this.#history,
          random: seededRandom(seed + 100 + number),
          queueIds: ['care'],
          paceMs: 0,
        }),
    );
    for (let quarter = 1; quarter <= QUARTERS; quarter += 1) {
      const clockShiftMs = -Math.round(DAY_MS * (1 - quarter / QUARTERS));
      for (const console of this.#consoles) console.control.change({ clockShiftMs });
      const enough = Math.round((commands * quarter) / QUARTERS);
      while (this.#history.issued.length < enough) {
        await Promise.all(agents.slice(0, enough - this.#history.issued.length).map((agent) => agent.workOnce()));
      }
    }
  }

  /** @returns for each console, after how many ms it was at the head with an empty outbox for the first time */
  async #untilAllAreDone(): Promise<number[]> {
    const startedAt = performance.now();
    const doneMs: (number | null)[] = this.#consoles.map(() => null);
    for (;;) {
      const statuses = await Promise.all(this.#consoles.map(({ headless }) => headless.request('sync.status', {})));
      const head = this.#relay.head();
      const areDone = statuses.map((one) => one.state === 'online' && one.pendingCount === 0 && one.cursor >= head);
      for (const [number, isDone] of areDone.entries()) if (isDone) doneMs[number] ??= performance.now() - startedAt;
      if (areDone.every(Boolean)) return doneMs.map(Number);
      await sleep(POLL_MS);
    }
  }
}
