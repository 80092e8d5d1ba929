import type { Clock } from '../../shared/primitives/clock.ts';

// What a console may leave unapplied of live frames before it gets no more (SYNC-N2); the log is the buffer then.
const MAX_BYTES = 1024 * 1024;
const MAX_EVENTS = 2000;
// Credits are asked for some times on the way there, so that a console that keeps up says next to nothing.
const ASK_AFTER_BYTES = MAX_BYTES / 8;
const ASK_AFTER_EVENTS = MAX_EVENTS / 8;

/** Below this the line is what a catch-up waits for, and packing pays (SYNC-S7): 50 Mbit/s, in bytes per ms. */
const SLOW_LINE = 50_000_000 / 8 / 1000;
/** What is smaller takes as long as the way there and back, whatever the line. */
const MEASURED_FROM_BYTES = 8 * 1024;
/** What each older measurement weighs beside the one after it. */
const OLDER = 0.7;

interface Sent {
  isCatchUp: boolean;
  bytes: number;
  events: number;
  /** Monotonic. */
  at: number;
}

/**
 * What one console was sent and has not said to have applied. Credits come in the order of the frames and pages that
 * take one, so each is for the oldest of them.
 */
export class SessionCredits {
  readonly #clock: Clock;
  /** Frames and pages that take a credit, oldest first. A live one stands for those before it that took none. */
  #sent: Sent[] = [];
  #unasked = { bytes: 0, events: 0 };
  /** When the last one that was acknowledged had come, by the relay's clock. */
  #arrivedAt = 0;
  /** What went over the line and how long it took, the newest weighing most; null while nothing was large enough. */
  #line: { bytes: number; ms: number } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Frames or pages of a catch-up that were not acknowledged. */
  get catchUps(): number {
    return this.#sent.reduce((count, { isCatchUp }) => count + (isCatchUp ? 1 : 0), 0);
  }

  /** Whether credits for live frames are awaited. */
  get awaitsLive(): boolean {
    return this.#sent.some(({ isCatchUp }) => !isCatchUp);
  }

  /** Whether the console is so far behind with what it was sent that it is to get no more. */
  get isOverfull(): boolean {
    let { bytes, events } = this.#unasked;
    for (const sent of this.#sent) {
      if (sent.isCatchUp) continue;
      bytes += sent.bytes;
      events += sent.events;
    }
    return bytes > MAX_BYTES || events > MAX_EVENTS;
  }

  /** Whether a bulk is to be packed for the line; null while nothing is known of it. */
  get isSlowLine(): boolean | null {
    return this.#line === null ? null : this.#line.bytes / this.#line.ms < SLOW_LINE;
  }

  /** @returns whether the next live frame, of this size, has to ask for a credit */
  hasToAsk(bytes: number, events: number): boolean {
    return this.#unasked.bytes + bytes > ASK_AFTER_BYTES || this.#unasked.events + events > ASK_AFTER_EVENTS;
  }

  /** A live frame went out. @param hasAsked whether it takes a credit */
  sentLive(bytes: number, events: number, hasAsked: boolean): void {
    this.#unasked.bytes += bytes;
    this.#unasked.events += events;
    if (!hasAsked) return;
    this.#sent.push({ isCatchUp: false, ...this.#unasked, at: this.#clock.monotonic() });
    this.#unasked = { bytes: 0, events: 0 };
  }

  /** A frame or page of a catch-up went out. @param bytes on the wire */
  sentCatchUp(bytes: number): void {
    this.#sent.push({ isCatchUp: true, bytes, events: 0, at: this.#clock.monotonic() });
  }

  /**
   * The console committed the oldest of what takes a credit.
   * @param heldMs how long it had it: that is none of the line's time
   */
  credit(heldMs = 0): void {
    const sent = this.#sent.shift();
    if (sent === undefined) return;
    const arrivedAt = this.#clock.monotonic() - heldMs;
    if (sent.isCatchUp && sent.bytes >= MEASURED_FROM_BYTES) {
      // What went out behind another one waited for it.
      const took = Math.max(arrivedAt - Math.max(sent.at, this.#arrivedAt), 0.01);
      // Sums, not a mean of speeds: what a busy console finds come together seems to have taken no time at all.
      const { bytes, ms } = this.#line ?? { bytes: 0, ms: 0 };
      this.#line = { bytes: OLDER * bytes + sent.bytes, ms: OLDER * ms + took };
    }
    this.#arrivedAt = arrivedAt;
  }
}
