import { readFile } from 'node:fs/promises';
import path from 'node:path';

export const PAGE_SCHEME = 'liendesk-console';
export const PAGE_ORIGIN = `${PAGE_SCHEME}://app`;

/** Whether an address is one of our pages. (Node's `URL.origin` is `null` for schemes it does not know.) */
export function isOwnAddress(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}` === PAGE_ORIGIN;
}

const MEDIA_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.mp3': 'audio/mpeg',
  '.wav': 'audio/wav',
};

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Answers requests of the console's own scheme from the folder of built pages, and never from outside of it. */
export async function answerPage(folder: string, url: string): Promise<Response> {
  if (!isOwnAddress(url)) return notFound();
  const { pathname } = new URL(url);
  const relative = path.normalize(decodeURIComponent(pathname)).replace(/^[/\\]+/u, '');
  const file = path.join(folder, relative === '' ? 'index.html' : relative);
  const mediaType = MEDIA_TYPES[path.extname(file)];
  if (mediaType === undefined || !file.startsWith(folder + path.sep)) return notFound();
  try {
    return new Response(await readFile(file), {
      headers: {
        'Content-Type': mediaType,
        'Content-Security-Policy': CONTENT_SECURITY_POLICY,
        'X-Content-Type-Options': 'nosniff',
      },
    });
  } catch {
    return notFound();
  }
}

function notFound(): Response {
  return new Response('There is nothing here.', { status: 404 });
}
