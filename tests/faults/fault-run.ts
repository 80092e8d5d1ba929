import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { seededRandom } from '../fakes/manual-clock.ts';
import { readFiles, readRelay, readViews } from './collect-evidence.ts';
import { ConsoleUnderTest } from './console-under-test.ts';
import { type FaultWorld, injectFault } from './fault-actions.ts';
import { type PlannedFault, describeFault, faultKinds } from './fault-plan.ts';
import { FaultProxy } from './fault-proxy.ts';
import { type Violation, checkHistory } from './history-checker.ts';
import { type Evidence, type Feed, History } from './history.ts';
import { RelayUnderTest } from './relay-under-test.ts';
import { WorkingAgent } from './working-agent.ts';
import { CUSTOMER_ORIGIN, WritingCustomer } from './writing-customer.ts';

const PASSWORD = 'một mật khẩu đủ dài';
const QUEUES = ['queue-a', 'queue-b'];
const POLL_MS = 250;
/** Of a quiet system: deliveries and receipts become facts too, so the head has to stand still for a while. */
const QUIET_MS = 2000;

export interface FaultRunOptions {
  seed: number;
  plan: readonly PlannedFault[];
  durationMs: number;
  consoles: number;
  customers: number;
  /** Longest pause of an agent; customers take three times as long. */
  paceMs: number;
  /** How long the healed system may take until everybody has everything. */
  healWithinMs: number;
  folder: string;
  say(line: string): void;
}

export interface FaultRunOutcome {
  violations: Violation[];
  /** Per fault of the plan: what kept it from being injected, or null. */
  injected: { fault: PlannedFault; skipped: string | null }[];
  counts: Record<string, number>;
}

const channelSchema = z.looseObject({ channel: z.looseObject({ widgetKey: z.string() }) });

/** Works, breaks, heals, and judges. Everything it starts has ended when it returns. */
export async function runFaults(options: FaultRunOptions): Promise<FaultRunOutcome> {
  const run = new FaultRun(options);
  try {
    return await run.play();
  } finally {
    await run.close();
  }
}

class FaultRun {
  readonly #options: FaultRunOptions;
  readonly #history = new History();
  readonly #lines: FaultProxy[] = [];
  readonly #consoles: ConsoleUnderTest[] = [];
  readonly #agents: WorkingAgent[] = [];
  readonly #customers: WritingCustomer[] = [];
  readonly #injected: FaultRunOutcome['injected'] = [];
  #relay: RelayUnderTest | null = null;
  #destructive: Promise<unknown> = Promise.resolve();

  constructor(options: FaultRunOptions) {
    this.#options = options;
    mkdirSync(options.folder, { recursive: true });
  }

  async play(): Promise<FaultRunOutcome> {
    const { say, durationMs } = this.#options;
    await this.#prepare();
    say('Everybody is at work.');
    const startedAt = performance.now();
    const work = Promise.all([
      ...this.#agents.map((agent) => agent.work()),
      ...this.#customers.map((one) => one.write()),
    ]);
    await this.#injectAll(startedAt);
    await sleep(Math.max(0, durationMs - (performance.now() - startedAt)));
    say('Healing …');
    await this.#heal(work);
    say('Collecting what everybody has …');
    try {
      const evidence = await this.#collect();
      return { violations: checkHistory(evidence), injected: this.#injected, counts: this.#count(evidence) };
    } catch (error) {
      const incidents = [...this.#history.incidents, `nothing to judge: ${(error as Error).stack ?? String(error)}`];
      return {
        violations: incidents.map((what) => ({ invariant: 'run', what })),
        injected: this.#injected,
        counts: {},
      };
    }
  }

  async close(): Promise<void> {
    for (const agent of this.#agents) agent.stop();
    for (const customer of this.#customers) {
      customer.stop();
      customer.close();
    }
    for (const console of this.#consoles) {
      console.thaw();
      await console.kill();
    }
    this.#relay?.thaw();
    await this.#relay?.kill();
    for (const line of this.#lines) await line.close();
  }

  async #prepare(): Promise<void> {
    const { folder, seed, consoles, customers, paceMs } = this.#options;
    const relay = await RelayUnderTest.open(folder);
    this.#relay = relay;
    await relay.administer('POST', '/workspace', { name: 'Faults' });
    for (const id of QUEUES) await relay.administer('POST', '/queues', { id, name: id });
    const channel = await relay.administer('POST', '/channels', {
      ...{ id: 'channel-faults', name: 'Faults', queue: QUEUES[0], maxTextLength: 4000 },
      ...{ allowedOrigins: [CUSTOMER_ORIGIN], rateLimits: null },
    });
    const { widgetKey } = channelSchema.parse(channel).channel;
    for (let number = 0; number <= consoles; number += 1) {
      this.#lines.push(await FaultProxy.open(relay.port, seededRandom(seed * 1000 + number)));
    }
    for (let number = 0; number < consoles; number += 1) {
      const [id, email] = [`agent-${number}`, `agent-${number}@faults.example`];
      // One lead, who may take over by force; the others are refused what somebody else has.
      const role = number === 0 ? 'lead' : 'agent';
      await relay.administer('POST', '/agents', {
        ...{ id, email, name: `Agent ${number}`, role, queues: QUEUES, password: PASSWORD },
      });
      const parts = { number, folder, agentId: id, email, password: PASSWORD, proxy: this.#lines[number]! };
      const console = new ConsoleUnderTest(parts);
      this.#consoles.push(console);
      const random = seededRandom(seed * 1000 + 100 + number);
      this.#agents.push(new WorkingAgent({ console, history: this.#history, random, queueIds: QUEUES, paceMs }));
      await console.start();
    }
    for (let number = 0; number < customers; number += 1) {
      const random = seededRandom(seed * 1000 + 200 + number);
      const proxy = this.#lines.at(-1)!;
      const customer = { number, proxy, widgetKey, history: this.#history, random, paceMs: paceMs * 3 };
      this.#customers.push(new WritingCustomer(customer));
    }
    await Promise.all(this.#customers.map((customer) => customer.begin()));
  }

  /** Faults of one target one after the other, those of different targets at the same time. */
  async #injectAll(startedAt: number): Promise<void> {
    const { plan, say, consoles } = this.#options;
    const world = this.#world();
    const lanes = Map.groupBy(plan, ({ name, target }) => `${faultKinds[name].target} ${target}`);
    await Promise.all(
      [...lanes.values()].map(async (faults) => {
        for (const fault of faults) {
          await sleep(Math.max(0, fault.atMs - (performance.now() - startedAt)));
          say(
            `${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${describeFault(fault, consoles)}`,
          );
          try {
            this.#injected.push({ fault, skipped: await injectFault(fault, world) });
          } catch (error) {
            this.#injected.push({ fault, skipped: null });
            this.#history.incidents.push(
              `${describeFault(fault, consoles)}: ${(error as Error).stack ?? String(error)}`,
            );
          }
        }
      }),
    );
  }

  #world(): FaultWorld {
    const { folder, customers } = this.#options;
    return {
      ...{ folder, customers, relay: this.#relay!, consoles: this.#consoles, lines: this.#lines, queueIds: QUEUES },
      history: this.#history,
      alone: (work) => {
        const run = this.#destructive.then(work, work);
        this.#destructive = run.catch(() => undefined);
        return run;
      },
    };
  }

  /** No fault any more; what was begun is finished; then waits until all are at the head and nothing moves. */
  async #heal(work: Promise<unknown>): Promise<void> {
    const { healWithinMs } = this.#options;
    this.#noteCrashes();
    for (const line of this.#lines) await line.heal();
    await this.#relay!.startAgain();
    for (const console of this.#consoles) await console.startAgain();
    for (const agent of this.#agents) agent.stop();
    for (const customer of this.#customers) customer.stop();
    const isDone = await within(healWithinMs, work);
    if (!isDone) this.#history.incidents.push('an agent or customer did not get an answer after everything was healed');
    const problem = await this.#waitForQuiet(performance.now() + healWithinMs);
    if (problem !== null) this.#history.incidents.push(problem);
    this.#noteCrashes();
  }

  async #waitForQuiet(deadline: number): Promise<string | null> {
    let last = '';
    let quietSince = performance.now();
    for (;;) {
      const head = this.#relay!.head();
      const statuses = await Promise.all(this.#consoles.map(({ headless }) => headless.request('sync.status', {})));
      const isCaughtUp = statuses.every(
        (one) => one.state === 'online' && one.cursor === head && one.pendingCount === 0,
      );
      for (const [index, { state }] of statuses.entries()) {
        if (state === 'signed-out') await this.#consoles[index]!.signInAgain().catch(() => undefined);
      }
      const now = `${head} ${String(isCaughtUp)}`;
      if (now !== last) quietSince = performance.now();
      last = now;
      if (isCaughtUp && performance.now() - quietSince >= QUIET_MS) return null;
      if (performance.now() > deadline) {
        return `the healed system did not come to rest: head ${head}, consoles ${JSON.stringify(statuses)}`;
      }
      await sleep(POLL_MS);
    }
  }

  async #collect(): Promise<Evidence> {
    const history = this.#history;
    const relay = this.#relay!;
    const views: Awaited<ReturnType<typeof readViews>>[] = [];
    const feeds: Feed[] = [];
    for (;;) {
      for (const customer of this.#customers) feeds.push(customer.feed, await customer.readFresh());
      for (const console of this.#consoles) views.push(await readViews(console));
      await relay.stop();
      const head = relay.head();
      if (views.every(({ status }) => status.cursor === head)) break;
      // Something became a fact after that; what it is compared with has to be of the same moment.
      await relay.startAgain();
      const problem = await this.#waitForQuiet(performance.now() + this.#options.healWithinMs);
      if (problem !== null) {
        history.incidents.push(problem);
        break;
      }
      views.length = 0;
      feeds.length = 0;
    }
    for (const customer of this.#customers) customer.close();
    for (const console of this.#consoles) await console.stop();
    await relay.stop();
    const { issued, customerLines, cursors, discarded, destroyed, rewoundCustomers, incidents } = history;
    return {
      ...{ issued, customerLines, cursors, feeds, discarded, destroyed, rewoundCustomers, incidents },
      relay: readRelay(relay.databaseFile),
      consoles: this.#consoles.map((console, number) => ({ ...views[number]!, ...readFiles(console) })),
    };
  }

  #noteCrashes(): void {
    const { incidents } = this.#history;
    incidents.push(...this.#relay!.crashes.splice(0));
    for (const console of this.#consoles) {
      if (console.shouldRun && console.headless.pid === undefined) {
        incidents.push(`console ${console.number} ended by itself: ${console.lastWords()}`);
      }
    }
  }

  #count(evidence: Evidence): Record<string, number> {
    const { issued, customerLines, relay, consoles, feeds } = evidence;
    const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
    return {
      'commands given': issued.length,
      taken: issued.filter(({ outcome }) => outcome === 'taken').length,
      'refused on the spot': issued.filter(({ outcome }) => outcome === 'refused').length,
      'of those, for want of a disk': sum(this.#agents.map(({ storageRefusals }) => storageRefusals)),
      unknown: issued.filter(({ outcome }) => outcome === 'unknown').length,
      'customers’ lines': customerLines.length,
      'entries of customers’ pages': sum(feeds.map(({ entries }) => entries.length)),
      'events in the log': relay.head,
      'in attention lists': sum(consoles.map(({ attention }) => attention.length)),
      'decided from attention lists': sum(this.#agents.map(({ decisions }) => decisions)),
      'signed in again': sum(this.#consoles.map(({ signIns }) => signIns)),
      'destroyed with what held it': evidence.destroyed.size,
      'connections through the proxies': sum(this.#lines.map(({ traffic }) => traffic.connections)),
    };
  }
}

async function within(patienceMs: number, work: Promise<unknown>): Promise<boolean> {
  const controller = new AbortController();
  const late = sleep(patienceMs, false, { signal: controller.signal }).catch(() => false);
  const isDone = await Promise.race([work.then(() => true), late]);
  controller.abort();
  return isDone;
}
