import type { Server, Socket } from 'socket.io';
import { AppError, type ErrorBody, makeErrorBody, toErrorBody } from '../../shared/errors.ts';
import type { Ephemeral } from '../../shared/domain/presence/ephemeral.ts';
import { tellsOfErasure } from '../event-log/tells-of-erasure.ts';
import { AgentHub, type HubParts } from './agent-hub.ts';
import { AGENT_NAMESPACE } from './console-socket.ts';
import { ConsoleSockets } from './console-sockets.ts';
import type { GatewayAuth } from './gateway-auth.ts';

const MAX_TOKEN_LENGTH = 4096;

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

interface Identity {
  agentId: string;
  sessionId: string;
}

/** Serves consoles on the Socket.IO namespace `/agent`: Socket.IO leads them in, then their WebSockets are taken over. */
export async function openGateway(parts: GatewayParts): Promise<Gateway> {
  const hub = await AgentHub.open(parts);
  const namespace = parts.io.of(AGENT_NAMESPACE);
  const sockets = new ConsoleSockets(parts.clock);
  const identities = new WeakMap<Socket, Identity>();
  namespace.use((socket, next) => {
    identify(socket, parts.auth, hub).then(
      (identity) => {
        identities.set(socket, identity);
        next();
      },
      (error: unknown) => next(refusal(toErrorBody(error, 'relay'))),
    );
  });
  namespace.on('connection', (socket) => {
    const taken = sockets.takeOver(socket);
    if (hub.isClosing) taken.end(2000, makeErrorBody('retry', 'relay', 'The relay is stopping.'));
    // What listens is this socket's own peer, so a late event of an old socket cannot touch a newer session.
    else taken.serve(hub.connect(taken, identities.get(socket)!));
  });
  const stops = [
    parts.auth.onRevoked((revoked) => hub.revoke(revoked)),
    parts.eventLog.onCommit((commit) => {
      if (tellsOfErasure(commit)) sockets.forget();
    }),
  ];
  return {
    publishEphemeral: (ephemeral) => {
      if (ephemeral.kind !== 'presence') hub.publishActivity(ephemeral, null);
    },
    isStaffed: (queueId) => hub.isStaffed(queueId),
    countSessions: () => hub.countSessions(),
    close: async () => {
      for (const stop of stops) stop();
      await hub.close();
      sockets.close();
    },
  };
}

async function identify(socket: Socket, auth: GatewayAuth, hub: AgentHub): Promise<Identity> {
  if (hub.isClosing) throw new AppError('retry', 'The relay is stopping.', { retryAfterMs: 2000 });
  const token: unknown = socket.handshake.auth['token'];
  if (typeof token !== 'string' || token.length > MAX_TOKEN_LENGTH) {
    throw new AppError('unauthenticated', 'Sign in first.', { reason: 'no-access-token' });
  }
  const identity = await auth.verifyAccessToken(token);
  // A thousand that come at once are let in one by one, and what the others do goes on in between (SYNC-N1). Whoever has
  // no good token is no part of that: catch-ups wait in the same line.
  await hub.turns.next();
  if (hub.readAccess(identity.agentId) === null) {
    throw new AppError('unauthenticated', 'This agent is no longer active.', { reason: 'agent-inactive' });
  }
  return identity;
}

/** An error as Socket.IO passes it on: the console finds the body in `error.data`. */
function refusal(body: ErrorBody): Error {
  return Object.assign(new Error(body.message), { data: body });
}
