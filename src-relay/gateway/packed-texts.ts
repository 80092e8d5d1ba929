import { constants, zstdCompressSync } from 'node:zlib';
import type { FromRelay } from '../../shared/relay-protocol/from-relay.ts';
import { isSameFrame } from './is-same-frame.ts';
import { messageText } from './message-text.ts';

/** Shorter texts are not worth the work (SYNC-S7). */
const PACKED_FROM_CHARACTERS = 8 * 1024;
/** Consoles that get the same get it within one round. */
const KEPT = 8;

type Bulk = FromRelay['frame'] | FromRelay['page'];
type Bytes = ReturnType<typeof zstdCompressSync>;

/** What a message is as it goes over the line: packed, or the JSON of everything but the session. */
type Packing = { bytes: Bytes } | { text: string };

interface Kept {
  message: Bulk;
  text: string;
  bytes: Bytes;
}

/** Packs frames and pages as zstd, level 1; the same for many consoles is packed once. */
export class PackedTexts {
  /** The newest last. */
  #kept: Kept[] = [];

  pack(name: 'frame' | 'page', message: Bulk): Packing {
    const same = this.#kept.find(
      (kept) => 'events' in message && 'events' in kept.message && isSameFrame(kept.message, message),
    );
    if (same !== undefined) return same;
    const { session: _, ...rest } = message;
    const text = messageText(name, rest as Bulk);
    if (text.length < PACKED_FROM_CHARACTERS) return { text };
    const equal = this.#kept.find((kept) => kept.text === text);
    const bytes = equal?.bytes ?? zstdCompressSync(text, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
    this.#kept = [...this.#kept.slice(1 - KEPT), { message, text, bytes }];
    return { bytes };
  }
}
