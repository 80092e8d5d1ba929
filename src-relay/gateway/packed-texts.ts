import { constants, zstdCompressSync } from 'node:zlib';

/** Shorter texts are not worth the work (SYNC-S7). */
const PACKED_FROM_CHARACTERS = 8 * 1024;
/** Consoles that get the same get it within one round. */
const KEPT = 4;

/** Packs texts as zstd, level 1; the same text for many consoles is packed once. */
export class PackedTexts {
  readonly #kept = new Map<string, ReturnType<typeof zstdCompressSync>>();

  /** @returns null for a text that is too short */
  pack(text: string): ReturnType<typeof zstdCompressSync> | null {
    if (text.length < PACKED_FROM_CHARACTERS) return null;
    const known = this.#kept.get(text);
    if (known !== undefined) return known;
    const packed = zstdCompressSync(text, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
    this.#kept.set(text, packed);
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return packed;
  }
}
