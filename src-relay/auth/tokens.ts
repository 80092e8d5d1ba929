import { createHash } from 'node:crypto';
import type { Random } from '../../shared/primitives/clock.ts';

const TOKEN_BYTES = 32;

/** A secret of 256 random bits, safe in an address. */
export function makeToken(random: Random): string {
  return Buffer.from(random.bytes(TOKEN_BYTES)).toString('base64url');
}

/** How a token is kept: a plain hash is enough, since nobody guesses 256 bits. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
