import type { Attachment } from '../../shared/domain/conversation/message.ts';
import { AppError } from '../../shared/errors.ts';
import type { CoreClient } from '../core-client/core-client.ts';
import { toBase64 } from './files.ts';

/** Largest file an agent may attach, in bytes; the core refuses more. */
export const MAX_FILE_BYTES = 10 * 1024 * 1024;

/**
 * Hands a file to the core in pieces. Once it is done the file is on this device's disk, and can be sent offline.
 * @param onProgress share done, 0 to 1
 * @throws AppError `too_large`, `invalid` for an empty file, or what the core answered
 */
export async function uploadFile(
  core: CoreClient,
  file: File,
  onProgress: (share: number) => void,
  isCancelled: () => boolean,
): Promise<Attachment> {
  if (file.size > MAX_FILE_BYTES) {
    throw new AppError('too_large', 'A file may have at most 10 MB.', {
      reason: 'file-too-large',
      params: { limitMb: MAX_FILE_BYTES / 1024 / 1024 },
    });
  }
  if (file.size === 0) throw new AppError('invalid', 'The file is empty.', { reason: 'file-empty' });
  const { uploadId, chunkSize } = await core.request('file.begin', { name: file.name || 'file', size: file.size });
  for (let offset = 0; offset < file.size; offset += chunkSize) {
    if (isCancelled()) throw new AppError('gone', 'The upload was taken back.', { reason: 'upload-cancelled' });
    const bytes = new Uint8Array(await file.slice(offset, offset + chunkSize).arrayBuffer());
    await core.request('file.append', { uploadId, offset, content: toBase64(bytes) });
    onProgress(Math.min(1, (offset + bytes.length) / file.size));
  }
  const { attachment } = await core.request('file.finish', { uploadId });
  return attachment;
}
