import type { FromCoreFrame, ReplyFrame } from '../../shared/core-api/port.ts';
import type { CoreEphemerals, CorePushes, CorePushName } from '../../shared/core-api/pushes.ts';
import type { CoreInput, CoreOutput, CoreRequestName } from '../../shared/core-api/requests.ts';
import { AppError } from '../../shared/errors.ts';
import type { HostInput, HostOutput, HostPushes, HostRequestName } from '../../shared/host-api/host-api.ts';
import type { Clock } from '../../shared/primitives/clock.ts';
import { Subscribable } from '../../shared/primitives/subscribable.ts';
import type { ConsolePort, OpenPort } from './console-port.ts';

/** Whether the window reaches its own core (not the relay: that is `sync.status`). */
export type CoreLink = 'connecting' | 'up' | 'down';

export type EphemeralOut = Exclude<keyof CoreEphemerals, 'ephemeral'>;
export type Ephemeral = CoreEphemerals['ephemeral'];

interface Pending {
  resolve(output: unknown): void;
  reject(error: AppError): void;
}

/** A request made while there is no link waits this long for one before it is refused as `offline`. */
const WAIT_FOR_LINK_MS = 4000;
const RETRY_DELAYS_MS = [100, 300, 1000, 2000, 3000];

/**
 * Typed requests, pushes and ephemerals over whatever pipe the host offers. It reconnects to its host by itself;
 * requests that were under way then fail as `offline` (retryable), because nobody knows whether they were served.
 */
export class CoreClient {
  readonly #openPort: OpenPort;
  readonly #clock: Clock;
  readonly #pending = new Map<number, Pending>();
  readonly #pushes = new Map<string, Subscribable<unknown>>();
  readonly #ephemerals = new Subscribable<Ephemeral>();
  readonly #links = new Subscribable<CoreLink>();
  #port: ConsolePort | null = null;
  #link: CoreLink = 'connecting';
  #nextId = 1;
  #attempt = 0;
  #isStopped = true;
  #cancelRetry: (() => void) | null = null;

  constructor(openPort: OpenPort, clock: Clock) {
    this.#openPort = openPort;
    this.#clock = clock;
  }

  get link(): CoreLink {
    return this.#link;
  }

  start(): void {
    this.#isStopped = false;
    void this.#connect();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelRetry?.();
    this.#port?.close();
    this.#lose();
  }

  /**
   * @throws AppError as the core answered it, or `offline` when the window has no link to its core
   */
  request<Name extends CoreRequestName>(name: Name, input: CoreInput<Name>): Promise<CoreOutput<Name>> {
    return this.#ask((id) => ({ id, request: name, input })) as Promise<CoreOutput<Name>>;
  }

  /** A request to the host over the same pipe (loopback host only). */
  requestHost<Name extends HostRequestName>(name: Name, input: HostInput<Name>): Promise<HostOutput<Name>> {
    return this.#ask((id) => ({ id, host: name, input })) as Promise<HostOutput<Name>>;
  }

  /** @returns its own undo */
  onPush<Name extends CorePushName | keyof HostPushes>(
    name: Name,
    listener: (payload: (CorePushes & HostPushes)[Name]) => void,
  ): () => void {
    let listeners = this.#pushes.get(name);
    if (listeners === undefined) this.#pushes.set(name, (listeners = new Subscribable()));
    return listeners.subscribe(listener as (payload: unknown) => void);
  }

  /** @returns its own undo */
  onEphemeral(listener: (ephemeral: Ephemeral) => void): () => void {
    return this.#ephemerals.subscribe(listener);
  }

  /** Dropped when there is no link. */
  sendEphemeral<Name extends EphemeralOut>(name: Name, payload: CoreEphemerals[Name]): void {
    this.#port?.send({ ephemeral: name, payload });
  }

  /** @returns its own undo */
  onLink(listener: (link: CoreLink) => void): () => void {
    return this.#links.subscribe(listener);
  }

  async #ask(frameOf: (id: number) => Parameters<ConsolePort['send']>[0] & { id: number }): Promise<unknown> {
    const port = this.#port ?? (await this.#waitForLink());
    const frame = frameOf(this.#nextId++);
    return new Promise((resolve, reject) => {
      this.#pending.set(frame.id, { resolve, reject });
      try {
        port.send(frame);
      } catch (cause) {
        this.#pending.delete(frame.id);
        reject(noLink(cause));
      }
    });
  }

  #waitForLink(): Promise<ConsolePort> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(WAIT_FOR_LINK_MS, () => {
        unsubscribe();
        reject(noLink());
      });
      const unsubscribe = this.#links.subscribe(() => {
        if (this.#port === null) return;
        cancel();
        unsubscribe();
        resolve(this.#port);
      });
    });
  }

  async #connect(): Promise<void> {
    try {
      const port = await this.#openPort();
      if (this.#isStopped) return port.close();
      this.#attempt = 0;
      this.#port = port;
      port.onFrame((frame) => this.#receive(frame));
      port.onClose(() => {
        // A late close of an earlier port must not tear down its successor.
        if (this.#port !== port) return;
        this.#lose();
        this.#retry();
      });
    } catch {
      this.#setLink('down');
      this.#retry();
      return;
    }
    // A listener that throws is no reason to open another port beside this one.
    this.#setLink('up');
  }

  #retry(): void {
    if (this.#isStopped) return;
    const delayMs = RETRY_DELAYS_MS[Math.min(this.#attempt, RETRY_DELAYS_MS.length - 1)]!;
    this.#attempt += 1;
    this.#cancelRetry = this.#clock.after(delayMs, () => void this.#connect());
  }

  #lose(): void {
    this.#port = null;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const one of pending) one.reject(noLink());
    this.#setLink('down');
  }

  #setLink(link: CoreLink): void {
    if (this.#link === link) return;
    this.#link = link;
    this.#links.publish(link);
  }

  #receive(frame: FromCoreFrame): void {
    if ('push' in frame) this.#pushes.get(frame.push)?.publish(frame.payload);
    else if ('ephemeral' in frame) this.#ephemerals.publish(frame.payload as Ephemeral);
    else this.#settle(frame);
  }

  #settle(reply: ReplyFrame): void {
    const pending = this.#pending.get(reply.id);
    if (pending === undefined) return;
    this.#pending.delete(reply.id);
    if (reply.ok) pending.resolve(reply.output);
    else pending.reject(AppError.fromBody(reply.error));
  }
}

function noLink(cause?: unknown): AppError {
  return new AppError('offline', 'The window lost its core process; it is being reached again.', {
    reason: 'core-unreachable',
    cause,
  });
}
