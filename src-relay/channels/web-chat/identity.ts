import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { AppError } from '../../../shared/errors.ts';

/** A hash over `id.ts` is good for so long. */
const MAX_AGE_SECONDS = 24 * 60 * 60;
/** The shop's clock may be ahead of ours by this much. */
const MAX_SKEW_SECONDS = 5 * 60;

/** Hex HMAC-SHA256 by which a shop's server vouches for a visitor: over `id`, or over `id.ts` with `ts` in seconds. */
export function identityHash(secret: string, id: string, ts: number | null): string {
  return createHmac('sha256', secret)
    .update(ts === null ? id : `${id}.${ts}`)
    .digest('hex');
}

/**
 * Checks what a page claims about its visitor.
 * @returns the proven id, or null where nothing was claimed that could be proven
 * @throws AppError `forbidden` for a hash that is wrong or too old
 */
export function verifyIdentity(
  secret: string,
  claim: { id: string; hash?: string | null | undefined; ts?: number | null | undefined },
  nowMs: number,
): string | null {
  if (claim.hash === undefined || claim.hash === null || claim.hash === '') return null;
  const ts = claim.ts ?? null;
  const expected = Buffer.from(identityHash(secret, claim.id, ts));
  const given = Buffer.from(claim.hash.toLowerCase());
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new AppError('forbidden', 'The identity hash does not fit the id.', { reason: 'identity-hash-wrong' });
  }
  const age = ts === null ? 0 : nowMs / 1000 - ts;
  if (age > MAX_AGE_SECONDS || age < -MAX_SKEW_SECONDS) {
    throw new AppError('forbidden', 'The identity hash is older than 24 hours; make a new one.', {
      reason: 'identity-hash-expired',
    });
  }
  return claim.id;
}

/** The customer id of a proven person: the same on every browser. */
export function customerIdOf(channelId: string, identityId: string): string {
  const hash = createHash('sha256').update(`${channelId}\n${identityId}`).digest('hex');
  return `wc-${hash.slice(0, 40)}`;
}
