import { setTimeout as sleep } from 'node:timers/promises';
import type { SwarmListener, SwarmPeer } from './swarm-peer.ts';

const LOST_AFTER_MS = 20_000;
const SHORTEST_PAUSE_MS = 10;

export interface FanOutTimes {
  /** Per saying: from when it was said until the last peer had it. */
  lastMs: number[];
  /** What a peer heard of the last one, as it came over the socket. */
  heard: string;
}

export interface Deliveries {
  /** Events that peers heard, all together. */
  events: number;
  /** Messages in which they came. */
  messages: number;
}

/** Many sockets to one server, and the loads they make. Times are of one process's clock. */
export class Swarm {
  #peers: SwarmPeer[] = [];
  #marker = '';
  #heard = 0;
  #expected = 0;
  #delivered: Deliveries = { events: 0, messages: 0 };
  #onAllHeard: () => void = () => {};
  #lastHeard = '';
  #saidAt = new Map<string, number>();
  #latencies: number[] = [];
  #failure: Error | null = null;
  #onFailure: (error: Error) => void = () => {};
  #isClosed = false;

  /** Connects one peer after the other, sixteen at a time. */
  async connect(count: number, open: (index: number, listener: SwarmListener) => Promise<SwarmPeer>): Promise<void> {
    const listener: SwarmListener = {
      isListening: () => this.#marker !== '',
      onHeard: (text, events) => this.#onHeard(text, events),
      onAnswered: (marker) => this.#onAnswered(marker),
      onBroken: (error) => this.#fail(error),
    };
    let next = 0;
    const connectSome = async (): Promise<void> => {
      while (next < count) {
        next += 1;
        this.#peers.push(await open(next - 1, listener));
      }
    };
    await Promise.all(Array.from({ length: 16 }, connectSome));
  }

  /**
   * One says something, and everybody hears it; then a pause as long as that took, so that the server is idle half of
   * the time; then the next.
   */
  async measureFanOut(sayings: number, text: string): Promise<FanOutTimes> {
    const lastMs: number[] = [];
    for (let index = 0; index < sayings; index += 1) {
      const saidAt = performance.now();
      await this.#sayToAll(index, text);
      const elapsedMs = performance.now() - saidAt;
      lastMs.push(elapsedMs);
      await sleep(Math.max(SHORTEST_PAUSE_MS, elapsedMs));
    }
    return { lastMs, heard: this.#lastHeard };
  }

  /**
   * Some say something at the same time, and everybody hears all of it; then a short pause; then the next. Every event
   * has to reach every peer once: fewer never end, more are an error.
   */
  async measureDeliveries(sayings: number, burst: number, text: string): Promise<Deliveries> {
    this.#delivered = { events: 0, messages: 0 };
    for (let index = 0; index < sayings; index += 1) {
      await this.#burst(index, burst, text);
      await sleep(SHORTEST_PAUSE_MS);
    }
    const expected = sayings * burst * this.#peers.length;
    const { events } = this.#delivered;
    if (events !== expected) throw new Error(`${events} events were heard instead of ${expected}`);
    return this.#delivered;
  }

  /**
   * All peers in turn say `perSecond` things a second for a while, whether answered or not.
   * @returns ms from saying to answer, of each
   */
  async measureAnswers(perSecond: number, seconds: number, text: string): Promise<number[]> {
    this.#latencies = [];
    this.#saidAt.clear();
    const total = perSecond * seconds;
    const startedAt = performance.now();
    for (let said = 0; said < total;) {
      const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * perSecond) + 1);
      for (; said < due; said += 1) {
        const marker = `m${said}`;
        this.#saidAt.set(marker, performance.now());
        this.#peers[said % this.#peers.length]!.say(marker, text);
      }
      this.#check();
      await sleep(1);
    }
    const giveUpAt = performance.now() + LOST_AFTER_MS;
    while (this.#latencies.length < total) {
      this.#check();
      if (performance.now() > giveUpAt) throw new Error(`${total - this.#latencies.length} of ${total} had no answer`);
      await sleep(5);
    }
    return this.#latencies;
  }

  close(): void {
    this.#isClosed = true;
    for (const peer of this.#peers) peer.close();
    this.#peers = [];
  }

  #sayToAll(index: number, text: string): Promise<void> {
    return this.#burst(index, 1, text);
  }

  #burst(index: number, burst: number, text: string): Promise<void> {
    this.#check();
    this.#marker = `said-${index}-${Math.round(performance.now())}`;
    this.#heard = 0;
    this.#expected = this.#peers.length * burst;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${this.#expected - this.#heard} of ${this.#expected} were not heard`)),
        LOST_AFTER_MS,
      );
      this.#onFailure = reject;
      this.#onAllHeard = () => {
        clearTimeout(timer);
        resolve();
      };
      for (let said = 0; said < burst; said += 1) {
        const peer = this.#peers[(index * burst + said) % this.#peers.length]!;
        peer.say(`${this.#marker}-${said}`, `${this.#marker} ${text}`);
      }
    });
  }

  #onHeard(text: string, events: number): void {
    if (this.#marker === '' || !text.includes(this.#marker)) return;
    this.#heard += events;
    this.#delivered.events += events;
    this.#delivered.messages += 1;
    if (this.#heard < this.#expected) return;
    this.#lastHeard = text;
    this.#onAllHeard();
  }

  #onAnswered(marker: string): void {
    const saidAt = this.#saidAt.get(marker);
    if (saidAt === undefined) return;
    this.#saidAt.delete(marker);
    this.#latencies.push(performance.now() - saidAt);
  }

  #fail(error: Error): void {
    if (this.#isClosed) return;
    this.#failure ??= error;
    this.#onFailure(error);
  }

  #check(): void {
    if (this.#failure !== null) throw this.#failure;
  }
}
