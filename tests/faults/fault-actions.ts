import { chmodSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../fakes/manual-clock.ts';
import { tokensOfOutbox, tokensOfRelay } from './collect-evidence.ts';
import { PERFECT, type Conditions } from './conditions.ts';
import type { ConsoleUnderTest } from './console-under-test.ts';
import type { FaultName, PlannedFault } from './fault-plan.ts';
import type { FaultProxy } from './fault-proxy.ts';
import type { History } from './history.ts';
import type { RelayUnderTest } from './relay-under-test.ts';

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
/** Far above any version there will be. */
const NEWER_BY = 1000;
const KEPT_BY_TRUNCATION = 5;

/** What faults befall. */
export interface FaultWorld {
  folder: string;
  relay: RelayUnderTest;
  consoles: readonly ConsoleUnderTest[];
  /** One for each console, then that of the customers. */
  lines: readonly FaultProxy[];
  queueIds: readonly string[];
  history: History;
  customers: number;
  /** Runs work that destroys data, one at a time. */
  alone<Answer>(work: () => Promise<Answer>): Promise<Answer>;
}

/** Does the fault and ends it. @returns why it was not done, or null when it was */
export async function injectFault(fault: PlannedFault, world: FaultWorld): Promise<string | null> {
  return (await actions[fault.name](fault, world)) ?? null;
}

type Action = (fault: PlannedFault, world: FaultWorld) => Promise<string | void>;

const actions: Record<FaultName, Action> = {
  'relay-killed': async ({ lastsMs }, { relay }) => {
    await relay.kill();
    await sleep(lastsMs);
    await relay.startAgain();
  },
  'relay-frozen': async ({ lastsMs }, { relay }) => {
    relay.freeze();
    await sleep(lastsMs);
    relay.thaw();
  },
  'relay-disk-full': ({ lastsMs }, { relay }) => withDisk(relay, 'full', lastsMs),
  'relay-read-only': ({ lastsMs }, { relay }) => withDisk(relay, 'read-only', lastsMs),
  'relay-clock': async ({ amount }, { relay }) => {
    relay.control.change({ clockShiftMs: Math.round((amount - 0.5) * 2 * HOUR_MS) });
  },
  'relay-newer': async (_fault, { relay }) => {
    await relay.kill();
    relay.changeVersion(NEWER_BY);
    const words = await relay.start().then(
      () => 'it started',
      (error: Error) => error.message,
    );
    await relay.kill();
    relay.changeVersion(-NEWER_BY);
    await relay.startAgain();
    if (!words.includes('newer version')) throw new Error(`a database of a newer version: ${words}`);
  },
  'relay-restored': restoreBackup,
  'relay-truncated': async (_fault, { relay }) => {
    await relay.kill();
    await relay.truncate(KEPT_BY_TRUNCATION);
    await relay.startAgain();
  },
  'queue-taken': async ({ target, lastsMs }, { relay, consoles, queueIds }) => {
    const route = `/agents/${consoles[target]!.agentId}`;
    await relay.administer('PATCH', route, { queues: queueIds.slice(1) });
    await sleep(lastsMs);
    await relay.administer('PATCH', route, { queues: queueIds });
  },

  'console-killed': (fault, world) => betweenRuns(fault, world, () => sleep(fault.lastsMs)),
  'console-frozen': async ({ target, lastsMs }, { consoles }) => {
    consoles[target]!.freeze();
    await sleep(lastsMs);
    consoles[target]!.thaw();
  },
  'console-disk-full': ({ target, lastsMs }, { consoles }) => withDisk(consoles[target]!, 'full', lastsMs),
  'console-read-only': ({ target, lastsMs }, { consoles }) => withDisk(consoles[target]!, 'read-only', lastsMs),
  'console-folder-read-only': startOnReadOnlyFolder,
  'console-clock': async ({ target, amount }, { consoles, history }) => {
    // To a console that finds itself years later its lease on the cache is over.
    history.cursors.push({ console: target, what: 'clock-moved' });
    consoles[target]!.control.change({ clockShiftMs: Math.round((amount - 0.5) * 20 * YEAR_MS) });
  },
  'cache-damaged': (fault, world) =>
    betweenRuns(fault, world, async (console) => {
      world.history.cursors.push({ console: console.number, what: 'cache-taken', extent: 'whole' });
      console.damageCache(1 + Math.floor(fault.amount * 8), seededRandom(fault.number));
    }),
  'cache-log-deleted': (fault, world) =>
    betweenRuns(fault, world, async (console) => {
      world.history.cursors.push({ console: console.number, what: 'cache-taken', extent: 'part' });
      console.deleteCacheFiles(['-wal', '-shm']);
    }),
  'cache-deleted': (fault, world) =>
    betweenRuns(fault, world, async (console) => {
      world.history.cursors.push({ console: console.number, what: 'cache-taken', extent: 'whole' });
      console.deleteCacheFiles(['', '-wal', '-shm']);
    }),
  'cache-newer': (fault, world) =>
    betweenRuns(fault, world, async (console) => {
      world.history.cursors.push({ console: console.number, what: 'cache-taken', extent: 'whole' });
      console.write('cache.db', (database) => database.exec("UPDATE meta SET schema = 'of a later version'"));
    }),
  'outbox-newer': async ({ target }, { consoles }) => {
    const console = consoles[target]!;
    if (console.accountFolder === null) return 'not signed in yet';
    await console.kill();
    console.changeOutboxVersion(NEWER_BY);
    await console.start().catch(() => undefined);
    const words = console.lastWords();
    await console.kill();
    console.changeOutboxVersion(-NEWER_BY);
    await console.startAgain();
    if (!words.includes('newer console')) throw new Error(`an outbox of a newer version: ${words}`);
    return undefined;
  },
  'outbox-set-back': setBackOutbox,

  'line-slow': ({ target, lastsMs, amount }, { lines }) =>
    withConditions(lines[target]!, { latencyMs: 400 * amount, jitterMs: 400 * (1 - amount) }, lastsMs),
  'line-narrow': ({ target, lastsMs, amount }, { lines }) =>
    withConditions(lines[target]!, { bytesPerSecond: 2000 + 18_000 * amount }, lastsMs),
  'line-in-slices': ({ target, lastsMs, amount }, { lines }) =>
    withConditions(lines[target]!, { sliceBytes: 1 + Math.floor(49 * amount) }, lastsMs),
  'line-cut-by-bytes': ({ target, lastsMs, amount }, { lines }) =>
    withConditions(lines[target]!, { cutAfterBytes: 2000 + Math.floor(28_000 * amount) }, lastsMs),
  'line-reset': async ({ target }, { lines }) => lines[target]!.resetAll(),
  'line-half-open': async ({ target }, { lines }) => lines[target]!.swallowAll(),
  'line-refused': async ({ target, lastsMs }, { lines }) => {
    const line = lines[target]!;
    await line.refuse();
    line.resetAll();
    await sleep(lastsMs);
    await line.accept();
  },
};

async function withDisk(
  { control }: RelayUnderTest | ConsoleUnderTest,
  disk: 'full' | 'read-only',
  lastsMs: number,
): Promise<void> {
  control.change({ disk });
  await sleep(lastsMs);
  control.change({ disk: 'good' });
}

async function withConditions(line: FaultProxy, conditions: Partial<Conditions>, lastsMs: number): Promise<void> {
  line.change(conditions);
  await sleep(lastsMs);
  line.change(Object.fromEntries(Object.keys(conditions).map((name) => [name, PERFECT[name as keyof Conditions]])));
}

/** SIGKILL, `work` on what it left, started again. */
async function betweenRuns(
  { target }: PlannedFault,
  { consoles }: FaultWorld,
  work: (console: ConsoleUnderTest) => Promise<void>,
): Promise<string | void> {
  const console = consoles[target]!;
  if (console.accountFolder === null) return 'not signed in yet';
  await console.kill();
  try {
    await work(console);
  } finally {
    await console.startAgain();
  }
}

/** Only whoever is not root is kept from writing by the mode of a folder. */
async function startOnReadOnlyFolder(fault: PlannedFault, world: FaultWorld): Promise<string | void> {
  if (process.platform === 'win32' || process.getuid?.() === 0) return 'root may write to any folder';
  return betweenRuns(fault, world, async (console) => {
    const folders = [console.dataDir, console.accountFolder!];
    for (const folder of folders) chmodSync(folder, 0o500);
    try {
      await console.start().catch(() => undefined);
      await console.kill();
    } finally {
      for (const folder of folders) chmodSync(folder, 0o700);
    }
  });
}

/** An earlier copy takes the place of the outbox: what only the newer one had is destroyed, all else must not be. */
async function setBackOutbox({ target, lastsMs, number }: PlannedFault, world: FaultWorld): Promise<string | void> {
  const { consoles, relay, history, folder } = world;
  const console = consoles[target]!;
  if (console.accountFolder === null) return 'not signed in yet';
  const copy = path.join(folder, 'copies', `outbox-${number}.db`);
  await console.copyOutbox(copy);
  await sleep(lastsMs);
  return world.alone(async () => {
    await console.kill();
    try {
      const newer = tokensOfOutbox(console.file('outbox.db'), console.dataDir);
      console.putBackOutbox(copy);
      const older = tokensOfOutbox(console.file('outbox.db'), console.dataDir);
      const elsewhere = tokensOfRelay(relay.databaseFile);
      for (const token of newer) {
        if (!older.has(token) && !elsewhere.has(token))
          history.destroyed.set(token, `outbox of console ${target} set back`);
      }
    } finally {
      await console.startAgain();
    }
  });
}

/** The relay goes back to a backup: what agents sent since must come back to them, what customers wrote is destroyed. */
async function restoreBackup({ lastsMs }: PlannedFault, world: FaultWorld): Promise<void> {
  const { relay, consoles, history } = world;
  const backup = await relay.backUp();
  await sleep(lastsMs);
  await world.alone(async () => {
    await relay.kill();
    const before = tokensOfRelay(relay.databaseFile);
    await relay.restore(backup);
    const after = tokensOfRelay(relay.databaseFile);
    const kept = consoles.map((console) =>
      console.accountFolder === null ? new Set() : tokensOfOutbox(console.file('outbox.db'), console.dataDir),
    );
    for (const token of before) {
      if (after.has(token) || kept.some((tokens) => tokens.has(token))) continue;
      history.destroyed.set(token, 'relay restored from a backup');
    }
    for (let customer = 0; customer < world.customers; customer += 1) history.rewoundCustomers.add(customer);
    for (const { number } of consoles) history.cursors.push({ console: number, what: 'relay-restored' });
    await relay.startAgain();
  });
}
