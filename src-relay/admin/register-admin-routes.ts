import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ADMIN_API_PREFIX } from '../../shared/admin-api/admin-route.ts';
import { type AdminRouteName, listAdminRoutes } from '../../shared/admin-api/admin-routes.ts';
import type { Agent } from '../../shared/domain/agent/agent.ts';
import { subjectRef } from '../../shared/domain/subject/subject-kind.ts';
import { AppError } from '../../shared/errors.ts';
import { answerErrors } from '../http/answer-errors.ts';
import { bearerToken } from '../http/bearer-token.ts';
import { parseInput } from '../http/parse-input.ts';
import type { AdminCall, AdminHandlers, AdminParts } from './admin-parts.ts';
import { createAgentHandlers } from './agent-handlers.ts';
import { createBackupHandlers } from './backup-handlers.ts';
import { createChannelHandlers } from './channel-handlers.ts';
import { CommandDesk } from './command-desk.ts';
import { createImportHandlers } from './import-handlers.ts';
import { makeOpenApiDocument } from './open-api.ts';
import { createQueueHandlers } from './queue-handlers.ts';
import { createWorkspaceHandlers } from './workspace-handlers.ts';

const BODY_LIMIT = 16 * 1024 * 1024;

/** `/api/v1/*` for administrators, and `GET /api/v1/openapi.json`, which needs no token. */
export function registerAdminRoutes(app: FastifyInstance, parts: AdminParts): void {
  const handlers: AdminHandlers = {
    ...createWorkspaceHandlers(),
    ...createAgentHandlers(parts),
    ...createQueueHandlers(),
    ...createChannelHandlers(parts),
    ...createImportHandlers(parts),
    ...createBackupHandlers(parts),
  };
  const inTurn = oneAfterTheOther();
  const openApi = makeOpenApiDocument(parts.version);

  void app.register(
    async (scope) => {
      answerErrors(scope);
      scope.addHook('onSend', async (_request, reply) => {
        void reply.header('cache-control', 'no-store');
      });
      // A client that says JSON and sends nothing means an empty body.
      scope.addContentTypeParser(
        'application/json',
        { parseAs: 'string', bodyLimit: BODY_LIMIT },
        (_request, body, done) => parseJson(String(body), done),
      );
      scope.get('/openapi.json', () => openApi);

      for (const route of listAdminRoutes()) {
        scope.route({
          method: route.method,
          url: route.path,
          bodyLimit: BODY_LIMIT,
          // Before the body is read, or anybody could have the relay read megabytes.
          onRequest: async (request) => {
            await requireAdmin(parts, request);
          },
          handler: async (request) => {
            // Once more: while the body came the sign-in may have ended.
            const adminAgentId = await requireAdmin(parts, request);
            const input = {
              ...parseInput(route.body.strict(), request.body ?? {}),
              ...parseInput(route.query.strict(), request.query),
              ...parseInput(route.params, request.params),
            };
            const call = makeCall(parts, request, adminAgentId);
            const run = () => handle(handlers, route.name, input, call);
            // What is checked before a write must still hold at the write. A backup takes long and changes nothing.
            return route.method === 'GET' || route.noun === 'backup' ? run() : inTurn(run);
          },
        });
      }
    },
    { prefix: ADMIN_API_PREFIX },
  );
}

function handle(handlers: AdminHandlers, name: AdminRouteName, input: object, call: AdminCall): Promise<unknown> {
  // The table pairs each name with its schemas, which have checked the input.
  const handler = handlers[name] as (input: object, call: AdminCall) => Promise<unknown>;
  return handler(input, call);
}

function makeCall(parts: AdminParts, request: FastifyRequest, adminAgentId: string | null): AdminCall {
  const { eventLog, clock, random } = parts;
  const key = request.headers['idempotency-key'];
  if (key !== undefined && (typeof key !== 'string' || key.length > 200)) {
    throw new AppError('invalid', 'Idempotency-Key: one value of at most 200 characters.', {
      reason: 'malformed-request',
    });
  }
  const by =
    adminAgentId === null
      ? ({ kind: 'system', name: 'admin' } as const)
      : ({ kind: 'agent', agentId: adminAgentId } as const);
  return { adminAgentId, desk: new CommandDesk({ eventLog, clock, random, by, idempotencyKey: key ?? null }) };
}

/** @returns the agent, or null for the relay's own token. @throws AppError `unauthenticated`, `forbidden` */
async function requireAdmin(parts: AdminParts, request: FastifyRequest): Promise<string | null> {
  const token = bearerToken(request.headers);
  if (isSame(token, parts.adminToken)) return null;
  const { agentId } = await parts.auth.verifyAccessToken(token);
  const agent = parts.eventLog.read<Agent>(subjectRef('agent', agentId)).root();
  if (agent?.role === 'admin') return agentId;
  throw new AppError('forbidden', 'Only an administrator may do this.', { reason: 'admin-only' });
}

function isSame(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function parseJson(text: string, done: (error: Error | null, body?: unknown) => void): void {
  if (text.trim() === '') return done(null, {});
  try {
    done(null, JSON.parse(text));
  } catch (cause) {
    done(new AppError('invalid', 'The body is not JSON.', { reason: 'malformed-request', cause }));
  }
}

function oneAfterTheOther(): <Value>(task: () => Promise<Value>) => Promise<Value> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => {});
    return result;
  };
}
