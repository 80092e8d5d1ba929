import { checkBase, checkEnd, checkStep } from './checks.ts';
import { Erasures } from './erasures.ts';
import { faultsOf } from './faults.ts';
import type { Violation } from './invariants.ts';
import type { Met } from './sometimes.ts';
import { WORK } from './steps.ts';
import { ProcessDied } from './stores/memory-disk.ts';
import { CrashedError } from './stores/memory-log-disk.ts';
import { memoryStores } from './stores/memory-stores.ts';
import type { Stores } from './stores/stores.ts';
import { World } from './world.ts';

export interface RunOptions {
  /** How many things happen before all is healed; 300 unless told otherwise. */
  steps?: number;
  /** In memory unless told otherwise. */
  stores?: Stores;
  /** Takes each line of the trace; null or left out: no trace is made. */
  write?: ((line: string) => void) | null;
  /** What happens beside the usual; nothing unless told otherwise. */
  scenario?: Scenario | null;
}

export interface Scenario {
  /** As `WORK`, with the same weights. */
  readonly work: readonly (readonly [(world: World) => unknown, number])[];
  /** When all has healed. */
  checkEnd(world: World): Promise<void>;
}

export interface Outcome {
  seed: number;
  /** Steps until the first violation, or all of them. */
  steps: number;
  /** Of the first moment that had any; nothing was played after it. */
  violations: readonly Violation[];
  met: Met['counts'];
  /** Of the trace; two runs of one seed have the same. Of nothing, where none was made. */
  digest: string;
  /** Events in the log at the end, and simulated ms, for those who wonder what a seed is. */
  events: number;
  simulatedMs: number;
}

/** A step is that time passes, that something goes wrong, or that somebody does something. */
const PASSING_SHARE = 0.64;
const FAULT_SHARE = 0.13;
/** Steps between two looks at what each agent sees. */
const THOROUGH_EVERY = 4;
const BASE_CHECK_SHARE = 0.05;
const HEAL_WITHIN_MS = 12 * 60_000;
const DELIVER_WITHIN_MS = 60 * 60_000;

/** Plays one seed to its end, or to the first violation. The same seed is the same run. */
export async function runSeed(seed: number, options: RunOptions = {}): Promise<Outcome> {
  const rejections = hearRejections();
  const outcome = await play(seed, options);
  // Nothing holds the world any more: the thread collects garbage as soon as it rests, and would carry it along.
  const mistakes = (await rejections.stop()).map((what) => ({ invariant: 'mistake', what }));
  return mistakes.length === 0 ? outcome : { ...outcome, violations: [...outcome.violations, ...mistakes] };
}

async function play(seed: number, options: RunOptions): Promise<Outcome> {
  const { steps = 300, stores = memoryStores, write = null, scenario = null } = options;
  const work = [...WORK, ...(scenario?.work ?? [])];
  const world = new World({ seed, stores, write });
  const { watch, dice, time } = world;
  const erasures = new Erasures(seed);
  let step = 0;
  try {
    await world.begin();
    const faults = faultsOf(world);
    while (step < steps && watch.violations.length === 0) {
      step += 1;
      const kind = dice.fraction();
      if (kind < PASSING_SHARE) await time.pass(waitOf(world));
      else {
        const act = dice.weighted(kind < PASSING_SHARE + FAULT_SHARE ? faults : work);
        await unlessDead(() => act(world));
      }
      await erasures.mayHappen(world);
      await checkStep(world, step % THOROUGH_EVERY === 0);
      if (dice.chance(BASE_CHECK_SHARE)) for (const console of world.consoles) checkBase(world, console);
    }
    if (watch.violations.length === 0) await heal(world);
    if (watch.violations.length === 0) await scenario?.checkEnd(world);
  } catch (error) {
    watch.fail('simulation', error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    world.dispose();
  }
  return {
    seed,
    steps: step,
    violations: watch.violations,
    met: world.met.counts,
    digest: world.trace.digest(),
    events: world.model.head,
    simulatedMs: Math.round(time.elapsed),
  };
}

/** Whoever it was asked of may die of it, or of what was planned for it. */
async function unlessDead(act: () => unknown): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!isDeath(error)) throw error;
  }
}

/** A process died, or its disk was full. */
function isDeath(error: unknown): boolean {
  return (
    error instanceof ProcessDied ||
    error instanceof CrashedError ||
    (error instanceof Error && (error.name === 'DiskFullError' || ('code' in error && error.code === 'SQLITE_FULL')))
  );
}

/**
 * What a process was at when it died fails at its disk, and nobody hears of that. Any other rejection is a mistake.
 * @returns `stop` tells of them all
 */
function hearRejections(): { stop(): Promise<string[]> } {
  const mistakes: string[] = [];
  const others = process.listeners('unhandledRejection');
  const hear = (reason: unknown): void => {
    if (reason instanceof ProcessDied || reason instanceof CrashedError) return;
    mistakes.push(reason instanceof Error ? (reason.stack ?? reason.message) : String(reason));
  };
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', hear);
  const stop = async (): Promise<string[]> => {
    // Node tells of rejections when a thread has nothing else to do, and a simulation never lets it.
    await new Promise((resolve) => setImmediate(resolve));
    process.removeListener('unhandledRejection', hear);
    for (const other of others) process.on('unhandledRejection', other);
    return mistakes;
  };
  return { stop };
}

function waitOf({ dice }: World): number {
  const kind = dice.fraction();
  if (kind < 0.5) return dice.spread(1, 100);
  if (kind < 0.96) return dice.spread(100, 5000);
  return dice.spread(5000, 120_000);
}

/** Nothing goes wrong any more; within a bounded time everybody has everything (I13). */
async function heal(world: World): Promise<void> {
  const { time, relay, platform, trace, watch, dice } = world;
  trace.say('world', () => 'heals');
  world.isHealing = true;
  platform.troubles = 0;
  relay.store.setFull(false);
  if (!relay.isUp) await relay.start();
  if (!relay.isUp || relay.running === null) {
    watch.fail('I13', 'the relay does not start');
    return;
  }
  const isLastGone = dice.chance(0.2) && world.nature.hasRightsChanges;
  for (const id of world.agents) await world.putAgent(id, ['sales', 'care'], true);
  if (isLastGone) await world.putAgent(world.consoles.at(-1)!.agentId, ['sales'], false);
  for (const console of world.consoles) {
    Object.assign(console.line, { isUp: true, framesToLose: 0, uploadTrouble: 0, backlogFactor: 1 });
    console.line.latencyMs = Math.min(console.line.latencyMs, 400);
    console.machine.wake();
    console.store.setFull(false);
  }
  const isQuiet = (): boolean => world.consoles.every((console) => isSettled(world, console));
  const isDelivered = (): boolean => relay.log!.deliveries.countOpen().size === 0;
  for (let tries = 0; tries < 5; tries += 1) {
    for (const console of world.consoles) {
      if (console.account === null) await console.start();
      if (console.status?.state === 'signed-out') console.signIn();
    }
    await time.until(isQuiet, HEAL_WITHIN_MS / 5, 2000);
    await checkStep(world, true);
    if (isQuiet() || watch.violations.length > 0) break;
  }
  if (watch.violations.length > 0) return;
  await time.until(() => isDelivered() && isQuiet(), DELIVER_WITHIN_MS, 10_000);
  // What became of the last messages has to get to the consoles as well, and timers that are due have to be seen to.
  await time.pass(5000);
  await time.until(isQuiet, 60_000, 1000);
  await checkStep(world, true);
  await checkEnd(world);
}

function isSettled(world: World, console: World['consoles'][number]): boolean {
  const { status } = console;
  if (status?.state === 'signed-out') {
    const agent = world.model.at(`agent:${console.agentId}`, world.model.head) as { isActive: boolean };
    return !agent.isActive;
  }
  return status?.state === 'online' && status.pendingCount === 0 && status.cursor === world.model.head;
}
