import type { Certainty, ChannelAdapter, OutgoingPart, SendResult } from '../../src-relay/channels/channel.ts';
import type { Dice } from './dice.ts';
import type { SimTime } from './sim-time.ts';
import type { Met } from './sometimes.ts';
import type { Trace } from './trace.ts';

interface PlatformParts {
  certainty: Certainty;
  time: SimTime;
  dice: Dice;
  trace: Trace;
  met: Met;
  /** The relay cannot know that its log is an older copy: what waited in that may go out once more (SYNC-L3). */
  isInnocent(): boolean;
  /** Tells the relay what became of a part; false while it cannot be reached, and it is told again later. */
  tellRelay(part: OutgoingPart, state: 'delivered' | 'read'): Promise<boolean>;
}

/** Where messages leave the world: a platform of one certainty that outlives every relay. */
export class Platform implements ChannelAdapter {
  readonly kind = 'web-chat';
  readonly certainty: Certainty;
  /**
   * What the customers were shown, in order. `innocence` is that of the relay when it sent it; null where it knew its
   * history.
   */
  readonly shown: { key: string; part: OutgoingPart; innocence: number | null }[] = [];
  /** Counts the backups that were put back without the tool. */
  innocence = 0;
  /** Keys of all calls, in order. */
  readonly calls: string[] = [];
  /** Share of calls that go wrong. */
  troubles = 0;
  readonly #parts: PlatformParts;

  constructor(parts: PlatformParts) {
    this.#parts = parts;
    this.certainty = parts.certainty;
  }

  plan(message: { text: string; attachments: OutgoingPart['attachments'] }) {
    return message.text.split('|').map((text, index) => ({
      text,
      attachments: index === 0 ? message.attachments : [],
    }));
  }

  async send(part: OutgoingPart, key: string): Promise<SendResult> {
    const { dice, trace, met } = this.#parts;
    if (this.calls.includes(key)) met.note('keyed-repeat');
    this.calls.push(key);
    const innocence = this.#parts.isInnocent() ? this.innocence : null;
    const isTrouble = dice.chance(this.troubles);
    await this.#wait(dice.spread(5, 2000));
    const what = isTrouble ? dice.pick(['drop', 'hang', 'lose', 'break', 'busy', 'limit'] as const) : 'accept';
    trace.say('platform', () => `${what} ${part.messageId.slice(-6)}:${part.part}`);
    if (what === 'lose') return { ok: false, outcome: 'unknown-outcome', reason: 'timeout' };
    if (what === 'break') throw new Error('connection refused');
    if (what === 'busy') return { ok: false, outcome: 'retryable', reason: 'busy' };
    if (what === 'limit') {
      return { ok: false, outcome: 'rate-limited', reason: 'too-many', retryAfterMs: dice.spread(100, 10_000) };
    }
    const isRepetition = this.certainty === 'keyed' && this.shown.some((one) => one.key === key);
    if (!isRepetition) {
      this.shown.push({ key, part, innocence });
      this.#report(part);
    }
    await this.#wait(dice.spread(1, 3000));
    if (what === 'drop') return { ok: false, outcome: 'unknown-outcome', reason: 'timeout' };
    if (what === 'hang') await new Promise(() => undefined);
    return { ok: true, externalId: `platform-${key}` };
  }

  async find(_part: OutgoingPart, key: string): Promise<'sent' | 'not-sent' | 'unknown'> {
    const { dice, met } = this.#parts;
    met.note('looked-up');
    await this.#wait(dice.spread(5, 500));
    if (dice.chance(this.troubles)) {
      if (dice.chance(0.5)) throw new Error('connection refused');
      return 'unknown';
    }
    return this.shown.some((one) => one.key === key) ? 'sent' : 'not-sent';
  }

  async start(): Promise<void> {
    // The platform was there before.
  }

  async stop(): Promise<void> {
    // And it stays.
  }

  /** What the customer's device says of the message: perhaps before the platform answers, perhaps twice. */
  #report(part: OutgoingPart): void {
    const { dice, time, met } = this.#parts;
    if (!dice.chance(0.5)) return;
    const afterMs = dice.spread(1, 20_000);
    if (afterMs < 20) met.note('webhook-first');
    for (let times = dice.chance(0.3) ? 2 : 1; times > 0; times -= 1) {
      time.after(afterMs + dice.between(0, 50), () => void this.#tell(part, 'delivered'));
    }
    if (dice.chance(0.3)) time.after(afterMs + dice.spread(1, 60_000), () => void this.#tell(part, 'read'));
  }

  async #tell(part: OutgoingPart, state: 'delivered' | 'read'): Promise<void> {
    if (await this.#parts.tellRelay(part, state)) return;
    this.#parts.time.after(5000, () => void this.#tell(part, state));
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#parts.time.after(ms, resolve));
  }
}
