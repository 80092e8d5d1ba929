import type { Attachment } from '../../shared/domain/conversation/message.ts';
import type { CoreClient } from '../core-client/core-client.ts';

/** What a window shows as a picture. SVG is left out: it is a document, and documents are only ever saved. */
const PICTURE_TYPES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif']);
/** Most bytes that one `file.read` answers. */
const READ_LENGTH = 262_144;
/** Bytes of pictures that stay in memory; the ones looked at longest ago go first. */
const KEPT_BYTES = 96 * 1024 * 1024;

export function isPicture(attachment: Pick<Attachment, 'mediaType'>): boolean {
  return PICTURE_TYPES.has(attachment.mediaType);
}

export interface FileStore {
  /**
   * The address of a file's content in this window, for an `<img>`. Anything but a picture gets a type that no browser
   * opens. @throws AppError of the core
   */
  url(conversationId: string, attachment: Attachment): Promise<string>;
  /** The address if it is at hand already. */
  knownUrl(fileId: string): string | null;
  /** The content, base64. @throws AppError of the core */
  content(conversationId: string, attachment: Attachment): Promise<string>;
  /** Takes over content that this window has anyway, because it was picked or pasted here. */
  keep(attachment: Attachment, content: Blob): void;
}

interface Kept {
  url: string;
  size: number;
}

/** Contents of attachments, read from the core piece by piece when they are shown, and kept while there is room. */
export function createFileStore(core: CoreClient): FileStore {
  const kept = new Map<string, Kept>();
  const reading = new Map<string, Promise<string>>();

  function keepBlob(fileId: string, blob: Blob): string {
    const known = kept.get(fileId);
    if (known !== undefined) return known.url;
    const url = URL.createObjectURL(blob);
    kept.set(fileId, { url, size: blob.size });
    let total = [...kept.values()].reduce((sum, one) => sum + one.size, 0);
    for (const [oldest, { url: oldUrl, size }] of kept) {
      if (total <= KEPT_BYTES || oldest === fileId) break;
      URL.revokeObjectURL(oldUrl);
      kept.delete(oldest);
      total -= size;
    }
    return url;
  }

  async function readAll(conversationId: string, attachment: Attachment): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(attachment.size);
    for (let offset = 0; offset < attachment.size;) {
      const { content } = await core.request('file.read', {
        fileId: attachment.fileId,
        conversationId,
        offset,
        length: Math.min(READ_LENGTH, attachment.size - offset),
      });
      const piece = fromBase64(content);
      // Shorter than it says it is: what there is.
      if (piece.length === 0) return bytes.slice(0, offset);
      bytes.set(piece.subarray(0, attachment.size - offset), offset);
      offset += piece.length;
    }
    return bytes;
  }

  async function load(conversationId: string, attachment: Attachment): Promise<string> {
    const bytes = await readAll(conversationId, attachment);
    return keepBlob(attachment.fileId, new Blob([bytes], { type: shownType(attachment) }));
  }

  return {
    url(conversationId, attachment) {
      const { fileId } = attachment;
      const known = kept.get(fileId);
      if (known !== undefined) {
        kept.delete(fileId);
        kept.set(fileId, known);
        return Promise.resolve(known.url);
      }
      const running = reading.get(fileId) ?? load(conversationId, attachment).finally(() => reading.delete(fileId));
      reading.set(fileId, running);
      return running;
    },
    knownUrl: (fileId) => kept.get(fileId)?.url ?? null,
    content: async (conversationId, attachment) => toBase64(await readAll(conversationId, attachment)),
    keep: (attachment, content) => {
      if (isPicture(attachment)) keepBlob(attachment.fileId, content.slice(0, content.size, shownType(attachment)));
    },
  };
}

function shownType(attachment: Attachment): string {
  return isPicture(attachment) ? attachment.mediaType : 'application/octet-stream';
}

/** In pieces, because a call takes only so many arguments. */
export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(binary);
}

function fromBase64(content: string): Uint8Array {
  const binary = atob(content);
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}
