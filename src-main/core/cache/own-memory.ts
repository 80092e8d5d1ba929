/**
 * The same bytes in memory that holds nothing else. To another thread bytes go with all of the memory that they lie in,
 * be they ever so small a part of it.
 */
export function inOwnMemory(bytes: Uint8Array): Uint8Array {
  return isInOwnMemory(bytes) ? bytes : new Uint8Array(bytes);
}

/**
 * Gives the memory of bytes back that nobody needs any more; they are empty then. Left to the garbage collector it would
 * be kept until there is more of the like than of anything else, since what it counts are objects. Bytes that share their
 * memory with others are left alone.
 */
export function release(bytes: Uint8Array): void {
  if (isInOwnMemory(bytes) && bytes.buffer instanceof ArrayBuffer && !bytes.buffer.detached) bytes.buffer.transfer(0);
}

function isInOwnMemory({ byteLength, buffer }: Uint8Array): boolean {
  return byteLength === buffer.byteLength;
}
