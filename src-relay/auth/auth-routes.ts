import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../../shared/errors.ts';
import {
  type Session,
  oneTimePasswordRequestSchema,
  refreshRequestSchema,
  signInRequestSchema,
} from '../../shared/relay-protocol/auth-api.ts';
import { answerErrors } from '../http/answer-errors.ts';
import { bearerToken } from '../http/bearer-token.ts';
import { parseInput } from '../http/parse-input.ts';
import type { SignedInAgent } from './access-token.ts';
import type { Auth } from './auth.ts';

const BODY_LIMIT = 16 * 1024;
const sessionParams = z.object({ id: z.string().max(64) });

/** `/api/v1/auth/*`: sign-in, refresh, sign-out, one-time links, and an agent's own sessions. */
export function registerAuthRoutes(app: FastifyInstance, parts: { auth: Auth }): void {
  const { auth } = parts;
  const whoAsks = (request: FastifyRequest): Promise<SignedInAgent> =>
    auth.verifyAccessToken(bearerToken(request.headers));

  void app.register(
    async (scope) => {
      answerErrors(scope);
      scope.addHook('onSend', async (_request, reply) => {
        void reply.header('cache-control', 'no-store');
      });

      scope.post('/sign-in', { bodyLimit: BODY_LIMIT }, (request) =>
        auth.signIn(parseInput(signInRequestSchema, request.body), request.ip),
      );
      scope.post('/refresh', { bodyLimit: BODY_LIMIT }, (request) =>
        auth.refresh(parseInput(refreshRequestSchema, request.body).refreshToken),
      );
      scope.post('/sign-out', async (request, reply) => {
        const { agentId, sessionId } = await whoAsks(request);
        auth.revokeSession(agentId, sessionId);
        return reply.code(204).send();
      });

      scope.post('/accept-invitation', { bodyLimit: BODY_LIMIT }, async (request) => {
        const { token, password } = parseInput(oneTimePasswordRequestSchema, request.body);
        const { email } = await auth.redeemLink(token, 'invitation', password);
        return { email };
      });
      scope.post('/reset-password', { bodyLimit: BODY_LIMIT }, async (request) => {
        const { token, password } = parseInput(oneTimePasswordRequestSchema, request.body);
        const { email } = await auth.redeemLink(token, 'password-reset', password);
        return { email };
      });

      scope.get('/sessions', async (request): Promise<{ sessions: Session[] }> => {
        const { agentId, sessionId } = await whoAsks(request);
        return {
          sessions: auth.listSessions(agentId).map((session) => ({ ...session, isCurrent: session.id === sessionId })),
        };
      });
      scope.delete('/sessions/:id', async (request, reply) => {
        const { agentId } = await whoAsks(request);
        const { id } = parseInput(sessionParams, request.params);
        if (!auth.revokeSession(agentId, id)) {
          throw new AppError('not_found', 'There is no such session.', { reason: 'no-such-session' });
        }
        return reply.code(204).send();
      });
    },
    { prefix: '/api/v1/auth' },
  );
}
