/**
 * A digest of a set of ids that can be kept up to date one id at a time: the count and the XOR of a 64-bit hash of
 * each member. It tells "the same set" from "not the same set" with certainty enough for a shortcut; whatever
 * depends on it must be safe when it says "not the same".
 */
export class SetDigest {
  #count = 0;
  #high = 0;
  #low = 0;

  add(id: string): void {
    this.addHash(hashOfId(id));
  }

  remove(id: string): void {
    this.#toggle(hashOfId(id));
    this.#count -= 1;
  }

  /** As `add`, for an id whose hash is known: most of the work is hashing. */
  addHash(hash: IdHash): void {
    this.#toggle(hash);
    this.#count += 1;
  }

  value(): { count: number; digest: string } {
    return { count: this.#count, digest: hex(this.#high) + hex(this.#low) };
  }

  #toggle({ high, low }: IdHash): void {
    this.#high ^= high;
    this.#low ^= low;
  }
}

/** Two halves of 32 bits. */
export interface IdHash {
  high: number;
  low: number;
}

export function hashOfId(id: string): IdHash {
  // FNV-1a over UTF-16 units, twice with other seeds.
  let high = 0x9747b28c ^ 0x811c9dc5;
  let low = 0x1b873593 ^ 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) {
    const unit = id.charCodeAt(index);
    high = Math.imul(high ^ unit, 0x01000193);
    low = Math.imul(low ^ unit, 0x01000193);
  }
  return { high: avalanche(high), low: avalanche(low) };
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}

/** The last steps of murmur3. */
function avalanche(sum: number): number {
  let hash = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
