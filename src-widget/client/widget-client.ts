import type { FeedEntry, FeedPage } from '../../shared/widget-api/feed.ts';
import type {
  CustomerMessage,
  MessageAccepted,
  OfflineMessage,
  UploadAccepted,
} from '../../shared/widget-api/messages.ts';
import type { SessionRequest, VisitorIdentity, WidgetSession } from '../../shared/widget-api/session.ts';
import { Subscribable } from '../../shared/primitives/subscribable.ts';
import { makeUuidV7 } from '../../shared/primitives/uuid-v7.ts';
import { type Call, type FetchLike, callApi } from './api-calls.ts';
import { type ConnectionState, FeedConnection } from './feed-connection.ts';
import { Patience } from './patience.ts';
import { retryDelay } from './retry-delay.ts';
import { WidgetApiError, unreachable } from './widget-api-error.ts';

export interface WidgetClientOptions {
  /** The relay's address, without a path. */
  baseUrl: string;
  widgetKey: string;
  /** The page's origin, named to the relay where the platform does not do so itself: outside browsers. */
  origin?: string;
  /** The secret of an earlier session of this visitor. */
  visitorToken?: string;
  identity?: VisitorIdentity;
  locale?: string;
  page?: SessionRequest['page'];
  /** Entries after this seq are handed out; all of them by default, only new ones with `head`. */
  afterSeq?: number | 'head';
  fetch?: FetchLike;
  /** `poll` stays with long polls; web sockets are tried first otherwise. */
  transport?: 'auto' | 'poll';
  /** Opens sessions in place of this client: the frame leaves that to the page, whose origin counts. */
  openSession?: () => Promise<WidgetSession>;
}

export type MessageToSend = Omit<CustomerMessage, 'clientId'> & { clientId?: string };

/** Tries before a mistake of the relay's is given back to the caller. */
const MOST_TRIES_AFTER_MISTAKES = 5;
const CALL_TIMEOUT_MS = 30_000;
const UPLOAD_TIMEOUT_MS = 5 * 60_000;
const TYPING_REPEAT_MS = 3_000;
const TYPING_LIFE_MS = 6_000;

/** A customer's side of the web chat: the widget's, a demo customer's, a replayed one's. */
export class WidgetClient {
  readonly #options: WidgetClientOptions;
  readonly #fetch: FetchLike;
  readonly #patience = new Patience();
  readonly #entries = new Subscribable<FeedEntry>();
  readonly #typing = new Subscribable<boolean>();
  readonly #presence = new Subscribable<boolean>();
  readonly #reads = new Subscribable<number>();
  readonly #states = new Subscribable<ConnectionState>();
  readonly #sessions = new Subscribable<WidgetSession>();
  #identity: VisitorIdentity | undefined;
  #visitorToken: string | undefined;
  #session: WidgetSession | null = null;
  #token = '';
  #renewal: Promise<WidgetSession> | null = null;
  #connection: FeedConnection | null = null;
  #sendLane: Promise<unknown> = Promise.resolve();
  #typingSaidAt = 0;
  #typingTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: WidgetClientOptions) {
    this.#options = options;
    this.#fetch = options.fetch ?? ((url, init) => fetch(url, init));
    this.#identity = options.identity;
    this.#visitorToken = options.visitorToken;
  }

  /** The session in use; null before `open`. */
  get session(): WidgetSession | null {
    return this.#session;
  }

  /** Keep it to be the same visitor next time. */
  get visitorToken(): string | undefined {
    return this.#visitorToken;
  }

  /**
   * Opens the session, as often as it takes while the relay cannot be reached, and connects to the feed.
   * @throws WidgetApiError for a final refusal: a wrong key, origin or identity hash
   */
  async open(): Promise<WidgetSession> {
    return await this.#renew();
  }

  /** Goes on as somebody else, or as somebody known: after the page said who the visitor is. */
  async identify(identity: VisitorIdentity | undefined): Promise<WidgetSession> {
    this.#identity = identity;
    // One that is being opened is for whoever it was before.
    await this.#renewal?.catch(() => undefined);
    return await this.#renew();
  }

  /** Entries of the feed, own ones included: each exactly once, in order of `seq`. */
  onMessage(listener: (entry: FeedEntry) => void): () => void {
    return this.#entries.subscribe(listener);
  }

  /** Whether an agent is writing. */
  onTyping(listener: (isTyping: boolean) => void): () => void {
    return this.#typing.subscribe(listener);
  }

  onPresence(listener: (online: boolean) => void): () => void {
    return this.#presence.subscribe(listener);
  }

  /** The customer read up to here, in this window or another. */
  onRead(listener: (upTo: number) => void): () => void {
    return this.#reads.subscribe(listener);
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    return this.#states.subscribe(listener);
  }

  /** Every session but the first answer of `open` too: its feed may be another one. */
  onSession(listener: (session: WidgetSession) => void): () => void {
    return this.#sessions.subscribe(listener);
  }

  /**
   * Sends a message, repeating it under the same client id until the relay has it; messages go in the order of the
   * calls. To be safe against a reload as well, choose the `clientId`, keep the message, and send it again.
   * @throws WidgetApiError when the relay refuses it for good, or when the client is closed before
   */
  async send(message: MessageToSend): Promise<MessageAccepted> {
    const body = { ...message, clientId: message.clientId ?? makeClientId() };
    return await this.#inOrder(async () => {
      const call: Call = {
        method: 'POST',
        path: '/w/v1/messages',
        headers: { 'idempotency-key': body.clientId },
        body,
      };
      return (await (await this.#callUntilAnswered(call)).json()) as MessageAccepted;
    });
  }

  /** Leaves a message with an address to answer to. @throws WidgetApiError as `send` */
  async sendOffline(message: Omit<OfflineMessage, 'clientId'> & { clientId?: string }): Promise<void> {
    const body = { ...message, clientId: message.clientId ?? makeClientId() };
    await this.#inOrder(() => this.#callUntilAnswered({ method: 'POST', path: '/w/v1/offline', body }));
  }

  /**
   * Hands in a file for a message to name. Not repeated by itself: the caller sees the failure and decides.
   * @param options.signal gives up
   * @param options.fetch sends it in place of the client's own, to watch its progress
   * @throws WidgetApiError
   */
  async upload(
    content: Blob,
    name: string,
    options: { signal?: AbortSignal; fetch?: FetchLike } = {},
  ): Promise<UploadAccepted> {
    const form = new FormData();
    form.append('file', content, name);
    const call: Call = { method: 'POST', path: '/w/v1/uploads', body: form, ...options };
    return (await (await this.#call(call, UPLOAD_TIMEOUT_MS)).json()) as UploadAccepted;
  }

  /** A file of the feed, or one handed in. @throws WidgetApiError */
  async fetchFile(fileId: string): Promise<Blob> {
    const call: Call = { method: 'GET', path: `/w/v1/files/${encodeURIComponent(fileId)}` };
    return await (await this.#call(call, UPLOAD_TIMEOUT_MS)).blob();
  }

  /** The page of the feed before a position, ascending. @throws WidgetApiError */
  async listBefore(beforeSeq: number, limit: number): Promise<FeedPage> {
    return await this.#readFeed(`beforeSeq=${beforeSeq}&limit=${limit}`);
  }

  /** Says that the customer writes, or stopped to; may be called at every key. */
  setTyping(isTyping: boolean): void {
    const now = Date.now();
    if (isTyping && now - this.#typingSaidAt < TYPING_REPEAT_MS) return;
    if (!isTyping && this.#typingSaidAt === 0) return;
    if (this.#connection?.sendTyping(isTyping) === true) this.#typingSaidAt = isTyping ? now : 0;
  }

  /** The customer saw everything up to `upTo`. */
  markRead(upTo: number): void {
    if (this.#connection === null || this.#connection.sendRead(upTo)) return;
    this.#call({ method: 'POST', path: '/w/v1/read', body: { upTo } }).catch(() => undefined);
  }

  /** The network may be back: try at once what waits. */
  wake(): void {
    this.#patience.wake();
    this.#connection?.wake();
  }

  /** Ends everything; messages on their way fail with `closed` and may have arrived. */
  close(): void {
    clearTimeout(this.#typingTimer);
    this.#patience.end();
    this.#connection?.stop();
    this.#connection = null;
  }

  /** A new session for the same visitor; one at a time, whoever asks. */
  async #renew(): Promise<WidgetSession> {
    this.#renewal ??= this.#untilAnswered(() => this.#openSession())
      .then((session) => this.#use(session))
      .finally(() => {
        this.#renewal = null;
      });
    return await this.#renewal;
  }

  async #openSession(): Promise<WidgetSession> {
    if (this.#options.openSession) return await this.#options.openSession();
    const { widgetKey, origin, locale, page } = this.#options;
    const body: SessionRequest = { visitorToken: this.#visitorToken, identity: this.#identity, locale, page };
    const headers: Record<string, string> = origin === undefined ? {} : { origin };
    const call: Call = { method: 'POST', path: `/w/v1/${encodeURIComponent(widgetKey)}/session`, headers, body };
    const response = await this.#bounded(call, CALL_TIMEOUT_MS);
    return (await response.json()) as WidgetSession;
  }

  #use(session: WidgetSession): WidgetSession {
    if (this.#patience.hasEnded) throw closed();
    const before = this.#session;
    this.#session = session;
    this.#token = session.token;
    this.#visitorToken = session.visitorToken ?? this.#visitorToken;
    if (before?.feed.id !== session.feed.id) {
      this.#connection?.stop();
      const { afterSeq = 0 } = this.#options;
      const isContinued = before === null && afterSeq !== 'head';
      this.#connect(isContinued ? afterSeq : afterSeq === 'head' ? session.feed.head : 0);
    }
    this.#sessions.publish(session);
    return session;
  }

  #connect(afterSeq: number): void {
    const { baseUrl, origin, transport } = this.#options;
    const connection = new FeedConnection(
      {
        baseUrl,
        origin,
        mayUseSocket: transport !== 'poll',
        token: () => this.#token,
        setToken: (token) => {
          this.#token = token;
        },
        renew: () => this.#renew(),
        poll: (after, wait, signal) => this.#readFeed(`afterSeq=${after}&wait=${wait}`, signal),
        onEntry: (entry) => this.#entries.publish(entry),
        onTyping: (isTyping) => this.#showTyping(isTyping),
        onPresence: (online) => this.#presence.publish(online),
        onRead: (upTo) => this.#reads.publish(upTo),
        onState: (state) => this.#states.publish(state),
        onSuperseded: () => void this.#renew().catch(() => undefined),
      },
      afterSeq,
    );
    this.#connection = connection;
    connection.start();
  }

  /** What nobody repeats is over after six seconds. */
  #showTyping(isTyping: boolean): void {
    clearTimeout(this.#typingTimer);
    this.#typing.publish(isTyping);
    if (isTyping) this.#typingTimer = setTimeout(() => this.#typing.publish(false), TYPING_LIFE_MS);
  }

  async #readFeed(query: string, signal?: AbortSignal): Promise<FeedPage> {
    const call: Call = { method: 'GET', path: `/w/v1/messages?${query}` };
    if (signal) call.signal = signal;
    return (await (await this.#call(call)).json()) as FeedPage;
  }

  #inOrder<Result>(task: () => Promise<Result>): Promise<Result> {
    const running = this.#sendLane.then(task, task);
    this.#sendLane = running.catch(() => undefined);
    return running;
  }

  async #callUntilAnswered(call: Call): Promise<Response> {
    return await this.#untilAnswered(() => this.#call(call));
  }

  /** Repeats what can be repeated, with growing waits. */
  async #untilAnswered<Result>(task: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      if (this.#patience.hasEnded) throw closed();
      try {
        return await task();
      } catch (error) {
        if (!(error instanceof WidgetApiError) || !mayRepeat(error, attempt)) throw error;
        await this.#patience.wait(error.body.retryAfterMs ?? retryDelay(attempt));
      }
    }
  }

  /** One call with the session's token; with a new one when the relay no longer takes it. */
  async #call(call: Call, timeoutMs = CALL_TIMEOUT_MS): Promise<Response> {
    if (this.#session === null) await this.#renew();
    const token = this.#token;
    try {
      return await this.#bounded({ ...call, token }, timeoutMs);
    } catch (error) {
      if (!(error instanceof WidgetApiError) || error.body.kind !== 'unauthenticated') throw error;
      // Somebody else may have renewed it while this call was under way.
      if (token === this.#token) await this.#renew();
      return await this.#bounded({ ...call, token: this.#token }, timeoutMs);
    }
  }

  /** A call that ends: a connection that went silent would otherwise hold its lane for ever. */
  async #bounded(call: Call, timeoutMs: number): Promise<Response> {
    const controller = new AbortController();
    const abort = () => controller.abort();
    const timer = setTimeout(abort, timeoutMs);
    call.signal?.addEventListener('abort', abort);
    try {
      const headers = { ...this.#originHeader(), ...call.headers };
      const response = await callApi(call.fetch ?? this.#fetch, this.#options.baseUrl, {
        ...call,
        headers,
        signal: controller.signal,
      });
      const renewed = response.headers.get('liendesk-token');
      if (renewed !== null) this.#token = renewed;
      return response;
    } catch (error) {
      throw error instanceof WidgetApiError ? error : unreachable('The call was given up.');
    } finally {
      clearTimeout(timer);
      call.signal?.removeEventListener('abort', abort);
    }
  }

  #originHeader(): Record<string, string> {
    return this.#options.origin === undefined ? {} : { origin: this.#options.origin };
  }
}

function mayRepeat(error: WidgetApiError, attempt: number): boolean {
  // A mistake of the relay's may be gone at the next try, and what is repeated here has a key.
  if (error.body.kind === 'internal') return attempt < MOST_TRIES_AFTER_MISTAKES;
  return error.body.retryable || error.body.kind === 'unauthenticated';
}

function closed(): WidgetApiError {
  return new WidgetApiError(0, {
    kind: 'gone',
    origin: 'widget',
    message: 'The web chat was closed.',
    retryable: false,
    reason: 'closed',
  });
}

function makeClientId(): string {
  return makeUuidV7(Date.now(), crypto.getRandomValues(new Uint8Array(10)));
}

export function createWidgetClient(options: WidgetClientOptions): WidgetClient {
  return new WidgetClient(options);
}
