import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../../shared/errors.ts';
import type { ChannelStore } from './channel-store.ts';

const MEDIA_TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};
/** Bundles change with a release; a shop's visitors have the new loader within minutes. */
const LOADER_CACHE = 'public, max-age=300, stale-while-revalidate=86400';
const HASHED_CACHE = 'public, max-age=31536000, immutable';
/** Where the frame's page is told which origins may hold it. */
const ORIGINS_MARK = '<!--liendesk-origins-->';

interface StaticFile {
  content: Buffer;
  zipped: Buffer;
  etag: string;
}

/** Serves the loader, the page inside the frame and its assets from the widget's build. */
export function registerStaticFiles(app: FastifyInstance, parts: { channels: ChannelStore; distFolder: string }): void {
  const files = new Map<string, Promise<StaticFile>>();
  // Never a path of the caller's making: names are matched before they are joined.
  const load = async (name: string): Promise<StaticFile> => {
    const file = files.get(name) ?? readStaticFile(path.join(parts.distFolder, name));
    files.set(name, file);
    return await file.catch((error: unknown) => {
      files.delete(name);
      throw error;
    });
  };

  app.get('/widget.js', async (request, reply) => {
    // Any page may load the script, also with `integrity`, which needs CORS. What it may do is decided by its origin.
    reply.header('access-control-allow-origin', '*').header('cross-origin-resource-policy', 'cross-origin');
    return await send(request, reply, await load('widget.js'), '.js', LOADER_CACHE);
  });

  app.get<{ Params: { name: string } }>('/w/v1/assets/:name', async (request, reply) => {
    const { name } = request.params;
    const extension = path.extname(name);
    if (!/^[\w-]+(\.[\w-]+)+$/.test(name) || MEDIA_TYPES[extension] === undefined) throw noSuchPage();
    return await send(request, reply, await load(path.join('frame', 'assets', name)), extension, HASHED_CACHE);
  });

  app.get<{ Querystring: Record<string, unknown> }>('/w/v1/frame', async (request, reply) => {
    const { key } = request.query;
    const channel = typeof key === 'string' ? parts.channels.findByWidgetKey(key) : null;
    if (channel === null) throw noSuchPage();
    const page = (await load(path.join('frame', 'index.html'))).content.toString('utf8');
    const { allowedOrigins } = channel.settings;
    return await reply
      .header('content-security-policy', framePolicy(request.host, allowedOrigins))
      .header('referrer-policy', 'no-referrer')
      .header('x-content-type-options', 'nosniff')
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      // Origins are of a checked form without any character that means something in HTML.
      .send(page.replace(ORIGINS_MARK, `<meta name="liendesk-origins" content="${allowedOrigins.join(' ')}" />`));
  });
}

/** Only our own files run, only the relay is talked to, and only the channel's own sites may hold the frame. */
function framePolicy(host: string, allowedOrigins: readonly string[]): string {
  return [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self'`,
    `img-src 'self' blob:`,
    // Older browsers do not count web sockets to the same host as 'self'.
    `connect-src 'self' ws://${host} wss://${host}`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors ${allowedOrigins.length === 0 ? `'none'` : allowedOrigins.join(' ')}`,
  ].join('; ');
}

async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  file: StaticFile,
  extension: string,
  cacheControl: string,
): Promise<FastifyReply> {
  reply
    .header('cache-control', cacheControl)
    .header('etag', file.etag)
    .header('vary', 'accept-encoding')
    .header('x-content-type-options', 'nosniff')
    .type(MEDIA_TYPES[extension] ?? 'application/octet-stream');
  if (request.headers['if-none-match'] === file.etag) return await reply.code(304).send();
  if (!/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) return await reply.send(file.content);
  return await reply.header('content-encoding', 'gzip').send(file.zipped);
}

async function readStaticFile(file: string): Promise<StaticFile> {
  const content = await readFile(file).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new AppError('not_found', `There is no ${path.basename(file)}; the widget may not have been built.`, {
      reason: 'no-such-page',
      cause: error,
    });
  });
  const zipped = await promisify(gzip)(content, { level: 9 });
  return { content, zipped, etag: `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"` };
}

function noSuchPage(): AppError {
  return new AppError('not_found', 'There is no such page.', { reason: 'no-such-page' });
}
