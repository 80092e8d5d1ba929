import { type Socket, io } from 'socket.io-client';
import type { FeedEntry, FeedPage } from '../../shared/widget-api/feed.ts';
import { MAX_WAIT_SECONDS } from '../../shared/widget-api/limits.ts';
import type { FromWidget, ToWidget } from '../../shared/widget-api/socket-events.ts';
import { FeedOrder } from './feed-order.ts';
import { Patience } from './patience.ts';
import { retryDelay } from './retry-delay.ts';
import type { WidgetApiError } from './widget-api-error.ts';

/** `live` over a web socket, `polling` where those do not get through, `connecting` while neither works. */
export type ConnectionState = 'connecting' | 'live' | 'polling';

export interface FeedConnectionOptions {
  baseUrl: string;
  /** Named to the relay where the platform does not do so itself (outside browsers). */
  origin: string | undefined;
  /** False stays with long polls. */
  mayUseSocket: boolean;
  token(): string;
  setToken(token: string): void;
  /** Replaces a token that is no longer good. */
  renew(): Promise<unknown>;
  /** `GET /w/v1/messages`, with its own retries of authentication. @throws WidgetApiError */
  poll(afterSeq: number, waitSeconds: number, signal: AbortSignal): Promise<FeedPage>;
  onEntry(entry: FeedEntry): void;
  onTyping(isTyping: boolean): void;
  onPresence(online: boolean): void;
  onRead(upTo: number): void;
  onState(state: ConnectionState): void;
  onSuperseded(): void;
}

/** A web socket gets so long to be of use; long polls stand in after that, and stop when it is. */
const SOCKET_PATIENCE_MS = 3_000;
/** A proxy may take a web socket and say nothing. */
const CONNECT_TIMEOUT_MS = 8_000;
const REPLY_TIMEOUT_MS = 10_000;
const RECEIVED_DELAY_MS = 250;

/**
 * Keeps one customer's feed: every entry exactly once, in order of `seq`, over whatever gets through. The position is
 * the only state; each connection begins by asking for what comes after it.
 */
export class FeedConnection {
  readonly #options: FeedConnectionOptions;
  readonly #patience = new Patience();
  readonly #socket: Socket<ToWidget, FromWidget> | null;
  readonly #order: FeedOrder;
  #state: ConnectionState = 'connecting';
  #failures = 0;
  /** Counts connections; what a superseded one still brings is not heeded. */
  #connectionNumber = 0;
  /** The connection whose resume is under way. */
  #resuming: number | null = null;
  /** Seq of the newest entry that ran ahead of a resume's answer and was left to it. */
  #aheadUpTo = 0;
  #readUpTo = 0;
  #receivedTimer: ReturnType<typeof setTimeout> | undefined;
  #polling: AbortController | null = null;
  #fallback: ReturnType<typeof setTimeout> | undefined;

  constructor(options: FeedConnectionOptions, afterSeq: number) {
    this.#options = options;
    this.#order = new FeedOrder(afterSeq);
    this.#socket = options.mayUseSocket ? this.#makeSocket() : null;
  }

  start(): void {
    if (this.#socket === null) {
      this.#startPolling();
      return;
    }
    this.#socket.connect();
    this.#fallBackLater();
  }

  stop(): void {
    this.#patience.end();
    clearTimeout(this.#receivedTimer);
    clearTimeout(this.#fallback);
    this.#polling?.abort();
    this.#socket?.disconnect();
  }

  /** The network may be back: try now. */
  wake(): void {
    this.#patience.wake();
    if (this.#socket !== null && !this.#socket.connected && !this.#patience.hasEnded) {
      this.#socket.disconnect();
      this.#socket.connect();
    }
  }

  /** @returns false when it could not be said this way */
  sendTyping(isTyping: boolean): boolean {
    if (this.#socket?.connected !== true) return false;
    this.#socket.emit('typing', { isTyping });
    return true;
  }

  /** @returns false when it could not be said this way; it is said at the next connection all the same */
  sendRead(upTo: number): boolean {
    this.#readUpTo = Math.max(this.#readUpTo, upTo);
    if (this.#socket?.connected !== true) return false;
    this.#socket.emit('read', { upTo: this.#readUpTo });
    return true;
  }

  #makeSocket(): Socket<ToWidget, FromWidget> {
    const { baseUrl, origin, token } = this.#options;
    const socket: Socket<ToWidget, FromWidget> = io(`${baseUrl}/widget`, {
      autoConnect: false,
      forceNew: true,
      transports: ['websocket'],
      timeout: CONNECT_TIMEOUT_MS,
      reconnectionDelay: 500,
      reconnectionDelayMax: 30_000,
      randomizationFactor: 0.8,
      auth: (give) => give({ token: token() }),
      ...(origin === undefined ? {} : { extraHeaders: { origin } }),
    });
    socket.on('connect', () => {
      this.#connectionNumber += 1;
      void this.#resume(this.#connectionNumber);
    });
    socket.on('entry', (entry) => this.#take(entry));
    socket.on('typing', ({ isTyping }) => this.#options.onTyping(isTyping));
    socket.on('presence', ({ online }) => this.#options.onPresence(online));
    socket.on('read', ({ upTo }) => this.#options.onRead(upTo));
    socket.on('token', (renewed) => this.#options.setToken(renewed.token));
    socket.on('superseded', () => this.#options.onSuperseded());
    socket.on('disconnect', (reason) => {
      if (this.#patience.hasEnded) return;
      if (this.#polling === null) this.#setState('connecting');
      this.#fallBackLater();
      // The relay hung up by itself: Socket.IO leaves it to us to come back.
      if (reason === 'io server disconnect') void this.#reconnectLater();
    });
    socket.on('connect_error', (error) => void this.#handleFailure(error));
    return socket;
  }

  async #handleFailure(error: Error & { data?: { kind?: string } }): Promise<void> {
    this.#failures += 1;
    if (error.data?.kind === 'unauthenticated') {
      await this.#options.renew().catch(() => undefined);
      await this.#reconnectLater();
      return;
    }
    // After a refusal Socket.IO does not try again by itself; after a failed transport it does.
    if (this.#socket?.active === false) await this.#reconnectLater();
  }

  async #reconnectLater(): Promise<void> {
    await this.#patience.wait(retryDelay(this.#failures));
    if (!this.#patience.hasEnded) this.#socket?.connect();
  }

  /** Asks for what is after the position until there is no more; the relay sends the rest as it comes. */
  async #resume(connection: number): Promise<void> {
    const socket = this.#socket;
    if (socket === null || this.#resuming === connection) return;
    this.#resuming = connection;
    this.#aheadUpTo = 0;
    try {
      for (;;) {
        const afterSeq = this.#order.position;
        const reply = await socket.timeout(REPLY_TIMEOUT_MS).emitWithAck('resume', { afterSeq });
        if (connection !== this.#connectionNumber) return;
        if (!reply.ok) {
          if (reply.error.kind === 'unauthenticated') await this.#options.renew();
          throw new Error(reply.error.message);
        }
        const { isComplete, head } = reply.output;
        this.#takePage(reply.output, afterSeq);
        if (isComplete && this.#aheadUpTo <= head) break;
      }
      this.#failures = 0;
      clearTimeout(this.#fallback);
      this.#polling?.abort();
      this.#setState('live');
      if (this.#order.position > 0) this.#reportReceived();
      if (this.#readUpTo > 0) this.sendRead(this.#readUpTo);
    } catch {
      // No answer, or none that helps: a new connection begins again.
      if (connection === this.#connectionNumber && socket.connected) {
        socket.disconnect();
        this.#failures += 1;
        void this.#reconnectLater();
      }
    } finally {
      if (this.#resuming === connection) this.#resuming = null;
    }
  }

  #take(entry: FeedEntry): void {
    const place = this.#order.take(entry);
    if (place === 'next') this.#handOut(entry);
    if (place !== 'ahead') return;
    // A hole. A resume under way asks once more, or its answer was made before this entry and the entry is lost.
    this.#aheadUpTo = Math.max(this.#aheadUpTo, entry.seq);
    if (this.#resuming === null) void this.#resume(this.#connectionNumber);
  }

  #takePage(page: FeedPage, askedAfter: number): void {
    for (const entry of this.#order.takePage(page, askedAfter)) this.#handOut(entry);
  }

  #handOut(entry: FeedEntry): void {
    if (entry.author === 'agent') {
      this.#options.onTyping(false);
      this.#reportReceived();
    }
    this.#options.onEntry(entry);
  }

  #reportReceived(): void {
    clearTimeout(this.#receivedTimer);
    this.#receivedTimer = setTimeout(() => {
      if (this.#socket?.connected === true) this.#socket.emit('received', { upTo: this.#order.position });
    }, RECEIVED_DELAY_MS);
  }

  #fallBackLater(): void {
    clearTimeout(this.#fallback);
    this.#fallback = setTimeout(() => this.#startPolling(), SOCKET_PATIENCE_MS);
  }

  #startPolling(): void {
    if (this.#polling !== null || this.#patience.hasEnded) return;
    const polling = new AbortController();
    this.#polling = polling;
    void this.#pollUntil(polling.signal).finally(() => {
      if (this.#polling === polling) this.#polling = null;
    });
  }

  async #pollUntil(signal: AbortSignal): Promise<void> {
    let failures = 0;
    let waitSeconds = 0;
    while (!signal.aborted && !this.#patience.hasEnded) {
      try {
        const afterSeq = this.#order.position;
        const page = await this.#options.poll(afterSeq, waitSeconds, signal);
        if (signal.aborted) return;
        this.#takePage(page, afterSeq);
        failures = 0;
        waitSeconds = MAX_WAIT_SECONDS;
        this.#setState('polling');
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        waitSeconds = 0;
        this.#setState('connecting');
        const { retryAfterMs } = (error as WidgetApiError).body ?? {};
        await this.#patience.wait(retryAfterMs ?? retryDelay(failures));
      }
    }
  }

  #setState(state: ConnectionState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#options.onState(state);
  }
}
