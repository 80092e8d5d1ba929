const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * A UUID of version 7 (RFC 9562): 48 bits of epoch milliseconds, then 74 random bits.
 * It is an identity only and never an order: clocks of two devices differ.
 * @param nowMs epoch milliseconds
 * @param random at least ten random bytes
 */
export function makeUuidV7(nowMs: number, random: Uint8Array): string {
  const ms = Math.floor(nowMs);
  const high = Math.floor(ms / 2 ** 32);
  const low = ms >>> 0;
  return (
    `${HEX[(high >>> 8) & 0xff]}${HEX[high & 0xff]}${HEX[low >>> 24]}${HEX[(low >>> 16) & 0xff]}-` +
    `${HEX[(low >>> 8) & 0xff]}${HEX[low & 0xff]}-` +
    `${HEX[(random[0]! & 0x0f) | 0x70]}${HEX[random[1]!]}-${HEX[(random[2]! & 0x3f) | 0x80]}${HEX[random[3]!]}-` +
    `${HEX[random[4]!]}${HEX[random[5]!]}${HEX[random[6]!]}${HEX[random[7]!]}${HEX[random[8]!]}${HEX[random[9]!]}`
  );
}
