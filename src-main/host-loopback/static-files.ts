import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

const MEDIA_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.mp3': 'audio/mpeg',
  '.wav': 'audio/wav',
};

export interface StaticFile {
  content: Buffer;
  mediaType: string;
  /** Names with a content hash never change. */
  isImmutable: boolean;
}

/** A file below `folder` by its URL path, or null. Never leaves the folder. */
export async function readStaticFile(folder: string, urlPath: string): Promise<StaticFile | null> {
  const relative = path.normalize(decodePath(urlPath)).replace(/^[/\\]+/u, '');
  const file = path.join(folder, relative === '' ? 'index.html' : relative);
  const mediaType = MEDIA_TYPES[path.extname(file)];
  if (mediaType === undefined || !file.startsWith(folder + path.sep)) return null;
  try {
    if (!(await stat(file)).isFile()) return null;
    return { content: await readFile(file), mediaType, isImmutable: relative.startsWith('assets') };
  } catch {
    return null;
  }
}

function decodePath(urlPath: string): string {
  try {
    return decodeURIComponent(urlPath);
  } catch {
    return '/';
  }
}
