import { checkBase } from './checks.ts';
import type { SimConsole } from './sim-console.ts';
import { QUEUES, type World } from './world.ts';

type Step = (world: World) => unknown;

const HOUR_MS = 60 * 60_000;

/** What goes wrong, as far as this seed is about it. */
export function faultsOf(world: World): (readonly [Step, number])[] {
  const { nature } = world;
  const faults: (readonly [Step, number])[] = [[slowMessages, 1]];
  if (nature.hasNetworkTroubles) {
    faults.push([cut, 4], [cutSilently, 2], [lineDown, 3], [lineUp, 6], [loseFrames, 1], [platformTroubles, 2]);
  }
  if (nature.hasCrashes)
    faults.push([crashConsole, 3], [startConsole, 5], [crashRelay, 1], [startRelay, 6], [stopRelay, 0.5]);
  if (nature.hasCommitCrashes) faults.push([crashAtCommit, 4], [crashAtTimer, 1], [startConsole, 4], [startRelay, 5]);
  if (nature.hasDiskTroubles) faults.push([fillDisk, 1], [freeDisk, 2], [loseCache, 1], [startConsole, 2]);
  if (nature.hasClockTroubles) faults.push([jumpClock, 1.5]);
  if (nature.hasSleep) faults.push([sleep, 1], [wake, 2], [stall, 1]);
  if (nature.hasRightsChanges) faults.push([changeRights, 4], [deactivate, 0.5], [activate, 1.5]);
  faults.push([signIn, 1.5], [truncate, 1], [loseFile, 2], [truncateBehind, 1.5]);
  faults.push([lateBytes, 1]);
  if (nature.hasRestores) faults.push([backup, 2], [restore, 1.5], [backupOutbox, 2], [rollOutboxBack, 1]);
  // Results outlive every copy of an outbox that anybody puts back: ninety days against a life of thirty.
  else faults.push([pruneResults, 1]);
  return faults;
}

/** The relay loses a file between its upload and the message that names it. */
function loseFile(world: World): void {
  world.losesNextFile = true;
}

/** Between what a timer does and its end. */
function crashAtTimer(world: World): void {
  world.commitCrash = { of: world.relay, after: world.dice.between(1, 2), what: 'remove-timer' };
}

/** The log goes on without a console, which comes back below its floor and finds things changing while it is led on. */
async function truncateBehind(world: World): Promise<void> {
  const { relay, time, dice } = world;
  const console = consoleOf(world);
  if (relay.log === null || console.account === null) return;
  lineDownOf(world, console);
  for (const conversationId of world.conversations.slice(-2)) await world.customerWrites(conversationId);
  await time.pass(dice.spread(10, 2000));
  await relay.log?.truncate(relay.log.head()).catch(() => undefined);
  console.line.isUp = true;
  console.account?.setOnline(true);
  // Right into the pages that it is led on by.
  await time.until(() => console.status?.state === 'catching-up', 8000, 20);
  await time.pass(dice.spread(1, 300));
  const queues = QUEUES.filter(() => dice.chance(0.5));
  if (world.nature.hasRightsChanges) await world.putAgent(console.agentId, queues, true);
  // Small steps, to see it at every cursor that it stops at.
  const stepMs = Math.max(1, console.line.latencyMs / 3);
  let cursor: number | null = null;
  for (let looks = 0; looks < 80; looks += 1) {
    if (looks % 8 === 0) {
      const conversationId = dice.pick(world.conversations.slice(-3));
      await (dice.chance(0.5) ? world.customerWrites(conversationId) : world.closeByDesk(conversationId));
    }
    await time.pass(stepMs);
    const at = console.account?.context.cache.position.cursor ?? null;
    if (at !== cursor) checkBase(world, console);
    cursor = at;
  }
}

function consoleOf(world: World): SimConsole {
  return world.dice.pick(world.consoles);
}

function slowMessages({ dice, consoles, nature }: World): void {
  dice.pick(consoles).line.latencyMs = nature.latencyMs * dice.spread(1, 10);
}

function cut({ network, dice }: World): void {
  const wires = [...network.wires];
  if (wires.length > 0) network.cut(dice.pick(wires));
}

function cutSilently(world: World): void {
  const wires = [...world.network.wires].filter(({ isDead }) => !isDead);
  if (wires.length > 0) world.network.cutSilently(world.dice.pick(wires));
}

function lineDown(world: World): void {
  lineDownOf(world, consoleOf(world));
}

function lineDownOf(world: World, console: SimConsole): void {
  world.trace.say(console.name, () => 'goes off line');
  console.line.isUp = false;
  const isNoticed = world.dice.chance(0.6);
  for (const wire of [...world.network.wires]) {
    if (wire.console !== console) continue;
    if (isNoticed) world.network.cut(wire);
    else world.network.cutSilently(wire);
  }
}

function lineUp(world: World): void {
  const console = consoleOf(world);
  console.line.isUp = true;
  // What an operating system's hint does, and an agent's click.
  if (world.dice.chance(0.5) && !console.machine.isAsleep) console.account?.setOnline(true);
}

function loseFrames(world: World): void {
  consoleOf(world).line.framesToLose = 1;
}

function platformTroubles({ platform, dice }: World): void {
  platform.troubles = dice.pick([0, 0, 0.2, 0.7]);
}

function crashConsole(world: World): void {
  const console = consoleOf(world);
  if (console.account === null) return;
  world.met.note('crash-console');
  console.crash(world.dice.chance(0.7));
}

async function startConsole(world: World): Promise<void> {
  for (const console of world.consoles) {
    if (console.account === null && !console.machine.isAsleep && world.dice.chance(0.6)) await console.start();
  }
}

function crashRelay(world: World): void {
  world.met.note('crash-relay');
  world.crashRelay(world.dice.chance(0.7));
}

async function startRelay(world: World): Promise<void> {
  if (!world.relay.isUp) await world.relay.start();
}

function stopRelay(world: World): void {
  void world.relay.stop();
}

function crashAtCommit(world: World): void {
  const { dice } = world;
  world.commitCrash = { of: dice.chance(0.4) ? world.relay : consoleOf(world), after: dice.between(1, 12) };
}

function fillDisk(world: World): void {
  const { dice, trace } = world;
  world.met.note('disk-full');
  const store = dice.chance(0.3) ? world.relay.store : consoleOf(world).store;
  trace.say('world', () => 'a disk is full');
  store.setFull(true);
}

function freeDisk(world: World): void {
  world.relay.store.setFull(false);
  for (const console of world.consoles) console.store.setFull(false);
}

function loseCache(world: World): void {
  const console = consoleOf(world);
  const how = world.dice.pick(['deleted', 'damaged'] as const);
  if (how === 'deleted') console.crash(true);
  world.trace.say(console.name, () => `cache ${how}`);
  world.met.note('cache-rebuilt');
  console.cacheLosses += 1;
  console.store.loseCache(how);
}

function jumpClock(world: World): void {
  const { dice } = world;
  if (dice.chance(0.2)) {
    // A relay's clock is set now and then; timers are by it, so it goes by minutes.
    world.relay.machine.jump(dice.pick([1, -1]) * dice.spread(10, 10 * 60_000));
    return;
  }
  // By days: what was settled a month ago is forgotten, and a clock that runs away by more takes it along.
  consoleOf(world).machine.jump(dice.pick([1, -1]) * dice.spread(10, 3 * 24 * HOUR_MS));
}

function sleep(world: World): void {
  const console = consoleOf(world);
  if (console.machine.isAsleep) return;
  const ms = world.dice.spread(1000, 10 * 60 * 60_000);
  world.trace.say(console.name, () => `falls asleep for ${Math.round(ms / 1000)} s`);
  console.machine.sleep();
  for (const wire of [...world.network.wires])
    if (wire.console === console && ms > 30_000) world.network.cutSilently(wire);
  world.time.after(ms, () => console.machine.wake());
}

function wake(world: World): void {
  consoleOf(world).machine.wake();
}

function stall(world: World): void {
  const { dice } = world;
  const machine = dice.chance(0.5) ? world.relay.machine : consoleOf(world).machine;
  machine.stall(dice.spread(100, 5000));
}

function changeRights(world: World): Promise<boolean> {
  const { dice, model } = world;
  const id = dice.pick(world.agents);
  const agent = model.at(`agent:${id}`, model.head) as { isActive?: boolean; role?: string } | null;
  const queues = QUEUES.filter(() => dice.chance(0.5));
  const role = dice.chance(0.15) ? dice.pick(['agent', 'lead', 'specialist']) : (agent?.role ?? 'agent');
  return world.putAgent(id, queues, agent?.isActive ?? true, role);
}

function deactivate(world: World): Promise<boolean> {
  const id = world.dice.pick(world.agents);
  world.relay.forgetTokens(id);
  return world.putAgent(id, ['sales'], false);
}

async function activate(world: World): Promise<void> {
  const { model } = world;
  for (const id of world.agents) {
    const agent = model.at(`agent:${id}`, model.head) as { isActive?: boolean } | null;
    if (agent?.isActive === false) await world.putAgent(id, ['sales', 'care'], true);
  }
}

function signIn(world: World): void {
  for (const console of world.consoles) if (console.status?.state === 'signed-out') console.signIn();
}

async function truncate(world: World): Promise<void> {
  const { dice, relay } = world;
  const log = relay.log;
  if (log === null) return;
  const behind = dice.pick([0, 0, 10, 50]);
  for (const console of world.consoles) {
    const cursor = console.account?.context.cache.position.cursor ?? 0;
    if (cursor < log.head() - behind && console.status?.state !== 'online') world.met.note('below-floor');
  }
  world.trace.say('relay', () => `truncates to ${log.head() - behind}`);
  await log.truncate(log.head() - behind).catch(() => undefined);
}

/** Bytes of a session that ended long ago arrive after all: of a command that was answered since. */
async function lateBytes({ relay, watch, dice, met }: World): Promise<void> {
  const answered = [...watch.submitted.values()].filter(({ command }) => watch.results.has(command.id));
  if (answered.length === 0 || relay.log === null) return;
  const { command, device, agentId, isDelayed } = dice.pick(answered);
  const { id, n, type, v, args, base } = command;
  const result = await relay.log.submit({
    command: { id, type, v, args, ...(base === undefined ? {} : { base }) },
    by: { kind: 'agent', agentId },
    device: { id: device, n },
    isDelayed,
  });
  if (!result.ok && result.error.kind === 'expired') met.note('expired');
}

/** Results that their devices said they have are forgotten. */
function pruneResults(world: World): void {
  world.prunings += 1;
  void world.relay.log?.pruneResults(Number.MAX_SAFE_INTEGER).catch(() => undefined);
}

function backup(world: World): void {
  if (world.relay.log === null) return;
  world.trace.say('world', () => 'makes a backup of the relay');
  world.backup = { copy: world.relay.store.backup(), head: world.model.head };
}

/** An older copy of the log is put in its place, by the tool that gives it a new lineage, or by hand. */
async function restore(world: World): Promise<void> {
  const { backup: saved } = world;
  if (saved === null || world.dice.chance(0.3)) return;
  world.crashRelay(true);
  world.backup = null;
  await world.restore(saved, world.dice.chance(0.6));
}

function backupOutbox(world: World): void {
  const console = consoleOf(world);
  console.outboxBackup = { copy: console.store.backupOutbox(), given: console.given.length };
}

async function rollOutboxBack(world: World): Promise<void> {
  const console = consoleOf(world);
  if (console.outboxBackup === null) return;
  world.met.note('outbox-rolled-back');
  console.crash(true);
  console.rollBack();
  world.watch.rolledBack(console);
}
