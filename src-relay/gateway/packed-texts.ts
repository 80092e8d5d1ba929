import { constants, zstdCompressSync } from 'node:zlib';
import type { FromRelay } from '../../shared/relay-protocol/from-relay.ts';
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
    const same = this.#kept.find((kept) => isSame(kept.message, message));
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

/** Whether both are of the very same events and subjects, which is quicker to see than that their texts are equal. */
function isSame(one: Bulk, other: Bulk): boolean {
  if (!('events' in one) || !('events' in other)) return false;
  return (
    one.from === other.from &&
    one.to === other.to &&
    one.isCatchUp === other.isCatchUp &&
    one.wantsCredit === other.wantsCredit &&
    one.still === other.still &&
    isSameList(one.events, other.events) &&
    isSameList(one.enter, other.enter) &&
    isSameList(one.leave, other.leave)
  );
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}
