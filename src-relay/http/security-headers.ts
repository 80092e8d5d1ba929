import type { FastifyInstance } from 'fastify';

const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** Headers of every answer that says nothing else: nothing is guessed, embedded, executed or passed on. */
export function setSecurityHeaders(app: FastifyInstance, isEncrypted: boolean): void {
  app.addHook('onSend', (_request, reply, payload, done) => {
    const add = (name: string, value: string) => {
      if (!reply.hasHeader(name)) reply.header(name, value);
    };
    add('x-content-type-options', 'nosniff');
    add('referrer-policy', 'no-referrer');
    add('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
    if (isEncrypted) add('strict-transport-security', `max-age=${YEAR_SECONDS}`);
    done(null, payload);
  });
}
