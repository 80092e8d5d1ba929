import type { Violation } from './invariants.ts';
import type { SimConsole } from './sim-console.ts';
import { Dice } from './dice.ts';
import type { World } from './world.ts';

/** Worlds in which customers are erased at all: in the others everything else has its time. */
const WORLDS_SHARE = 0.3;
const STEPS_SHARE = 0.008;

/**
 * Customers who are erased now and then (SYNC-L7). By chance of its own, so that a world without erasures is what it
 * was before there were any.
 */
export class Erasures {
  readonly #dice: Dice;
  readonly #isWorldWithErasures: boolean;
  /** Of the model, when it was looked at last. */
  #seenVersion = -1;

  constructor(seed: number) {
    this.#dice = new Dice(seed + 0x5eed);
    this.#isWorldWithErasures = this.#dice.chance(WORLDS_SHARE);
  }

  /** To be called at each step. @returns null when nothing is to be waited for */
  mayHappen(world: World): Promise<void> | null {
    if (!this.#isWorldWithErasures) return null;
    if (world.model.version !== this.#seenVersion) {
      this.#seenVersion = world.model.version;
      for (const conversationId of world.conversations) wasErased(world, conversationId);
    }
    return this.#dice.chance(STEPS_SHARE) ? this.#happen(world) : null;
  }

  async #happen(world: World): Promise<void> {
    const customerId = world.model.conversation(this.#dice.pick(world.conversations))?.customerId;
    if (customerId === undefined) return;
    world.trace.say('world', () => `erases ${customerId}`);
    if (await world.administer('customer.erase', { customerId })) world.met.note('erased');
  }
}

/** Whether a conversation is erased, as the log has it. */
export function isErased({ model }: Pick<World, 'model'>, conversationId: string): boolean {
  return model.conversation(conversationId) === null && erasedAt({ model }, conversationId) !== null;
}

function erasedAt({ model }: Pick<World, 'model'>, conversationId: string): { asOf: number; at: number } | null {
  return model.at(`erasure:conversation:${conversationId}`, model.head) as { asOf: number; at: number } | null;
}

/** Whether it was, by whatever history of the log: then nothing has to be left of what was said there. */
export function wasErased(world: World, conversationId: string): boolean {
  if (isErased(world, conversationId)) world.everErased.add(conversationId);
  return world.everErased.has(conversationId);
}

/** L7: when all is calm, no text of an erased conversation is in the log, nor kept by a console but to be looked at. */
export async function checkErased(world: World): Promise<void> {
  const { watch, relay, received, consoles, isHistoryInDoubt } = world;
  if (isHistoryInDoubt) return;
  const texts = new Set([...received.values()].filter(isGone).map(({ text }) => text));
  for (const { text, conversationId } of consoles.flatMap(({ given }) => given)) {
    if (text !== null && conversationId !== null && isErased(world, conversationId)) texts.add(text);
  }
  // Texts are made up: what was also said where nothing was erased proves nothing.
  for (const one of received.values()) if (!isGone(one)) texts.delete(one.text);
  if (texts.size === 0) return;
  const log = relay.log!;
  for (const { seq, changes } of await log.readEvents(log.floor(), Number.MAX_SAFE_INTEGER)) {
    for (const { subject, data } of changes) {
      const text = (data as { text?: string }).text ?? null;
      if (text !== null && texts.has(text)) watch.fail('L7', `#${seq} still has "${text}" of ${subject}`);
    }
  }
  for (const console of consoles) for (const { what } of keptBy(world, console)) watch.fail('L7', what);

  function isGone({ conversationId }: { conversationId: string }): boolean {
    return isErased(world, conversationId);
  }
}

function keptBy(world: World, console: SimConsole): Pick<Violation, 'what'>[] {
  const { account, name } = console;
  if (account === null || account.status().state !== 'online') return [];
  const { commands, drafts } = account.outbox;
  const kept: string[] = [];
  for (const id of commands.listAcknowledgedBeyond(-1)) {
    const { command, seq } = commands.find(id)!;
    const about = command.subjects.filter((subject) => subject.startsWith('conversation:'));
    for (const conversationId of about.map((subject) => subject.slice('conversation:'.length))) {
      const erasure = erasedAt(world, conversationId);
      if (erasure !== null && seq! < erasure.asOf)
        kept.push(`${name} keeps ${command.type} ${id} of ${conversationId}`);
    }
  }
  for (const { command, error } of commands.listRefused()) {
    const { conversationId } = command.args as { conversationId?: string };
    if (conversationId === undefined || !isErased(world, conversationId)) continue;
    if (error.reason === 'customer-erased') world.met.note('erased-with-pending');
    else kept.push(`${name} keeps ${command.type} of ${conversationId} as ${error.reason}`);
  }
  for (const conversationId of drafts.listConversations()) {
    if (isErased(world, conversationId)) kept.push(`${name} keeps a draft of ${conversationId}`);
  }
  return kept.map((what) => ({ what }));
}
