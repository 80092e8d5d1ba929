import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';

const FOLDER = path.join(import.meta.dirname, 'account-page');

// No inline script, no other origin, no frame: a link's secret is in this page.
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `GET /account`: where invitation and reset links lead. The secret is behind the `#` and never reaches the relay's log. */
export function registerAccountPage(app: FastifyInstance): void {
  app.get('/account', (_request, reply) => send(reply, 'account.html', 'text/html'));
  app.get('/account/account.js', (_request, reply) => send(reply, 'account.js', 'text/javascript'));
  app.get('/account/account.css', (_request, reply) => send(reply, 'account.css', 'text/css'));
}

async function send(reply: FastifyReply, name: string, mediaType: string): Promise<FastifyReply> {
  const content = await readFile(path.join(FOLDER, name));
  return reply
    .headers({
      'content-type': `${mediaType}; charset=utf-8`,
      'content-security-policy': POLICY,
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    })
    .send(content);
}
