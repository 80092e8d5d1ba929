import type { Server } from 'node:http';
import { AppError, makeErrorBody, toErrorBody } from '../../shared/errors.ts';
import type { Ephemeral } from '../../shared/domain/presence/ephemeral.ts';
import { AgentHub, type HubParts } from './agent-hub.ts';
import { ConsoleSockets } from './console-sockets.ts';
import type { GatewayAuth } from './gateway-auth.ts';

const MAX_TOKEN_LENGTH = 4096;

export interface GatewayParts extends HubParts {
  server: Server;
  auth: GatewayAuth;
  /** The largest message that a console may send, in bytes. */
  limitBytes: number;
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

/** Serves consoles on the WebSockets of an HTTP server. */
export async function openGateway(parts: GatewayParts): Promise<Gateway> {
  const hub = await AgentHub.open(parts);
  const sockets = new ConsoleSockets({
    ...{ server: parts.server, clock: parts.clock, random: parts.random, limitBytes: parts.limitBytes },
    signIn: async (auth) => {
      const identity = await identify(auth, parts.auth, hub);
      return (socket) => {
        if (!hub.isClosing) return hub.connect(socket, identity);
        socket.end(2000, makeErrorBody('retry', 'relay', 'The relay is stopping.'));
        return null;
      };
    },
    refuse: (error) => toErrorBody(error, 'relay'),
  });
  const stopListening = parts.auth.onRevoked((revoked) => hub.revoke(revoked));
  return {
    publishEphemeral: (ephemeral) => hub.publishEphemeral(ephemeral, null),
    isStaffed: (queueId) => hub.isStaffed(queueId),
    countSessions: () => hub.countSessions(),
    close: async () => {
      stopListening();
      await hub.close();
      sockets.close();
    },
  };
}

async function identify(
  said: unknown,
  auth: GatewayAuth,
  hub: AgentHub,
): Promise<{ agentId: string; sessionId: string }> {
  if (hub.isClosing) throw new AppError('retry', 'The relay is stopping.', { retryAfterMs: 2000 });
  const token = (said as { token?: unknown } | null | undefined)?.token;
  if (typeof token !== 'string' || token.length > MAX_TOKEN_LENGTH) {
    throw new AppError('unauthenticated', 'Sign in first.', { reason: 'no-access-token' });
  }
  // A thousand that come at once are let in one by one, and what the others do goes on in between (SYNC-N1).
  await hub.turns.next();
  const identity = await auth.verifyAccessToken(token);
  if (hub.readAccess(identity.agentId) === null) {
    throw new AppError('unauthenticated', 'This agent is no longer active.', { reason: 'agent-inactive' });
  }
  return identity;
}
