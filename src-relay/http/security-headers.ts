import type { FastifyInstance, FastifyReply } from 'fastify';

const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** Gives every answer its security headers. */
export function setSecurityHeaders(app: FastifyInstance, isEncrypted: boolean): void {
  app.addHook('onSend', (_request, reply, payload, done) => {
    addSecurityHeaders(reply, isEncrypted);
    done(null, payload);
  });
}

/** Headers of an answer that says nothing else: nothing is guessed, embedded, executed or passed on. */
export function addSecurityHeaders(reply: FastifyReply, isEncrypted: boolean): void {
  const add = (name: string, value: string) => {
    if (!reply.hasHeader(name)) void reply.header(name, value);
  };
  add('x-content-type-options', 'nosniff');
  add('referrer-policy', 'no-referrer');
  add('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  if (isEncrypted) add('strict-transport-security', `max-age=${YEAR_SECONDS}`);
}
