import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PAGE_MEDIA_TYPES, PAGE_SECURITY_POLICY } from '../../shared/host-api/page-policy.ts';

export const PAGE_SCHEME = 'liendesk-console';
export const PAGE_ORIGIN = `${PAGE_SCHEME}://app`;

/** Whether an address is one of our pages. (Node's `URL.origin` is `null` for schemes it does not know.) */
export function isOwnAddress(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}` === PAGE_ORIGIN;
}

/** Answers requests of the console's own scheme from the folder of built pages, and never from outside of it. */
export async function answerPage(folder: string, url: string): Promise<Response> {
  if (!isOwnAddress(url)) return notFound();
  const { pathname } = new URL(url);
  const relative = path.normalize(decodeURIComponent(pathname)).replace(/^[/\\]+/u, '');
  const file = path.join(folder, relative === '' ? 'index.html' : relative);
  const mediaType = PAGE_MEDIA_TYPES[path.extname(file)];
  if (mediaType === undefined || !file.startsWith(folder + path.sep)) return notFound();
  try {
    return new Response(await readFile(file), {
      headers: {
        'Content-Type': mediaType,
        'Content-Security-Policy': PAGE_SECURITY_POLICY,
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
