import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { PAGE_MEDIA_TYPES } from '../../shared/host-api/page-policy.ts';

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
  const mediaType = PAGE_MEDIA_TYPES[path.extname(file)];
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
