import type { Random } from '../../shared/primitives/clock.ts';
import { seededRandom } from '../fakes/manual-clock.ts';

type Target = 'relay' | 'staff' | 'console' | 'line';

interface FaultKind {
  /** Whom it befalls; faults of one target come one after the other. A line may also be that of the customers. */
  target: Target;
  /** How long it lasts, ms, from and to; 0 for what is over at once. */
  lasts: readonly [number, number];
  does: string;
}

const kinds = {
  'relay-killed': { target: 'relay', lasts: [0, 3000], does: 'SIGKILL, started again after a while' },
  'relay-frozen': { target: 'relay', lasts: [1000, 5000], does: 'SIGSTOP, then SIGCONT' },
  'relay-disk-full': { target: 'relay', lasts: [1000, 4000], does: 'no page more for its database' },
  'relay-read-only': { target: 'relay', lasts: [500, 2500], does: 'its database cannot be written' },
  'relay-clock': { target: 'relay', lasts: [0, 0], does: 'jumps by up to an hour' },
  'relay-newer': { target: 'relay', lasts: [0, 0], does: 'its database is of a newer version: it says so and ends' },
  'relay-restored': { target: 'relay', lasts: [2000, 5000], does: 'a backup is restored after a while; new lineage' },
  'relay-truncated': { target: 'relay', lasts: [0, 0], does: 'all but the newest events are forgotten' },
  'queue-taken': { target: 'staff', lasts: [2000, 6000], does: 'an agent loses a queue, and gets it back' },
  'console-killed': { target: 'console', lasts: [0, 3000], does: 'SIGKILL, started again after a while' },
  'console-frozen': { target: 'console', lasts: [1000, 8000], does: 'SIGSTOP, then SIGCONT' },
  'console-disk-full': { target: 'console', lasts: [2000, 6000], does: 'no page more for its databases' },
  'console-read-only': { target: 'console', lasts: [1000, 4000], does: 'its databases cannot be written' },
  'console-folder-read-only': { target: 'console', lasts: [0, 0], does: 'started on a folder it may not write to' },
  'console-clock': { target: 'console', lasts: [0, 0], does: 'jumps by up to ten years' },
  'cache-damaged': { target: 'console', lasts: [0, 0], does: 'random bytes in pages of cache.db' },
  'cache-log-deleted': { target: 'console', lasts: [0, 0], does: 'cache.db-wal deleted after SIGKILL' },
  'cache-deleted': { target: 'console', lasts: [0, 0], does: 'cache.db deleted after SIGKILL' },
  'cache-newer': { target: 'console', lasts: [0, 0], does: 'cache.db is of another schema' },
  'outbox-newer': { target: 'console', lasts: [0, 0], does: 'outbox.db is of a newer version: it says so and ends' },
  'outbox-set-back': { target: 'console', lasts: [2000, 6000], does: 'an earlier copy of outbox.db is put back' },
  'line-slow': { target: 'line', lasts: [2000, 6000], does: 'latency of up to 400 ms and as much jitter' },
  'line-narrow': { target: 'line', lasts: [2000, 6000], does: 'a reader of 2 to 20 kB/s' },
  'line-in-slices': { target: 'line', lasts: [1000, 4000], does: 'bytes in pieces of 1 to 50' },
  'line-cut-by-bytes': { target: 'line', lasts: [2000, 6000], does: 'reset after 2 to 30 kB, again and again' },
  'line-reset': { target: 'line', lasts: [0, 0], does: 'all connections reset (RST)' },
  'line-half-open': { target: 'line', lasts: [0, 0], does: 'open connections go silent, both ends stay open' },
  'line-refused': { target: 'line', lasts: [1000, 5000], does: 'nobody listens; open connections are reset' },
} as const satisfies Record<string, FaultKind>;

export type FaultName = keyof typeof kinds;

export const faultKinds: Readonly<Record<FaultName, FaultKind>> = kinds;
export const faultNames = Object.keys(kinds) as FaultName[];

export interface PlannedFault {
  number: number;
  name: FaultName;
  /** Since the work began; a fault waits until the one before it at the same target is over. */
  atMs: number;
  lastsMs: number;
  /** Number of a console, or of a line, where the one after the last console's is the customers'; 0 for the relay. */
  target: number;
  /** What else the fault has to choose, 0 to 1: how much, which page, how far. */
  amount: number;
}

export interface PlanOptions {
  seed: number;
  durationMs: number;
  /** From one fault to the next, on average. */
  everyMs: number;
  consoles: number;
  /** Left out: all of them. */
  names?: readonly FaultName[];
}

/** Faults in an order that follows from the seed: each kind once before any comes again, as in a pack of cards. */
export function makePlan({ seed, durationMs, everyMs, consoles, names = faultNames }: PlanOptions): PlannedFault[] {
  const random = seededRandom(seed);
  const plan: PlannedFault[] = [];
  let pack: FaultName[] = [];
  let atMs = everyMs;
  while (atMs < durationMs) {
    if (pack.length === 0) pack = shuffled(names, random);
    const name = pack.pop()!;
    const { target, lasts } = faultKinds[name];
    const choices = { relay: 1, staff: consoles, console: consoles, line: consoles + 1 }[target];
    plan.push({
      number: plan.length + 1,
      name,
      atMs: Math.round(atMs),
      lastsMs: Math.round(lasts[0] + (lasts[1] - lasts[0]) * random.fraction()),
      target: Math.floor(choices * random.fraction()),
      amount: random.fraction(),
    });
    atMs += everyMs * (0.5 + random.fraction());
  }
  return plan;
}

export function describeFault({ name, target, lastsMs }: PlannedFault, consoles: number): string {
  const where = {
    relay: '',
    staff: ` of agent ${target}`,
    console: ` ${target}`,
    line: target === consoles ? ' of the customers' : ` of console ${target}`,
  };
  return `${name}${where[faultKinds[name].target]}${lastsMs === 0 ? '' : `, ${(lastsMs / 1000).toFixed(1)} s`}`;
}

function shuffled<Value>(values: readonly Value[], random: Random): Value[] {
  const pack = [...values];
  for (let index = pack.length - 1; index > 0; index -= 1) {
    const other = Math.floor((index + 1) * random.fraction());
    [pack[index], pack[other]] = [pack[other]!, pack[index]!];
  }
  return pack;
}
