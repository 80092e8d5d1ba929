import type { FastifyBaseLogger, FastifyError, FastifyInstance } from 'fastify';
import { AppError, type ErrorKind, toErrorBody } from '../../../shared/errors.ts';
import { httpStatusOf } from '../../../shared/http-status.ts';

/** Answers every error of `app`'s routes with an `ErrorBody` and the status of its kind. */
export function registerErrorReplies(app: FastifyInstance, logger: FastifyBaseLogger): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const body = toErrorBody(fromFramework(error), 'relay');
    if (body.kind === 'internal') logger.error({ err: error, url: request.routeOptions.url }, 'web chat: call failed');
    if (body.retryAfterMs !== undefined) reply.header('retry-after', String(Math.ceil(body.retryAfterMs / 1000)));
    return reply.code(httpStatusOf(body.kind)).send(body);
  });
}

/** What Fastify refuses by itself: unparsable bodies, bodies over the limit, unknown media types. */
function fromFramework(error: FastifyError): unknown {
  const status = error.statusCode;
  if (error instanceof AppError || status === undefined || status >= 500) return error;
  return new AppError(kindOf(status), error.message, { reason: 'request-refused', cause: error });
}

function kindOf(status: number): ErrorKind {
  switch (status) {
    case 404:
    case 405:
      return 'not_found';
    case 406:
    case 415:
      return 'unsupported';
    case 413:
      return 'too_large';
    case 429:
      return 'rate_limited';
    default:
      return 'invalid';
  }
}
