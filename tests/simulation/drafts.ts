import type { Account } from '../../src-main/core/account.ts';
import type { Scenario } from './run-seed.ts';
import type { SimConsole } from './sim-console.ts';
import type { World } from './world.ts';

/** A bit of text that was typed, and is on the disk of its console. */
interface Typed {
  agentId: string;
  conversationId: string;
  token: string;
  console: SimConsole;
  life: number;
}

/** A window as it was when it was read last. */
interface View {
  life: number;
  text: string;
  edition: string | null;
}

const KIND = 'reply';
/** Whoever has come back has given by then what is written there, and heard of the others. */
const SETTLED_AFTER_MS = 60_000;

/**
 * Agents write drafts on all their machines, in windows that have not always read the newest. When all has healed, what
 * was typed and not discarded is still there, and all machines of an agent show the same (SYNC-O1, INV-10).
 */
export class Drafts implements Scenario {
  readonly work: Scenario['work'];
  readonly #views = new Map<string, View>();
  readonly #typed = new Set<Typed>();
  /** How many were typed in all. */
  count = 0;

  constructor() {
    this.work = [
      [(world) => this.#type(world), 40],
      [(world) => this.#discard(world), 5],
      [(world) => this.#leave(world), 6],
    ];
  }

  async checkEnd(world: World): Promise<void> {
    await world.time.pass(SETTLED_AFTER_MS);
    if (world.isHistoryInDoubt) return;
    this.#checkNothingLost(world);
    for (const console of world.consoles) this.#checkSame(world, console);
  }

  #checkNothingLost({ watch, model, consoles }: World): void {
    for (const { agentId, conversationId, token, console, life } of this.#typed) {
      // Erased with its customer.
      if (model.at(`erasure:conversation:${conversationId}`, model.head) !== null) continue;
      // Its outbox was put back to a time before it.
      if (console.rolledBackInLife !== null && life <= console.rolledBackInLife) continue;
      const local = consoles
        .filter((one) => one.agentId === agentId)
        .map((one) => read(one.account, conversationId)?.text);
      const row = model.at(rowOf(conversationId, agentId), model.head) as { text: string } | null;
      if (![...local, row?.text].some((text) => text?.includes(token) === true)) {
        watch.fail('I10', `${console.name}: ${token}, typed into a draft in ${conversationId}, is nowhere any more`);
      }
    }
  }

  #checkSame({ watch, model, conversations }: World, console: SimConsole): void {
    const { account, agentId } = console;
    if (account === null || account.status().state !== 'online') return;
    for (const conversationId of conversations) {
      const local = read(account, conversationId);
      const mayWrite = model.isVisible(agentId, `conversation:${conversationId}`, model.head);
      if (local?.isOwn === true) {
        if (mayWrite) watch.fail('O1', `${console.name} keeps to itself what is written in ${conversationId}`);
        continue;
      }
      const row = model.at(rowOf(conversationId, agentId), model.head) as { text: string } | null;
      if ((local?.text ?? '') !== (row?.text ?? '')) {
        watch.fail('O1', `${console.name} shows in ${conversationId} ${local?.text}, and not ${row?.text}`);
      }
    }
  }

  async #type(world: World): Promise<void> {
    const { dice } = world;
    const console = dice.pick(world.consoles);
    const conversationId = dice.pick(world.conversations.slice(-2));
    const account = console.account;
    if (account === null || console.machine.isAsleep) return;
    const view = this.#look(console, account, conversationId, dice.chance(0.6));
    const token = `<${(this.count += 1)}>`;
    view.text += token;
    this.#save(console, account, conversationId, view);
    // On the disk before it is answered; a disk that was full has nothing of it.
    if (read(account, conversationId)?.text !== view.text) return;
    const { agentId, life } = console;
    this.#typed.add({ agentId, conversationId, token, console, life });
  }

  async #discard(world: World): Promise<void> {
    const console = world.dice.pick(world.consoles);
    const conversationId = world.dice.pick(world.conversations.slice(-2));
    const account = console.account;
    if (account === null || console.machine.isAsleep) return;
    const view = this.#look(console, account, conversationId, true);
    const { text } = view;
    view.text = '';
    // Whatever becomes of it: who discards it does not care for it.
    for (const typed of this.#typed) {
      const isHere = typed.agentId === console.agentId && typed.conversationId === conversationId;
      if (isHere && text.includes(typed.token)) this.#typed.delete(typed);
    }
    this.#save(console, account, conversationId, view);
  }

  #leave(world: World): void {
    const console = world.dice.pick(world.consoles);
    if (!console.machine.isAsleep)
      console.account?.context.drafts.leave(world.dice.pick(world.conversations.slice(-2)));
  }

  /** What the window has; it is another one in another life of its console. */
  #look(console: SimConsole, account: Account, conversationId: string, isReadAgain: boolean): View {
    const key = `${console.name} ${conversationId}`;
    let view = this.#views.get(key);
    if (view === undefined || view.life !== console.life || isReadAgain) {
      const draft = read(account, conversationId);
      view = { life: console.life, text: draft?.text ?? '', edition: draft?.edition ?? null };
      this.#views.set(key, view);
    }
    return view;
  }

  #save(console: SimConsole, account: Account, conversationId: string, { text, edition }: View): void {
    const draft = { conversationId, kind: KIND, text, caret: text.length, attachments: [], edition } as const;
    // A process that dies, or a disk that is full, refuses it; the window goes on showing it.
    account.context.drafts.save({ ...draft, attachments: [] }).catch(() => undefined);
  }
}

function read(account: Account | null, conversationId: string) {
  return account?.outbox.drafts.get(conversationId, KIND) ?? null;
}

function rowOf(conversationId: string, agentId: string): string {
  return `draft:${conversationId}:${agentId}:${KIND}`;
}
