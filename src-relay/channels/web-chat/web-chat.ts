import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Namespace } from 'socket.io';
import type { Clock, Random } from '../../../shared/primitives/clock.ts';
import type { ChannelAdapter, ChannelHost, OutgoingPart, SendResult } from '../channel.ts';
import { CustomerMessages } from './customer-messages.ts';
import { registerErrorReplies } from './error-reply.ts';
import { type WebChatParts, registerHttpRoutes } from './http-routes.ts';
import { LiveFeed } from './live-feed.ts';
import { RateLimiter } from './rate-limiter.ts';
import { ReadingMarks } from './reading-marks.ts';
import { SerialLanes } from './serial-lanes.ts';
import { type WidgetNamespace, registerSocketEvents } from './socket-events.ts';
import { registerStaticFiles } from './static-files.ts';
import { VisitorSessions } from './visitor-sessions.ts';
import { VisitorTokens } from './visitor-token.ts';
import type { WebChatStore } from './web-chat-store.ts';

/** How often widgets are told whether somebody is there, if that has changed. */
const PRESENCE_INTERVAL_MS = 10_000;
/** How often what the log could not take is handed to it again; a browser that is still there is quicker. */
const PENDING_INTERVAL_MS = 60_000;
const CLEANING_INTERVAL_MS = 24 * 60 * 60 * 1000;
const SILENT_VISITOR_MS = 30 * 24 * 60 * 60 * 1000;
const REPETITION_MS = 90 * 24 * 60 * 60 * 1000;

export interface WebChatOptions {
  host: ChannelHost;
  store: WebChatStore;
  /** The relay's HTTP server; `/widget.js` and `/w/v1/*` are added to it, before it is ready. */
  app: FastifyInstance;
  /** The Socket.IO namespace `/widget`. */
  widgetNamespace: Namespace;
  clock: Clock;
  random: Random;
  /** Signs visitors' tokens; 32 random bytes that outlive a restart. */
  signingKey: Uint8Array;
  /** The widget's build: `widget.js` and `frame/`. */
  distFolder: string;
  logger: FastifyBaseLogger;
}

/** The web chat: our own channel, whose customers' side is the widget. */
export function createWebChat(options: WebChatOptions): ChannelAdapter {
  const { host, store, app, clock, random, signingKey, distFolder, logger } = options;
  const widgetNamespace = options.widgetNamespace as unknown as WidgetNamespace;
  const lanes = new SerialLanes();
  const live = new LiveFeed(clock, widgetNamespace);
  const tokens = new VisitorTokens(signingKey, clock);
  const parts: WebChatParts = {
    host,
    store,
    live,
    tokens,
    clock,
    random,
    limiter: new RateLimiter(clock),
    messages: new CustomerMessages({ host, store, live, lanes, clock }),
    marks: new ReadingMarks({ host, store, live, lanes }),
    sessions: new VisitorSessions({ host, store, live, tokens, clock, random }),
  };
  const onError = (error: unknown) => logger.error({ err: error }, 'web chat: work in the background failed');

  app.register(async (scope) => {
    registerErrorReplies(scope, logger);
    registerStaticFiles(scope, { channels: store.channels, distFolder });
  });
  app.register(
    async (scope) => {
      registerErrorReplies(scope, logger);
      await registerHttpRoutes(scope, parts);
    },
    { prefix: '/w/v1' },
  );
  registerSocketEvents(widgetNamespace, parts, onError);

  const wasOnline = new Map<string, boolean>();
  const cancels = new Map<string, () => void>();
  const repeat = (name: string, intervalMs: number, task: () => void) => {
    const run = () => {
      try {
        task();
      } catch (error) {
        onError(error);
      }
      cancels.set(name, clock.after(intervalMs, run));
    };
    run();
  };

  const acceptPending = () => parts.messages.acceptPending(onError).catch(onError);
  const tellPresence = () => {
    for (const { channelId } of store.channels.list()) {
      const online = host.isStaffed(channelId);
      if (wasOnline.get(channelId) === online) continue;
      wasOnline.set(channelId, online);
      for (const socket of widgetNamespace.sockets.values()) {
        if (socket.data.channelId === channelId) socket.emit('presence', { online });
      }
    }
  };
  const clean = () => {
    store.visitors.forgetSilent(clock.now() - SILENT_VISITOR_MS);
    store.inbound.forgetBefore(clock.now() - REPETITION_MS);
  };

  return {
    kind: 'web-chat',
    certainty: 'keyed',
    // The feed carries any length and number in one entry.
    plan: (message) => [message],
    send: (part) => Promise.resolve(putInFeed(part)),
    showEphemeral(ephemeral) {
      if (ephemeral.kind !== 'typing' || ephemeral.by.kind !== 'agent' || ephemeral.isNote) return;
      const customer = store.visitors.findCustomerOfConversation(ephemeral.conversationId);
      if (customer !== null) live.emit(customer.customerId, 'typing', { isTyping: ephemeral.isTyping });
    },
    listSame: (kind, id) => (kind === 'customer' ? store.listSamePerson(id) : []),
    listUnsent: (fileIds) => store.inbound.listUploaded(fileIds),
    awaitsFile: (fileId) => store.inbound.isPending(fileId),
    erase(kind, id) {
      if (kind !== 'customer') return [];
      const { customerIds, fileIds } = store.eraseCustomer(id);
      // Their widgets begin anew, as somebody whom nobody knows.
      for (const customerId of customerIds) live.emit(customerId, 'superseded');
      return fileIds;
    },
    async start() {
      await acceptPending();
      repeat('pending', PENDING_INTERVAL_MS, () => void acceptPending());
      repeat('presence', PRESENCE_INTERVAL_MS, tellPresence);
      repeat('cleaning', CLEANING_INTERVAL_MS, clean);
    },
    async stop() {
      for (const cancel of cancels.values()) cancel();
      live.wakeAll();
      await lanes.settle();
    },
  };

  /** The same part again finds its place taken and changes nothing: that is the key. */
  function putInFeed(part: OutgoingPart): SendResult {
    const customer =
      store.visitors.findCustomerOfConversation(part.conversationId) ?? store.visitors.findCustomer(part.customerId);
    if (customer === null || customer.channelId !== part.channelId) {
      return { ok: false, outcome: 'permanent', reason: 'customer-unknown' };
    }
    try {
      const { entry, isNew } = store.inTransaction(() =>
        store.feed.append(customer.customerId, {
          messageId: part.messageId,
          part: part.part,
          conversationId: part.conversationId,
          author: 'agent',
          agentName: part.agentName === '' ? null : part.agentName,
          clientId: null,
          text: part.text,
          attachments: part.attachments,
          at: part.at,
        }),
      );
      if (isNew) live.publishEntry(customer.customerId, entry);
      return { ok: true, externalId: `${part.messageId}:${part.part}` };
    } catch (error) {
      onError(error);
      return { ok: false, outcome: 'retryable', reason: 'storage' };
    }
  }
}
