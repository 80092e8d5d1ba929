import { constants, zstdCompressSync } from 'node:zlib';
import type { SnapshotPage } from '../../shared/relay-protocol/frames.ts';
import { StoredEvent } from '../event-log/stored-event.ts';
import type { Bulk } from './agent-connection.ts';
import type { GatheredFrame } from './frame-writer.ts';
import { isSameFrame } from './is-same-frame.ts';
import { messageText, textAroundEvents, textOf } from './message-text.ts';

/** Consoles that get the same get it within one round. */
const KEPT = 8;
/** Packing hands its bytes over in pieces of this size. */
const PIECE_BYTES = 128 * 1024;
const COMMA = ','.charCodeAt(0);

interface Kept {
  bulk: Bulk;
  /** As JSON. */
  plain: Buffer;
  /** As zstd, level 1, once it was wanted. */
  packed: Buffer | null;
}

/** Frames and pages as the bytes of their JSON without the session; the same for many consoles is made once. */
export class BulkBytes {
  /** The newest last. */
  #kept: Kept[] = [];

  make(bulk: Bulk, isPacked: boolean): Buffer {
    const kept = this.#find(bulk) ?? this.#keep(bulk);
    if (!isPacked) return kept.plain;
    kept.packed ??= zstdCompressSync(kept.plain, {
      chunkSize: PIECE_BYTES,
      params: { [constants.ZSTD_c_compressionLevel]: 1 },
    });
    return kept.packed;
  }

  /** Keeps nothing of what was made. */
  forget(): void {
    this.#kept = [];
  }

  #find(bulk: Bulk): Kept | undefined {
    if (bulk.name !== 'frame') return undefined;
    return this.#kept.find(({ bulk: one }) => one.name === 'frame' && isSameFrame(one.message, bulk.message));
  }

  #keep(bulk: Bulk): Kept {
    const plain = bulk.name === 'frame' ? frameBytes(bulk.message) : pageBytes(bulk.message);
    const equal = this.#kept.find((kept) => kept.plain.equals(plain));
    const kept = { bulk, plain: equal?.plain ?? plain, packed: equal?.packed ?? null };
    this.#kept = [...this.#kept.slice(1 - KEPT), kept];
    return kept;
  }
}

function pageBytes(page: SnapshotPage): Buffer {
  const { session: _, ...rest } = page;
  return Buffer.from(messageText('page', rest as SnapshotPage));
}

function frameBytes(frame: GatheredFrame): Buffer {
  const { session: _, events, ...rest } = frame;
  const { before, after } = textAroundEvents(rest);
  const parts = events.map((event) => (event instanceof StoredEvent ? event : textOf(event)));
  const commas = Math.max(0, parts.length - 1);
  let size = Buffer.byteLength(before) + commas + after.length + '[]'.length;
  for (const part of parts) size += typeof part === 'string' ? Buffer.byteLength(part) : part.size;

  const bytes = Buffer.allocUnsafe(size);
  let at = bytes.write(`${before}[`);
  for (const [index, part] of parts.entries()) {
    if (index > 0) {
      bytes[at] = COMMA;
      at += 1;
    }
    at = typeof part === 'string' ? at + bytes.write(part, at) : part.write(bytes, at);
  }
  bytes.write(`]${after}`, at);
  return bytes;
}
