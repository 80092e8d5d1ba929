import type { FastifyInstance, FastifyReply } from 'fastify';
import { AppError, type ErrorBody, toErrorBody } from '../../shared/errors.ts';
import { httpStatusOf } from '../../shared/http-status.ts';

/** Answers with the body as JSON, its status, and `Retry-After` where a wait is known. */
export function sendErrorBody(reply: FastifyReply, body: ErrorBody): FastifyReply {
  if (body.retryAfterMs !== undefined) void reply.header('retry-after', String(Math.ceil(body.retryAfterMs / 1000)));
  return reply.code(httpStatusOf(body.kind)).type('application/json; charset=utf-8').send(body);
}

/** Makes every error of this scope an `ErrorBody`. What is a mistake of ours goes to the log, not to the caller. */
export function answerErrors(scope: FastifyInstance): void {
  scope.setErrorHandler((error, request, reply) => {
    const appError = asAppError(error);
    if (appError === null) request.log.error({ err: error }, 'request failed');
    return sendErrorBody(reply, toErrorBody(appError ?? error, 'relay'));
  });
  scope.setNotFoundHandler((_request, reply) =>
    sendErrorBody(reply, toErrorBody(new AppError('not_found', 'There is nothing at this address.'), 'relay')),
  );
}

/** Fastify's own refusals (malformed JSON, body too big, wrong content type) in our words. */
function asAppError(error: unknown): AppError | null {
  if (error instanceof AppError) return error;
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  const message = error instanceof Error ? error.message : String(error);
  if (status === 413) return new AppError('too_large', message, { reason: 'body-too-large', cause: error });
  if (status === 415) return new AppError('unsupported', message, { reason: 'content-type', cause: error });
  if (status === 429) return new AppError('rate_limited', message, { cause: error });
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new AppError('invalid', message, { reason: 'malformed-request', cause: error });
  }
  return null;
}
