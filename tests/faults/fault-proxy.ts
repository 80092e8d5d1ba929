import net from 'node:net';
import type { Random } from '../../shared/primitives/clock.ts';
import { type Conditions, PERFECT } from './conditions.ts';
import { ProxiedConnection } from './proxied-connection.ts';

/** What went through a proxy, up (to the relay) and down. */
export interface Traffic {
  connections: number;
  bytesUp: number;
  bytesDown: number;
  /** Connections that were reset by a condition or by `resetAll`. */
  cuts: number;
}

const LISTEN_RETRY_MS = 100;
const LISTEN_TRIES = 100;

/**
 * A TCP proxy that does to connections what networks do: delay, throttle, cut up, reset, go silent, refuse. Conditions
 * of the proxy are those of a line that all its connections share (its bandwidth too); each connection may have its
 * own on top.
 */
export class FaultProxy {
  readonly traffic: Traffic = { connections: 0, bytesUp: 0, bytesDown: 0, cuts: 0 };
  readonly connections = new Set<ProxiedConnection>();
  readonly #target: { host: string; port: number };
  readonly #random: Random;
  #conditions: Conditions = { ...PERFECT };
  #server: net.Server | null = null;
  #port = 0;
  /** When the line is free again, by direction; `performance.now()`. */
  readonly #freeAt = { up: 0, down: 0 };
  #isClosed = false;

  private constructor(target: { host: string; port: number }, random: Random) {
    this.#target = target;
    this.#random = random;
  }

  /** Listens on a free port of 127.0.0.1 and passes on to `port` there. @param random for jitter and cuts */
  static async open(port: number, random: Random): Promise<FaultProxy> {
    const proxy = new FaultProxy({ host: '127.0.0.1', port }, random);
    await proxy.accept();
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get conditions(): Readonly<Conditions> {
    return this.#conditions;
  }

  /** From now on, for all connections, those that are open too. */
  change(conditions: Partial<Conditions>): void {
    this.#conditions = { ...this.#conditions, ...conditions };
  }

  /** A perfect line again that takes connections. What went silent stays so until one of its ends gives it up. */
  async heal(): Promise<void> {
    this.#conditions = { ...PERFECT };
    this.#freeAt.up = 0;
    this.#freeAt.down = 0;
    for (const connection of this.connections) connection.change(PERFECT);
    await this.accept();
  }

  /** New connections are refused by the operating system, as where nobody listens. Open ones stay. */
  async refuse(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    await new Promise<void>((resolve) => {
      // Resolves when its connections have ended too; the port is free at once.
      server.close();
      setImmediate(resolve);
    });
  }

  /** Takes connections (again), on the same port as before. */
  async accept(): Promise<void> {
    if (this.#server !== null || this.#isClosed) return;
    const server = net.createServer({ allowHalfOpen: true }, (client) => this.#take(client));
    this.#server = server;
    for (let attempt = 1; ; attempt += 1) {
      const error = await listen(server, this.#port);
      if (error === null) break;
      // An outgoing connection of this machine may have been given the port meanwhile.
      if (attempt === LISTEN_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, LISTEN_RETRY_MS));
    }
    this.#port = (server.address() as net.AddressInfo).port;
  }

  /** Ends all connections with a reset (RST). */
  resetAll(): void {
    for (const connection of this.connections) connection.reset();
  }

  /** Leaves all connections half-open: what either end sends is taken and goes nowhere, and nobody is told. */
  swallowAll(): void {
    for (const connection of this.connections) connection.swallow();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.refuse();
    for (const connection of [...this.connections]) connection.destroy();
  }

  #take(client: net.Socket): void {
    this.traffic.connections += 1;
    const connection = new ProxiedConnection(client, net.connect({ ...this.#target, allowHalfOpen: true }), {
      line: () => this.#conditions,
      reserve: (direction, bytes) => this.#reserve(direction, bytes),
      random: this.#random,
      onBytes: (direction, bytes) => {
        if (direction === 'up') this.traffic.bytesUp += bytes;
        else this.traffic.bytesDown += bytes;
      },
      onCut: () => {
        this.traffic.cuts += 1;
      },
      onEnd: () => this.connections.delete(connection),
    });
    this.connections.add(connection);
  }

  /** @returns when the line has carried these bytes */
  #reserve(direction: 'up' | 'down', bytes: number): number {
    const now = performance.now();
    const { bytesPerSecond } = this.#conditions;
    if (bytesPerSecond === null) return now;
    this.#freeAt[direction] = Math.max(this.#freeAt[direction], now) + (bytes / bytesPerSecond) * 1000;
    return this.#freeAt[direction];
  }
}

function listen(server: net.Server, port: number): Promise<Error | null> {
  return new Promise((resolve) => {
    const onError = (error: Error): void => resolve(error);
    server.once('error', onError);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', onError);
      server.on('error', () => undefined);
      resolve(null);
    });
  });
}
