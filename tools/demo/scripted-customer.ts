import type { Clock, Random } from '../../shared/primitives/clock.ts';
import { foldText } from '../../shared/primitives/fold-text.ts';
import type { CustomerScript } from './demo-content.ts';

/** The customer's end of the channel, as a scripted customer uses it. */
export interface CustomerLine {
  send(text: string): Promise<void>;
  showTyping(isTyping: boolean): void;
}

const TYPING_MS_PER_CHARACTER = 35;
const MOST_TYPING_MS = 5000;
/** An agent often writes in several messages; the customer reads them all before answering. */
const READING_MS = 3500;
/** Patience before the first complaint; it doubles with each. */
const PATIENCE_MS = 45_000;

/**
 * A customer with a script: opens, answers what the agent says (to the point, or not), grows impatient when nobody
 * answers, thanks at the end. Ends by itself.
 */
export class ScriptedCustomer {
  readonly #script: CustomerScript;
  readonly #line: CustomerLine;
  readonly #clock: Clock;
  readonly #random: Random;
  #turn = 0;
  #heard: string[] = [];
  #complaints = 0;
  #isSpeaking = false;
  #cancel: (() => void) | null = null;
  #finish: () => void = () => undefined;
  /** Resolves when the customer has said everything. */
  readonly done: Promise<void>;

  constructor(script: CustomerScript, line: CustomerLine, clock: Clock, random: Random) {
    this.#script = script;
    this.#line = line;
    this.#clock = clock;
    this.#random = random;
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  async open(): Promise<void> {
    await this.#say(this.#script.opening);
  }

  /** What the agent wrote. */
  hear(text: string): void {
    this.#heard.push(foldText(text));
    if (!this.#isSpeaking) this.#wait(READING_MS, () => this.#answer());
  }

  stop(): void {
    this.#cancel?.();
    this.#finish();
  }

  async #answer(): Promise<void> {
    const heard = this.#heard.join(' ');
    this.#heard = [];
    this.#complaints = 0;
    const turn = this.#script.turns[this.#turn];
    this.#turn += 1;
    if (turn === undefined) {
      await this.#say(this.#script.closing);
      this.#cancel?.();
      this.#finish();
      return;
    }
    await this.#say(turn.whenSaid.some((word) => heard.includes(word)) ? turn.say : turn.otherwise);
  }

  async #say(lines: readonly string[]): Promise<void> {
    this.#isSpeaking = true;
    for (const line of lines) {
      this.#line.showTyping(true);
      await this.#pause(Math.min(MOST_TYPING_MS, 600 + line.length * TYPING_MS_PER_CHARACTER));
      await this.#line.send(line);
      this.#line.showTyping(false);
    }
    this.#isSpeaking = false;
    if (this.#heard.length > 0) this.#wait(READING_MS, () => this.#answer());
    else
      this.#wait(PATIENCE_MS * 2 ** this.#complaints * (0.8 + this.#random.fraction() * 0.4), () => this.#complain());
  }

  async #complain(): Promise<void> {
    const line = this.#script.impatient[this.#complaints];
    // Whoever has said everything waits in silence, as people do.
    if (line === undefined) return;
    this.#complaints += 1;
    await this.#say([line]);
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(delayMs, resolve);
    });
  }

  #wait(delayMs: number, next: () => Promise<void>): void {
    this.#cancel?.();
    this.#cancel = this.#clock.after(delayMs, () => {
      // A line that could not be sent is tried again by the channel's client; nothing more to do here.
      next().catch(() => undefined);
    });
  }
}
