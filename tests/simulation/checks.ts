import { checkErased, isErased, wasErased } from './erasures.ts';
import { checkFiner } from './finer-checks.ts';
import { isSafe } from './invariants.ts';
import type { Given, SimConsole } from './sim-console.ts';
import type { World } from './world.ts';

/** Tasks of a small world; more means that something is made again and again and never taken away. */
const MAX_TASKS = 4000;

/** After every step: what must hold at any moment. @param isThorough look at what each agent sees as well */
export async function checkStep(world: World, isThorough: boolean): Promise<void> {
  const { watch, network, relay } = world;
  for (const what of world.mistakes()) watch.fail('mistake', what);
  watch.checkPositions();
  checkFiner(world);
  for (const console of isThorough ? world.consoles : []) {
    checkNothingLost(world, console);
    await checkStillVisible(world, console);
    checkAttention(world, console);
  }
  const sessions = relay.running?.hub.countSessions() ?? 0;
  let open = 0;
  for (const wire of network.wires) if (wire.peer !== null && !wire.isRelayClosed) open += 1;
  if (sessions > open) watch.fail('I14', `the hub has ${sessions} sessions on ${open} connections`);
  if (world.time.waiting > MAX_TASKS) watch.fail('I14', `${world.time.waiting} tasks wait`);
  for (const wire of network.wires) {
    const isWhole = wire.peer !== null && !wire.isDead && !wire.isConsoleClosed && !wire.isRelayClosed;
    if (isWhole && watch.isServed(wire) && wire.peer!.session === null) {
      watch.fail('D2', `${wire.console.name} was served on wire ${wire.id}, and the relay has no session for it`);
    }
  }
}

/** I10: what was typed is in the outbox, in the attention list, or in the log. */
function checkNothingLost(world: World, console: SimConsole): void {
  const { watch } = world;
  for (const given of console.given) {
    if (given.text === null || given.isTaken !== true || isSafe(console, given, watch.inLog)) continue;
    if (given.conversationId !== null && wasErased(world, given.conversationId)) continue;
    watch.fail('I10', `${console.name}: ${given.text} (${given.commandId}) is nowhere any more`);
    given.isClosed = true;
  }
}

/** I9: what was typed is on the screen until it is refused, unless its conversation is not. */
async function checkStillVisible(world: World, console: SimConsole): Promise<void> {
  const { account, store } = console;
  if (account === null) return;
  const { commands } = account.outbox;
  const views = new Map<string, Awaited<ReturnType<typeof store.see>> | null>();
  for (const given of console.given) {
    if (given.text === null || given.isTaken !== true || given.isClosed) continue;
    const state = commands.find(given.commandId)?.state ?? null;
    if (state === null || state === 'settled' || state === 'blocked') continue;
    const conversation = `conversation:${given.conversationId}` as const;
    // Nothing happens between two looks at one conversation.
    if (!views.has(conversation)) views.set(conversation, await store.see(conversation).catch(() => null));
    const seen = views.get(conversation);
    if (console.account !== account || !seen || seen.root === null) continue;
    const times = seen.items.filter(({ id }) => id === given.messageId).length;
    // On the way to the head it may be that the agent could not see it at this very point: then nothing is foretold.
    const { cursor } = account.context.cache.position;
    if (!world.model.isVisible(console.agentId, conversation, cursor)) continue;
    if (times === 1 || (commands.find(given.commandId)?.state ?? 'settled') === 'settled') continue;
    world.watch.fail('I9', `${console.name} shows ${given.text} ${times} times while it is ${state}`);
  }
}

/** What is to be tried again, or is a mistake of ours, is nothing to bother the agent with. */
function checkAttention({ watch, met }: World, console: SimConsole): void {
  const { account } = console;
  if (account === null) return;
  if (account.outbox.commands.listOpen().some(({ state }) => state === 'blocked')) met.note('blocked-child');
  for (const { command, error } of account.outbox.commands.listRefused()) {
    if (error.reason === 'relay-restored') met.note('reclaimed');
    if (error.retryable && error.kind !== 'blob_missing')
      watch.fail('R4', `${console.name}: ${command.id} ${error.kind}`);
    if (error.kind === 'internal') watch.fail('mistake', `${console.name}: ${command.id} ${JSON.stringify(error)}`);
    if (error.kind === 'expired' && !console.wasRolledBack) {
      watch.fail('C3', `${console.name}: ${command.id} expired`);
    }
  }
}

/** At any moment, but not for nothing: everything a console holds is what the log says it was at its cursor (I1, I2, I6). */
export function checkBase(world: World, console: SimConsole): void {
  const { model, watch, relay, comparison } = world;
  const { account } = console;
  if (account === null || relay.log === null || world.isHistoryInDoubt) return;
  const { epoch, cursor } = account.context.cache.position;
  if (epoch !== relay.log.epoch || cursor > model.head) return;
  for (const [subject, held] of console.store.held()) {
    const difference = comparison.differenceOf(subject, held, cursor);
    if (difference !== null) watch.fail('I1', `${console.name} at ${cursor}: ${difference}`);
    // As a rule nothing changed since, and what is so at the head is so at the cursor.
    let isVisible = model.isVisible(console.agentId, subject, model.head);
    for (let seq = cursor; seq <= model.head && !isVisible; seq += 1) {
      isVisible = model.isVisible(console.agentId, subject, seq);
    }
    if (!isVisible) watch.fail('I6', `${console.name} at ${cursor} still has ${subject}`);
  }
}

/** At the end, when everything has had its time. */
export async function checkEnd(world: World): Promise<void> {
  const { watch, model } = world;
  for (const console of world.consoles) {
    if (isGone(world, console)) {
      checkGone(world, console);
      continue;
    }
    checkAtHead(world, console);
    checkBase(world, console);
    await checkView(world, console);
    if (world.isHistoryInDoubt) continue;
    checkHeld(world, console);
    checkFates(world, console);
  }
  checkRelayRows(world);
  checkDeliveries(world);
  checkSnoozes(world);
  await checkErased(world);
  for (const [messageId, { text, conversationId }] of world.received) {
    if (isErased(world, conversationId)) continue;
    const lines = model.conversation(conversationId)?.lines.filter(({ id }) => id === messageId) ?? [];
    if (lines.length !== 1) watch.fail('I3', `the customer's ${text} is ${lines.length} times in ${conversationId}`);
  }
}

function isGone({ model }: World, { agentId }: SimConsole): boolean {
  const agent = model.at(`agent:${agentId}`, model.head) as { isActive: boolean } | null;
  return agent?.isActive !== true;
}

/** V2, V3: nothing is left of what a departed agent could see, and what was not sent is still there. */
function checkGone({ watch }: World, console: SimConsole): void {
  const { status } = console;
  if (status?.state !== 'signed-out') watch.fail('I13', `${console.name} of a departed agent is ${status?.state}`);
  const held = console.store.held().size;
  if (held > 0) watch.fail('I6', `${console.name} of a departed agent still holds ${held} subjects`);
}

/** I13. */
function checkAtHead({ watch, model }: World, console: SimConsole): void {
  const { status } = console;
  const head = model.head;
  if (status?.state !== 'online' || status.cursor !== head || status.pendingCount !== 0) {
    const open = console.account?.outbox.commands.listOpen() ?? [];
    const waiting = open.map(({ command, state }) => `${command.type} ${command.id.slice(-6)} ${state}`).join(', ');
    const { state, cursor, pendingCount } = status ?? {};
    watch.fail('I13', `${console.name} is ${state} at ${cursor} of ${head} with ${pendingCount} pending: ${waiting}`);
  }
}

/** I1, V1: it holds all that it should. */
function checkHeld({ watch, model }: World, console: SimConsole): void {
  const held = console.store.held();
  const heldSince = console.account!.context.cache.position.heldSince;
  for (const subject of model.subjects()) {
    const isWanted =
      model.isVisible(console.agentId, subject, model.head) &&
      model.isDefault(console.agentId, subject, heldSince, model.head);
    if (isWanted && !held.has(subject as never)) watch.fail('I1', `${console.name} lacks ${subject}`);
  }
}

/** I11: nothing is pending, so what is shown is what is confirmed. */
async function checkView(world: World, console: SimConsole): Promise<void> {
  const { account, store } = console;
  if (account === null || account.outbox.commands.listOpen().some(({ state }) => state !== 'blocked')) return;
  for (const [subject, { root, items }] of store.held()) {
    const seen = await store.see(subject);
    const isSame =
      seen.items.length === items.length &&
      isSameRow(seen.root, root) &&
      items.every(({ row }, index) => isSameRow(seen.items[index], row));
    if (!isSame) world.watch.fail('I11', `${console.name} shows ${subject} otherwise than it is`);
  }
}

/** Rows are never changed, so that one row is the same as itself. */
function isSameRow(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/** I3, I4, O3: what became of each command. */
function checkFates(world: World, console: SimConsole): void {
  const { watch } = world;
  const { commands } = console.account!.outbox;
  for (const given of console.given) {
    if (given.isTaken !== true || given.isClosed) continue;
    const isInLog = watch.inLog.has(given.commandId);
    const refused = commands.findRefused(given.commandId);
    const open = commands.find(given.commandId);
    const isEnded = open === null || open.state === 'settled' || open.state === 'blocked' || open.state === 'confirmed';
    if (isInLog && refused !== null && !refused.isResolved) {
      watch.fail('I3', `${console.name}: ${describe(given)} is in the log and in the attention list`);
    }
    if (!isEnded) watch.fail('I13', `${console.name}: ${describe(given)} is still ${open.state}`);
    const isExcused = given.conversationId !== null && wasErased(world, given.conversationId);
    if (given.text !== null && !isInLog && refused === null && open?.state !== 'blocked' && !isExcused) {
      watch.fail('I3', `${console.name}: ${describe(given)} has neither effect nor refusal (${open?.state})`);
    }
  }
}

/** I2, I8: the relay's own rows are what the log says. */
function checkRelayRows({ relay, model, watch }: World): void {
  const log = relay.log!;
  for (const subject of model.subjects()) {
    const root = log.read(subject as never).root();
    const state = model.at(subject, model.head);
    if ((root === null) !== (state === null))
      watch.fail('I8', `${subject} is at the relay ${root === null ? 'gone' : 'still there'}`);
  }
}

/** I5: each part once, or said that it is not known. */
function checkDeliveries({ platform, model, watch, events, deliveriesInDoubt, relay }: World): void {
  const times = new Map<string, number>();
  const excused = new Set<string>();
  for (const { key, innocence } of platform.shown) {
    const count = (times.get(key) ?? 0) + 1;
    times.set(key, count);
    // SYNC-L3: of a backup that was put back by hand the relay learns from the first console that is ahead of it. What
    // it sends until then may have been sent before: once more, and no longer when it knows.
    const isExcused = innocence !== null && !excused.has(`${key} ${innocence}`);
    excused.add(`${key} ${innocence}`);
    const isInDoubt = deliveriesInDoubt.has(key.split(':')[0]!);
    if (count > 1 && !isExcused && !isInDoubt) watch.fail('I5', `${key} was shown ${count} times`);
  }
  for (const event of events) {
    for (const { type, subject, data } of event.changes) {
      if (type !== 'message-sent') continue;
      const { messageId } = data as { messageId: string };
      const parts = relay.log!.deliveries.listParts(messageId);
      const shown = parts.filter(({ part }) => times.has(`${messageId}:${part}`)).length;
      const line = model.conversation(subject.slice('conversation:'.length))?.lines.find(({ id }) => id === messageId);
      const state = line?.delivery;
      if (state === 'sent' && shown < parts.length && !deliveriesInDoubt.has(messageId)) {
        watch.fail('I5', `${messageId} is said to be sent, and ${shown} of its ${parts.length} parts were`);
      }
      if (state === 'queued') watch.fail('I13', `${messageId} is still queued: ${JSON.stringify(parts)}`);
      if (state === 'failed') watch.fail('I5', `${messageId} failed: ${JSON.stringify(parts)}`);
      if (state === 'unknown' && platform.certainty === 'keyed') watch.fail('I5', `${messageId} is not known`);
    }
  }
}

/** I12: what is due has been woken. */
function checkSnoozes({ conversations, model, watch, relay }: World): void {
  for (const id of conversations) {
    const one = model.conversation(id);
    if (one?.state === 'snoozed' && one.snoozedUntil !== null && one.snoozedUntil < relay.machine.now() - 70_000) {
      watch.fail('I12', `conversation:${id} sleeps on after ${one.snoozedUntil}`);
    }
  }
}

function describe({ type, commandId, text }: Given): string {
  return `${type} ${commandId}${text === null ? '' : ` (${text})`}`;
}
