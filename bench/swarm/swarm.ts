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

/** Many sockets to one server, and the two loads they make. Times are of one process's clock. */
export class Swarm {
  #peers: SwarmPeer[] = [];
  #marker = '';
  #heard = 0;
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
      onHeard: (text) => this.#onHeard(text),
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
    this.#check();
    this.#marker = `said-${index}-${Math.round(performance.now())}`;
    this.#heard = 0;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${this.#peers.length - this.#heard} of ${this.#peers.length} did not hear it`)),
        LOST_AFTER_MS,
      );
      this.#onFailure = reject;
      this.#onAllHeard = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#peers[index % this.#peers.length]!.say(this.#marker, `${this.#marker} ${text}`);
    });
  }

  #onHeard(text: string): void {
    if (this.#marker === '' || !text.includes(this.#marker)) return;
    this.#heard += 1;
    if (this.#heard < this.#peers.length) return;
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
