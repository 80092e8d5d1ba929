import type { Given, SimConsole } from './sim-console.ts';
import { QUEUES, type World } from './world.ts';

type Step = (world: World) => unknown;

const HOUR_MS = 60 * 60_000;

/** What agents, customers and administrators do. */
export const WORK: readonly (readonly [Step, number])[] = [
  [reply, 30],
  [note, 6],
  [closeOne, 5],
  [(world) => change(world, 'conversation.reopen', {}), 2],
  [(world) => change(world, 'conversation.wait', {}), 2],
  [snooze, 4],
  [assign, 6],
  [(world) => change(world, 'conversation.move', { queueId: world.dice.pick(QUEUES) }), 4],
  [tag, 5],
  [(world) => one(world, 'conversation.setPriority', { priority: world.dice.pick(['low', 'high', 'urgent']) }), 2],
  [escalate, 1],
  [(world) => updateCustomer(world), 1],
  [undo, 2],
  [resolve, 4],
  [fetchOlder, 2],
  [again, 2],
  [(world) => world.customerWrites(world.dice.chance(0.15) ? null : conversationOf(world)), 9],
  [cannedReply, 1],
];

function conversationOf(world: World): string {
  // Most of it happens in a few conversations, or nobody would ever meet.
  return world.dice.pick(world.dice.chance(0.7) ? world.conversations.slice(-3) : world.conversations);
}

function consoleOf(world: World): SimConsole {
  return world.dice.pick(world.consoles);
}

function textArgs(world: World, kind: string): Record<string, unknown> {
  const { dice } = world;
  const id = dice.newId();
  const text = `${kind} ${id.slice(-6)}`;
  return {
    ...{ conversationId: conversationOf(world), messageId: id, writtenAt: world.relay.machine.now() },
    text: kind === 'reply' && dice.chance(0.15) ? `${text}|and more` : text,
    attachments: [],
  };
}

async function reply(world: World): Promise<void> {
  const { dice } = world;
  const console = consoleOf(world);
  const args = textArgs(world, 'reply');
  if (dice.chance(0.15)) {
    const file = console.addFile(dice.random.bytes(dice.between(1, 60)));
    if (file !== null) args['attachments'] = [file];
  }
  const given = await console.give('message.send', args);
  if (given?.isTaken === true && dice.chance(0.15)) {
    await console.give('conversation.close', { conversationIds: [args['conversationId']] });
  }
}

async function note(world: World): Promise<void> {
  const mentions = world.dice.chance(0.2) ? [world.dice.pick(world.agents)] : [];
  await consoleOf(world).give('note.add', { ...textArgs(world, 'note'), mentions });
}

function change(world: World, type: string, args: Record<string, unknown>) {
  const { dice } = world;
  const isBulk = dice.chance(0.2);
  const conversationIds = isBulk ? [...new Set([1, 2, 3].map(() => conversationOf(world)))] : [conversationOf(world)];
  if (conversationIds.length > 1) world.met.note('bulk');
  return consoleOf(world).give(type, { conversationIds, ...args });
}

function closeOne(world: World) {
  return change(world, 'conversation.close', {});
}

function one(world: World, type: string, args: Record<string, unknown>) {
  return consoleOf(world).give(type, { conversationId: conversationOf(world), ...args });
}

function snooze(world: World) {
  const { dice } = world;
  const until = dice.chance(0.1) ? null : world.relay.machine.now() + dice.spread(500, 2 * HOUR_MS);
  return change(world, 'conversation.snooze', { until });
}

function assign(world: World) {
  const { dice } = world;
  const assigneeId = dice.chance(0.2) ? null : dice.pick(world.agents);
  return change(world, 'conversation.assign', { assigneeId, isForced: dice.chance(0.1) });
}

function tag(world: World) {
  const { dice } = world;
  const tags = () => (dice.chance(0.6) ? [dice.pick(['vip', 'late', 'return'])] : []);
  return one(world, 'conversation.tag', { add: tags(), remove: tags() });
}

function escalate(world: World) {
  return one(world, 'conversation.escalate', { escalationId: world.dice.newId(), reason: 'the customer asks for it' });
}

function updateCustomer(world: World) {
  const { dice } = world;
  const customerId = world.model.conversation(conversationOf(world))?.customerId;
  if (customerId === undefined) return null;
  return consoleOf(world).give('customer.update', { customerId, profile: { phone: String(dice.between(100, 999)) } });
}

async function undo(world: World): Promise<void> {
  const console = consoleOf(world);
  const waiting = console.account?.outbox.commands.listOpen().filter(({ state }) => state === 'waiting') ?? [];
  const given = console.given.find(({ commandId }) => commandId === waiting.at(-1)?.command.id);
  if (given !== undefined) await console.undo(given);
}

async function resolve(world: World): Promise<void> {
  const { dice } = world;
  const console = consoleOf(world);
  const refused = console.account?.outbox.commands.listRefused() ?? [];
  if (refused.length === 0) return;
  await console.resolve(dice.pick(refused).command.id, dice.pick(['send-anyway', 'send-anyway', 'edit', 'discard']));
}

async function fetchOlder(world: World): Promise<void> {
  const conversationId = world.dice.pick(world.conversations);
  const console = consoleOf(world);
  const held = console.store.held().get(`conversation:${conversationId}`);
  const before = held === undefined || held.isComplete ? null : (held.items[0]?.row.position ?? null);
  await console.fetch(conversationId, before);
}

/** A view that did not hear the answer asks again: the same command. */
async function again(world: World): Promise<void> {
  const console = consoleOf(world);
  const last: Given | undefined = console.given.at(-1);
  // The view ends with its console.
  if (last !== undefined && last.isTaken !== false && !last.isClosed && last.life === console.life)
    await console.give(last.type, last.args, last.commandId);
}

function cannedReply(world: World) {
  const { dice } = world;
  const id = dice.pick(['hello', 'bye']);
  if (dice.chance(0.2)) return world.administer('canned-reply.delete', { id });
  const queueIds = dice.chance(0.5) ? [] : [dice.pick(QUEUES)];
  const fields = { shortcut: id, title: id, texts: { vi: `${id} ${dice.between(1, 9)}` }, queueIds };
  return world.administer('canned-reply.put', { id, fields });
}
