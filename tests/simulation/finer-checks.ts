import type { CommandResult } from '../../shared/relay-protocol/commands.ts';
import type { Given, SimConsole } from './sim-console.ts';
import type { World } from './world.ts';

/** What of a world was looked at so far. */
export class Seen {
  events = 0;
  head = 0;
  /** A backup was put back: seqs of before are not those of now. */
  isRestored = false;
  /** Per console, what was given and is not known to be in its cache. */
  readonly open = new Map<SimConsole, { given: Set<Given>; from: number }>();
  /** Whose cache had a content, and what has befallen the console by then. */
  readonly filled = new Map<SimConsole, Befallen>();
}

interface Befallen {
  life: number;
  signedOut: number | undefined;
  notice: string | undefined;
}

/** After every step: rules that need to know what was before. Looks only at what is new or not over. */
export function checkFiner(world: World): void {
  const { seen } = world;
  if (world.model.head < seen.head) seen.isRestored = true;
  seen.head = world.model.head;
  // A backup that was put back took some away.
  seen.events = Math.min(seen.events, world.events.length);
  for (let index = seen.events; index < world.events.length; index += 1) {
    checkParent(world, world.events[index]!.commandId);
  }
  seen.events = world.events.length;
  for (const console of world.consoles) {
    checkSettled(world, seen, console);
    checkFilled(world, seen, console);
    checkReasons(world, console);
  }
}

/** O3: what was on the condition of a reply that was refused is not in the log. */
function checkParent({ watch }: World, commandId: string): void {
  const after = watch.submitted.get(commandId)?.command.after ?? null;
  const known = after === null ? undefined : watch.results.get(after);
  if (known === undefined) return;
  const result = JSON.parse(known) as CommandResult;
  if (!result.ok) watch.fail('O3', `${commandId} is in the log, and ${after}, which it waited for, was refused`);
}

/** R3: a command is settled when its facts are in the cache, not earlier. */
function checkSettled({ watch, relay }: World, seen: Seen, console: SimConsole): void {
  const { account } = console;
  let open = seen.open.get(console);
  if (open === undefined) {
    open = { given: new Set(), from: 0 };
    seen.open.set(console, open);
  }
  for (; open.from < console.given.length; open.from += 1) open.given.add(console.given[open.from]!);
  if (open.given.size === 0 || account === null || seen.isRestored || console.cacheLosses > 0 || console.wasRolledBack)
    return;
  const { epoch, cursor } = account.context.cache.position;
  if (relay.log === null || epoch !== relay.log.epoch) return;
  for (const given of open.given) {
    const command = account.outbox.commands.find(given.commandId);
    if (command === null || command.state !== 'settled') {
      if (given.isClosed) open.given.delete(given);
      continue;
    }
    open.given.delete(given);
    if (command.seq !== null && command.seq > cursor) {
      watch.fail('R3', `${console.name} settled ${given.commandId} (#${command.seq}) at ${cursor}`);
    }
  }
}

/** S4: what is cached stays until a whole snapshot takes its place. */
function checkFilled({ watch, met, platform }: World, seen: Seen, console: SimConsole): void {
  const { account } = console;
  if (account === null || console.cacheLosses > 0) return;
  const { life } = console;
  const signedOut = met.counts['signed-out'];
  const notice = account.status().notice?.reason;
  // Only a backup that was put back by hand may leave a console with another history than its relay's (SYNC-L3).
  if (notice === 'cache-rebuilt' && platform.innocence === 0) {
    watch.fail('F2', `the cache of ${console.name} contradicted what its relay sent`);
  }
  const before = seen.filled.get(console);
  const isSame = before?.life === life && before.signedOut === signedOut && before.notice === notice;
  if (account.context.cache.position.epoch === null) {
    if (isSame) watch.fail('S4', `the cache of ${console.name} became empty`);
  } else if (!isSame) seen.filled.set(console, { life, signedOut, notice });
}

/** What an agent is asked to decide has a reason that only the agent can do something about. */
function checkReasons({ watch }: World, console: SimConsole): void {
  const { account } = console;
  if (account === null) return;
  for (const { command, error } of account.outbox.commands.listRefused()) {
    if (error.kind !== 'blob_missing' && error.kind !== 'expired' && error.reason !== 'file-hash-mismatch') continue;
    const { attachments } = (command.args ?? {}) as { attachments?: { fileId: string }[] };
    const files = (attachments ?? []).map(({ fileId }) => fileId);
    if (error.kind === 'blob_missing' && files.some((fileId) => account.outbox.files.find(fileId) !== null)) {
      watch.fail('A1', `${console.name} gave ${command.id} up, whose file it has`);
    }
    if (error.reason === 'file-hash-mismatch' && !files.some((fileId) => console.corrupted.has(fileId))) {
      watch.fail('A1', `${console.name} sent other bytes than those of ${files.join()}`);
    }
    const given = console.given.find((one) => one.commandId === command.id);
    if (error.kind === 'expired' && given !== undefined && given.life > (console.rolledBackInLife ?? Infinity)) {
      watch.fail('C3', `${console.name}: ${command.id}, given after the roll-back, expired`);
    }
  }
}
