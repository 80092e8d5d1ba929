import type { Namespace, Server, Socket } from 'socket.io';
import { AppError, type ErrorBody, makeErrorBody, toErrorBody } from '../../shared/errors.ts';
import type { Ephemeral } from '../../shared/domain/presence/ephemeral.ts';
import { toRelay } from '../../shared/relay-protocol/to-relay.ts';
import type { AgentConnection } from './agent-connection.ts';
import { AgentHub, type HubParts } from './agent-hub.ts';
import type { GatewayAuth } from './gateway-auth.ts';
import { PackedTexts } from './packed-texts.ts';
import { createSocketConnection } from './socket-connection.ts';

export interface GatewayParts extends HubParts {
  io: Server;
  auth: GatewayAuth;
}

export interface Gateway {
  /** Typing and the like from a channel, to the consoles that hold the conversation. */
  publishEphemeral(ephemeral: Ephemeral): void;
  /** Whether an agent who serves the queue has a console open and is available. */
  isStaffed(queueId: string): boolean;
  /** Consoles with a session. */
  countSessions(): number;
  /** Answers what is under way and sends every console away. */
  close(): Promise<void>;
}

/** Serves consoles on the Socket.IO namespace `/agent`. */
export async function openGateway(parts: GatewayParts): Promise<Gateway> {
  const hub = await AgentHub.open(parts);
  const namespace = parts.io.of('/agent');
  const packedTexts = new PackedTexts();
  const identities = new WeakMap<Socket, { agentId: string; sessionId: string }>();
  namespace.use((socket, next) => {
    identify(socket, parts.auth, hub).then(
      (identity) => {
        identities.set(socket, identity);
        next();
      },
      (error: unknown) => next(refusal(toErrorBody(error, 'relay'))),
    );
  });
  namespace.on('connection', (socket) =>
    serve(createSocketConnection(socket, packedTexts), socket, hub, identities.get(socket)!),
  );
  const stopListening = parts.auth.onRevoked((revoked) => hub.revoke(revoked));
  return {
    publishEphemeral: (ephemeral) => hub.publishEphemeral(ephemeral, null),
    isStaffed: (queueId) => hub.isStaffed(queueId),
    countSessions: () => hub.countSessions(),
    close: async () => {
      stopListening();
      await hub.close();
      await disconnected(namespace);
    },
  };
}

async function identify(
  socket: Socket,
  auth: GatewayAuth,
  hub: AgentHub,
): Promise<{ agentId: string; sessionId: string }> {
  if (hub.isClosing) throw new AppError('retry', 'The relay is stopping.', { retryAfterMs: 2000 });
  const token: unknown = socket.handshake.auth['token'];
  if (typeof token !== 'string' || token.length > 4096) {
    throw new AppError('unauthenticated', 'Sign in first.', { reason: 'no-access-token' });
  }
  const identity = await auth.verifyAccessToken(token);
  if (hub.readAccess(identity.agentId) === null) {
    throw new AppError('unauthenticated', 'This agent is no longer active.', { reason: 'agent-inactive' });
  }
  return identity;
}

/** An error as Socket.IO passes it on: the console finds the body in `error.data`. */
function refusal(body: ErrorBody): Error {
  return Object.assign(new Error(body.message), { data: body });
}

function serve(
  connection: AgentConnection,
  socket: Socket,
  hub: AgentHub,
  identity: { agentId: string; sessionId: string },
): void {
  if (hub.isClosing) {
    connection.end(2000, makeErrorBody('retry', 'relay', 'The relay is stopping.'));
    return;
  }
  // The listeners close over this socket's own peer, so a late event of an old socket cannot touch a newer session.
  const peer = hub.connect(connection, identity);
  for (const name of Object.keys(toRelay)) socket.on(name, (message: unknown) => peer.receive(name, message));
  socket.on('error', () => socket.disconnect(true));
  socket.on('disconnect', () => peer.closed());
}

/** Resolves when no socket of the namespace is left. */
async function disconnected(namespace: Namespace): Promise<void> {
  await Promise.all(
    [...namespace.sockets.values()].map(
      (socket) => new Promise<void>((resolve) => void socket.once('disconnect', () => resolve())),
    ),
  );
}
