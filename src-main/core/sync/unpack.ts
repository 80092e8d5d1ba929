import { zstdDecompressSync } from 'node:zlib';
import { MAX_UNPACKED_BYTES, packedSchema } from '../../../shared/relay-protocol/from-relay.ts';

/**
 * A frame or page as it was before it was packed (SYNC-S7), not yet checked.
 * @returns `message` undefined for bytes that are no packed JSON, or would be too much
 */
export function unpack(raw: unknown): { name: string; message: unknown } {
  const parsed = packedSchema.safeParse(raw);
  if (!parsed.success) return { name: 'frame', message: undefined };
  const { name, session, bytes } = parsed.data;
  try {
    const text = zstdDecompressSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES }).toString();
    return { name, message: { ...(JSON.parse(text) as object), session } };
  } catch {
    return { name, message: undefined };
  }
}
