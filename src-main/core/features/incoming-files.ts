import { createHash } from 'node:crypto';
import { fileTypeFromBuffer } from 'file-type';
import { type Attachment } from '../../../shared/domain/conversation/message.ts';
import { AppError } from '../../../shared/errors.ts';
import { cleanLine } from '../../../shared/primitives/clean-text.ts';
import type { FileStore } from '../outbox/file-store.ts';

export const MAX_FILE_BYTES = 10 * 1024 * 1024;
/** Raw bytes per `file.append`; as base64 they stay below its limit. */
export const CHUNK_BYTES = 256 * 1024;
const MAX_AT_ONCE = 10;

interface IncomingFile {
  name: string;
  size: number;
  chunks: Buffer[];
  received: number;
}

/** Files that a view is handing over, piece by piece, until they are whole and on the disk. */
export class IncomingFiles {
  readonly #store: FileStore;
  readonly #files = new Map<string, IncomingFile>();

  constructor(store: FileStore) {
    this.#store = store;
  }

  /** @throws AppError `too_large` */
  begin(uploadId: string, name: string, size: number): void {
    if (size > MAX_FILE_BYTES) {
      throw new AppError('too_large', 'A file may have at most 10 MB.', {
        reason: 'file-too-large',
        params: { limitMb: MAX_FILE_BYTES / 1024 / 1024 },
      });
    }
    // Views that were closed in the middle leave their beginnings behind; the oldest make room.
    if (this.#files.size >= MAX_AT_ONCE) this.#files.delete(this.#files.keys().next().value!);
    this.#files.set(uploadId, { name: cleanLine(name).slice(0, 200) || 'file', size, chunks: [], received: 0 });
  }

  /** @throws AppError `invalid` for a piece that does not follow on the one before */
  append(uploadId: string, offset: number, content: string): void {
    const file = this.#find(uploadId);
    const chunk = Buffer.from(content, 'base64');
    if (offset !== file.received || file.received + chunk.length > file.size) {
      throw new AppError('invalid', 'This piece of the file does not fit where it says.', { reason: 'file-piece' });
    }
    file.chunks.push(chunk);
    file.received += chunk.length;
  }

  /** Keeps it; on the disk when this resolves. @param now epoch ms */
  async finish(uploadId: string, now: number): Promise<Attachment> {
    const file = this.#find(uploadId);
    if (file.received !== file.size) {
      throw new AppError('invalid', 'The file is not complete.', { reason: 'file-incomplete' });
    }
    this.#files.delete(uploadId);
    const content = Buffer.concat(file.chunks);
    const fileId = createHash('sha256').update(content).digest('hex');
    const mediaType = await sniff(content);
    const { name, size } = file;
    this.#store.add({ id: fileId, name, mediaType, size }, file.chunks, now);
    return { fileId, name, mediaType, size };
  }

  #find(uploadId: string): IncomingFile {
    const file = this.#files.get(uploadId);
    if (file === undefined) throw new AppError('not_found', 'This upload was not begun.', { reason: 'no-such-upload' });
    return file;
  }
}

/** By content, never by name. Markup is plain text to us, so that nothing ever shows it as a page. */
async function sniff(content: Buffer): Promise<string> {
  const found = await fileTypeFromBuffer(content);
  if (found !== undefined && !/xml|svg|html/u.test(found.mime)) return found.mime;
  const isText = !content.includes(0) && isUtf8(content);
  return isText ? 'text/plain' : 'application/octet-stream';
}

function isUtf8(content: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(content);
    return true;
  } catch {
    return false;
  }
}
