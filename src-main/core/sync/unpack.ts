import { zstdDecompressSync } from 'node:zlib';
import { MAX_UNPACKED_BYTES, type Packed, packedSchema } from '../../../shared/relay-protocol/from-relay.ts';
import { malformed } from '../../../shared/relay-protocol/read-from-relay.ts';
import { inOwnMemory, release } from '../cache/own-memory.ts';

/** Of a frame: one piece of memory is asked for, rather than twenty that are put together. */
const CHUNK_BYTES = 512 * 1024;

/**
 * A frame or page as the JSON it was before it was packed (SYNC-S7): not yet parsed, which is left to the thread that
 * needs it.
 * @throws AppError `invalid` (`malformed-message`) for what is no packed message, or would be too much
 */
export function unpack(raw: unknown): Pick<Packed, 'name' | 'session'> & { bytes: Uint8Array } {
  const parsed = packedSchema.safeParse(raw);
  if (!parsed.success) throw malformed('packed');
  const { name, session, isZstd, bytes } = parsed.data;
  if (!isZstd) {
    if (bytes.length > MAX_UNPACKED_BYTES) throw malformed(name);
    return { name, session, bytes: inOwnMemory(bytes) };
  }
  try {
    const unpacked = zstdDecompressSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES, chunkSize: CHUNK_BYTES });
    const own = inOwnMemory(unpacked);
    // What is left of the piece that was asked for.
    if (own !== unpacked) release(new Uint8Array(unpacked.buffer));
    return { name, session, bytes: own };
  } catch {
    throw malformed(name);
  }
}
