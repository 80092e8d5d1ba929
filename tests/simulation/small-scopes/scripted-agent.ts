import type { Given } from '../sim-console.ts';
import type { SmallWorld } from './small-world.ts';

const FILE = new TextEncoder().encode('a picture of a receipt');
const FIRST_MS = 100;
const EVERY_MS = 120;

export interface Written {
  type: string;
  args: Record<string, unknown>;
  hasFile?: boolean;
}

export function reply(number: number, conversationId: string): Written {
  const args = { conversationId, messageId: `message-${number}`, text: `text ${number}`, writtenAt: 1 };
  return { type: 'message.send', args };
}

/** Who sits before a console: gives one command after the other, each again until the console has taken it. */
export class ScriptedAgent {
  readonly given: (Given | null)[] = [];
  readonly #world: SmallWorld;
  readonly #name: string;
  readonly #script: readonly Written[];
  readonly #number: number;

  /** @param number makes the ids of its commands */
  constructor(world: SmallWorld, name: string, script: readonly Written[], number: number) {
    this.#world = world;
    this.#name = name;
    this.#script = script;
    this.#number = number;
    world.time.after(FIRST_MS, () => void this.#act());
  }

  /** Every command was taken, or refused on the spot. */
  get isDone(): boolean {
    return this.given.length === this.#script.length && isAnswered(this.given.at(-1));
  }

  async #act(): Promise<void> {
    if (this.isDone) return;
    this.#world.time.after(EVERY_MS, () => void this.#act());
    const index = this.given.length === 0 || isAnswered(this.given.at(-1)) ? this.given.length : this.given.length - 1;
    const console = this.#world.consoles.get(this.#name)!;
    if (console.account === null) return;
    const { type, args, hasFile } = this.#script[index]!;
    const file = hasFile === true ? console.addFile(FILE) : null;
    if (hasFile === true && file === null) return;
    const whole = file === null ? args : { ...args, attachments: [file] };
    const commandId = `019447aa-0000-7000-8000-${String(100 * this.#number + index).padStart(12, '0')}`;
    this.given[index] = await console.give(type, whole, commandId);
  }
}

function isAnswered(given: Given | null | undefined): boolean {
  return given !== null && given !== undefined && given.isTaken !== null;
}
