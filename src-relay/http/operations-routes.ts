import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../../shared/errors.ts';

export interface OperationsParts {
  /** Prometheus text and its media type. */
  metrics: { render(): Promise<string>; contentType: string };
  /** Lets others than this machine read the metrics; null: nobody else. */
  metricsToken: string | null;
  version: string;
  head(): number;
  isReady(): boolean;
}

/** `/healthz`, `/readyz` and `/metrics`. */
export function registerOperationsRoutes(app: FastifyInstance, parts: OperationsParts): void {
  const { metrics, metricsToken, version } = parts;
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const isReady = parts.isReady();
    const status = isReady ? 'ready' : 'not-ready';
    return await reply.code(isReady ? 200 : 503).send({ status, version, seq: parts.head() });
  });
  app.get('/metrics', async (request, reply) => {
    if (!isLocal(request) && !hasToken(request, metricsToken)) {
      throw new AppError('forbidden', 'Metrics are for this machine, or for the bearer of the metrics token.', {
        reason: 'metrics-token',
      });
    }
    return await reply.type(metrics.contentType).send(await metrics.render());
  });
}

/** A call from this machine itself. One that came through a proxy says so, and is not. */
function isLocal(request: FastifyRequest): boolean {
  const { 'x-forwarded-for': forwardedFor, forwarded } = request.headers;
  const address = request.socket.remoteAddress ?? '';
  const isLoopback = address === '::1' || /^(::ffff:)?127\./.test(address);
  return isLoopback && forwardedFor === undefined && forwarded === undefined;
}

function hasToken(request: FastifyRequest, token: string | null): boolean {
  if (token === null) return false;
  const expected = Buffer.from(`Bearer ${token}`);
  const given = Buffer.from(request.headers.authorization ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
