import type { Namespace, Socket } from 'socket.io';
import { AppError, toErrorBody } from '../../../shared/errors.ts';
import { FEED_PAGE_LENGTH } from '../../../shared/widget-api/limits.ts';
import { type FromWidget, type ToWidget, fromWidget } from '../../../shared/widget-api/socket-events.ts';
import type { WebChatParts } from './http-routes.ts';
import { roomOf } from './live-feed.ts';
import { isOwnOrigin } from './origin-check.ts';
import type { WebChatChannel } from './channel-store.ts';
import { sessionOver } from './session-over.ts';
import type { WebChatVisitor } from './visitor-store.ts';

interface WidgetSocketData {
  visitorId: string;
  channelId: string;
  isDueForRenewal: boolean;
}
type WidgetSocket = Socket<FromWidget, ToWidget, Record<string, never>, WidgetSocketData>;
export type WidgetNamespace = Namespace<FromWidget, ToWidget, Record<string, never>, WidgetSocketData>;

/** The widget's live connection. Everything on it can also be had over HTTP, only later. */
export function registerSocketEvents(
  namespace: WidgetNamespace,
  parts: WebChatParts,
  onError: (error: unknown) => void,
): void {
  namespace.use((socket, next) => {
    authenticate(parts, socket).then(
      () => next(),
      (error: unknown) => next(Object.assign(new Error('refused'), { data: toErrorBody(error, 'relay') })),
    );
  });
  namespace.on('connection', (socket) => {
    const inCase = (work: Promise<void>) => void work.catch(onError);
    const { visitorId, isDueForRenewal } = socket.data;
    if (isDueForRenewal) inCase(parts.tokens.issue(visitorId).then((token) => void socket.emit('token', { token })));

    socket.on('resume', (input, reply) => {
      if (typeof reply !== 'function') return;
      const asked = fromWidget.resume.safeParse(input);
      const visitor = currentVisitor(parts, visitorId);
      if (!asked.success || visitor === null) {
        const error = asked.success
          ? sessionOver()
          : new AppError('invalid', 'resume: not understood', { reason: 'request-invalid' });
        reply({ ok: false, error: toErrorBody(error, 'relay') });
        return;
      }
      // Joined and read in one turn: no entry can fall between what is answered here and what is sent live.
      for (const room of socket.rooms) if (room !== socket.id) void socket.leave(room);
      void socket.join(roomOf(visitor.customerId));
      reply({
        ok: true,
        output: parts.store.feed.listAfter(visitor.customerId, asked.data.afterSeq, FEED_PAGE_LENGTH),
      });
      socket.emit('presence', { online: parts.host.isStaffed(visitor.channelId) });
    });

    socket.on('typing', (input) => {
      const said = fromWidget.typing.safeParse(input);
      const visitor = currentVisitor(parts, visitorId);
      const customer = visitor === null ? null : parts.store.visitors.findCustomer(visitor.customerId);
      if (!said.success || !customer?.conversationId || !mayGoOn(parts, socket)) return;
      parts.host.publishEphemeral({
        kind: 'typing',
        conversationId: customer.conversationId,
        by: { kind: 'customer', id: customer.customerId },
        isTyping: said.data.isTyping,
        isNote: false,
      });
    });

    socket.on('received', (input) => {
      const mark = fromWidget.received.safeParse(input);
      const visitor = currentVisitor(parts, visitorId);
      if (mark.success && visitor !== null) inCase(parts.marks.noteReceived(visitor.customerId, mark.data.upTo));
    });

    socket.on('read', (input) => {
      const mark = fromWidget.read.safeParse(input);
      const visitor = currentVisitor(parts, visitorId);
      if (mark.success && visitor !== null) inCase(parts.marks.noteRead(visitor.customerId, mark.data.upTo));
    });
  });
}

/** @throws AppError `unauthenticated`, `forbidden` */
async function authenticate(parts: WebChatParts, socket: WidgetSocket): Promise<void> {
  const { token } = socket.handshake.auth as { token?: unknown };
  const { visitorId, isDueForRenewal } = await parts.tokens.verify(typeof token === 'string' ? token : '');
  const visitor = currentVisitor(parts, visitorId);
  const channel = visitor === null ? null : parts.store.channels.get(visitor.channelId);
  if (visitor === null || channel === null) {
    throw sessionOver();
  }
  if (!isOriginWelcome(channel, socket)) {
    throw new AppError('forbidden', 'This page may not use this web chat.', { reason: 'origin-refused' });
  }
  socket.data = { visitorId, channelId: channel.channelId, isDueForRenewal };
}

/** Browsers open web sockets to anywhere and only name the origin; it is checked here, as CORS does for HTTP. */
function isOriginWelcome(channel: WebChatChannel, socket: WidgetSocket): boolean {
  const { origin, host } = socket.handshake.headers;
  if (origin === undefined || isOwnOrigin(origin, host ?? '')) return true;
  return channel.settings.allowedOrigins.includes(origin);
}

/** The visitor, with the customer they turned out to be. */
function currentVisitor(parts: WebChatParts, visitorId: string): WebChatVisitor | null {
  const visitor = parts.store.visitors.findVisitor(visitorId);
  const customer = visitor === null ? null : parts.store.visitors.findCustomer(visitor.customerId);
  return visitor === null || customer === null ? null : { ...visitor, customerId: customer.customerId };
}

/** Whether this visitor may say something more; what is ephemeral is dropped without a word. */
function mayGoOn(parts: WebChatParts, socket: WidgetSocket): boolean {
  const { channelId, visitorId } = socket.data;
  try {
    const limits = parts.store.channels.get(channelId)?.settings.rateLimits ?? null;
    parts.limiter.take(limits, 'requestsPerAddress', channelId, visitorId);
    return true;
  } catch {
    return false;
  }
}
