import type { Attachment } from '../../shared/domain/conversation/message.ts';
import { AppError } from '../../shared/errors.ts';

/** Files in memory, as the core takes them over and hands them out. */
export class FakeFiles {
  readonly #contents = new Map<string, { attachment: Attachment; bytes: string }>();
  readonly #uploads = new Map<string, { name: string; size: number; bytes: string }>();

  /** @param bytes a string of one unit per byte */
  put(name: string, mediaType: string, bytes: string): Attachment {
    const fileId = (this.#contents.size + 1).toString(16).padStart(64, '0');
    const attachment = { fileId, name, mediaType, size: bytes.length };
    this.#contents.set(fileId, { attachment, bytes });
    return attachment;
  }

  begin(name: string, size: number): { uploadId: string; chunkSize: number } {
    const uploadId = crypto.randomUUID();
    this.#uploads.set(uploadId, { name, size, bytes: '' });
    return { uploadId, chunkSize: 65_536 };
  }

  append(uploadId: string, offset: number, content: string): Record<string, never> {
    const upload = this.#uploads.get(uploadId);
    if (upload === undefined || upload.bytes.length !== offset) {
      throw new AppError('invalid', 'This is not the next piece.', { reason: 'wrong-offset' });
    }
    upload.bytes += atob(content);
    return {};
  }

  finish(uploadId: string): Attachment {
    const upload = this.#uploads.get(uploadId);
    if (upload === undefined || upload.bytes.length !== upload.size) {
      throw new AppError('invalid', 'The file is not complete.', { reason: 'file-incomplete' });
    }
    this.#uploads.delete(uploadId);
    return this.put(upload.name, upload.bytes.startsWith('\u0089PNG') ? 'image/png' : 'text/plain', upload.bytes);
  }

  read(fileId: string, offset: number, length: number): { content: string; size: number } {
    const found = this.#contents.get(fileId);
    if (found === undefined) throw new AppError('not_found', 'There is no such file.', { reason: 'no-such-file' });
    return { content: btoa(found.bytes.slice(offset, offset + length)), size: found.bytes.length };
  }
}
