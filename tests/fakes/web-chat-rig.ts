import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import Fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { Server } from 'socket.io';
import type { Clock } from '../../shared/primitives/clock.ts';
import type { WebChatSettingsInput } from '../../shared/widget-api/channel-settings.ts';
import type { ChannelAdapter, OutgoingPart } from '../../src-relay/channels/channel.ts';
import type { WebChatChannel } from '../../src-relay/channels/web-chat/channel-store.ts';
import { type WebChatStore, createWebChatStore } from '../../src-relay/channels/web-chat/web-chat-store.ts';
import { createWebChat } from '../../src-relay/channels/web-chat/web-chat.ts';
import { openRelayDatabase } from '../../src-relay/event-log/open-relay-database.ts';
import { migratePart } from '../../src-relay/event-log/schema-migrations.ts';
import { trackConnections } from '../../src-relay/http/track-connections.ts';
import { createSystemClock, createSystemRandom } from '../../src-relay/system-clock.ts';
import {
  type WidgetClient,
  createWidgetClient,
  type WidgetClientOptions,
} from '../../src-widget/client/widget-client.ts';
import { InMemoryChannelHost } from './in-memory-channel-host.ts';
import { untilPortIsFree } from './until-port-is-free.ts';

export const SHOP_ORIGIN = 'https://shop.example';
export const CHANNEL_ID = 'web';

/** The web chat on a real server and a real database, with a relay in memory behind it. */
export class WebChatRig {
  readonly host = new InMemoryChannelHost();
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'liendesk-web-chat-'));
  /** What the web chat logged as its own mistakes. */
  readonly mistakes: unknown[] = [];
  readonly #distFolder: string;
  readonly #clients: WidgetClient[] = [];
  #app!: FastifyInstance;
  #io!: Server;
  #close!: () => void;
  #closeConnections!: () => void;
  #port = 0;
  store!: WebChatStore;
  adapter!: ChannelAdapter;
  channel!: WebChatChannel;
  #sent = 0;

  readonly #clock: Clock;

  constructor(distFolder = '/nowhere', clock = createSystemClock()) {
    this.#distFolder = distFolder;
    this.#clock = clock;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(settings: WebChatSettingsInput = {}): Promise<this> {
    const database = openRelayDatabase(path.join(this.folder, 'relay.db'));
    const random = createSystemRandom();
    this.store = createWebChatStore({ database, random, migrate: (part, steps) => migratePart(database, part, steps) });
    this.channel =
      this.store.channels.get(CHANNEL_ID) ??
      this.store.channels.create(CHANNEL_ID, { allowedOrigins: [SHOP_ORIGIN], ...settings });
    const app = Fastify({ forceCloseConnections: true });
    const io = new Server(app.server, { serveClient: false, transports: ['websocket'] });
    this.adapter = createWebChat({
      host: this.host,
      store: this.store,
      app,
      widgetNamespace: io.of('/widget'),
      clock: this.#clock,
      random,
      signingKey: Buffer.alloc(32, 7),
      distFolder: this.#distFolder,
      logger: this.#makeLogger(app),
    });
    this.#closeConnections = trackConnections(app.server);
    await untilPortIsFree(this.#port);
    await app.listen({ port: this.#port, host: '127.0.0.1' });
    this.#port = (app.server.address() as AddressInfo).port;
    await this.adapter.start();
    this.#app = app;
    this.#io = io;
    this.#close = () => database.close();
    return this;
  }

  /** Stops the server; `start` brings it back on the same port with the same data. */
  async stop(): Promise<void> {
    await this.adapter.stop();
    this.#io.disconnectSockets(true);
    // A connection that is just being made belongs to nobody yet, and would be waited for.
    const impatience = setTimeout(this.#closeConnections, 1000);
    await this.#io.close();
    await this.#app.close().catch(() => undefined);
    clearTimeout(impatience);
    this.#close();
  }

  async dispose(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #makeLogger(app: FastifyInstance): FastifyBaseLogger {
    const error = (details: unknown) => this.mistakes.push(details);
    return Object.assign(Object.create(app.log) as FastifyBaseLogger, { error });
  }

  makeClient(options: Partial<WidgetClientOptions> = {}): WidgetClient {
    const client = createWidgetClient({
      baseUrl: this.url,
      widgetKey: this.channel.widgetKey,
      origin: SHOP_ORIGIN,
      ...options,
    });
    this.#clients.push(client);
    return client;
  }

  /** A bare call, as any program could make it. */
  async call(
    method: string,
    pathname: string,
    options: { body?: unknown; token?: string; headers?: Record<string, string> } = {},
  ) {
    const headers = new Headers(options.headers);
    if (options.token !== undefined) headers.set('authorization', `Bearer ${options.token}`);
    const init: RequestInit = { method, headers };
    if (typeof options.body === 'string' || options.body instanceof FormData || options.body instanceof Uint8Array) {
      init.body = options.body as BodyInit;
    } else if (options.body !== undefined) {
      headers.set('content-type', 'application/json');
      init.body = JSON.stringify(options.body);
    }
    return await fetch(this.url + pathname, init);
  }

  async openSession(body: unknown = {}, origin: string | null = SHOP_ORIGIN) {
    const headers: Record<string, string> = origin === null ? {} : { origin };
    return await this.call('POST', `/w/v1/${this.channel.widgetKey}/session`, { body, headers });
  }

  /** An agent answers, as the relay's delivery would hand it over. */
  async answer(conversationId: string, text: string, part: Partial<OutgoingPart> = {}) {
    this.#sent += 1;
    const outgoing: OutgoingPart = {
      channelId: CHANNEL_ID,
      conversationId,
      customerId: 'unknown',
      messageId: `sent-${this.#sent}`,
      part: 0,
      text,
      attachments: [],
      agentName: 'Lan',
      at: Date.now(),
      ...part,
    };
    return await this.adapter.send(outgoing, `${outgoing.messageId}/${outgoing.part}`);
  }
}

/** Resolves once `isTrue` holds; looks every few milliseconds. @throws Error after a minute */
export async function until(isTrue: () => boolean, what = 'what was waited for'): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`${what} did not happen`);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
