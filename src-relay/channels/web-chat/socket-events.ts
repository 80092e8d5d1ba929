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
  /** Connections on which a widget is, or is being let in: Socket.IO would let one be as many as it asks for. */
  const taken = new WeakSet<object>();
  namespace.use((socket, next) => {
    const refuse = (error: unknown) => next(Object.assign(new Error('refused'), { data: toErrorBody(error, 'relay') }));
    if (taken.has(socket.conn)) {
      refuse(new AppError('rate_limited', 'One connection is one widget.', { reason: 'too-fast' }));
      return;
    }
    taken.add(socket.conn);
    authenticate(parts, socket).then(
      () => next(),
      (error: unknown) => {
        taken.delete(socket.conn);
        refuse(error);
      },
    );
  });
  namespace.on('connection', (socket) => {
    socket.on('disconnect', () => taken.delete(socket.conn));
    const inCase = (work: Promise<void>) => void work.catch(onError);
    const { visitorId, isDueForRenewal } = socket.data;
    if (isDueForRenewal) inCase(parts.tokens.issue(visitorId).then((token) => void socket.emit('token', { token })));

    socket.on('resume', (input, reply) => {
      if (typeof reply !== 'function') return;
      const asked = fromWidget.resume.safeParse(input);
      const visitor = currentVisitor(parts, visitorId);
      const refusal = limit(parts, socket);
      if (!asked.success || visitor === null || refusal !== null) {
        const error = !asked.success
          ? new AppError('invalid', 'resume: not understood', { reason: 'request-invalid' })
          : (refusal ?? sessionOver());
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
      if (!said.success || !customer?.conversationId || limit(parts, socket) !== null) return;
      parts.host.publishEphemeral({
        kind: 'typing',
        conversationId: customer.conversationId,
        by: { kind: 'customer', id: customer.customerId },
        isTyping: said.data.isTyping,
        isNote: false,
      });
    });

    socket.on('received', (input) => {
      if (limit(parts, socket) !== null) return;
      const mark = fromWidget.received.safeParse(input);
      const visitor = currentVisitor(parts, visitorId);
      if (mark.success && visitor !== null) inCase(parts.marks.noteReceived(visitor.customerId, mark.data.upTo));
    });

    socket.on('read', (input) => {
      if (limit(parts, socket) !== null) return;
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

/** Why this visitor may not say more for now; null if they may. What is said without being asked for is just dropped. */
function limit(parts: WebChatParts, { data: { channelId, visitorId } }: WidgetSocket): unknown {
  const channel = parts.store.channels.get(channelId);
  if (channel === null) return sessionOver();
  try {
    parts.limiter.take(channel.settings.rateLimits, 'requestsPerAddress', channelId, visitorId);
    return null;
  } catch (error) {
    return error;
  }
}
