import { createHash } from 'node:crypto';
import type { Random } from '../../../shared/primitives/clock.ts';

/** `byteCount` random bytes as base64url: safe in a URL, a header and an HTML attribute. */
export function randomToken(random: Random, byteCount: number): string {
  return Buffer.from(random.bytes(byteCount)).toString('base64url');
}

/** What is stored of a secret of 256 random bits: with that much chance in it a plain hash cannot be reversed. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
