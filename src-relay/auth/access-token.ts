import { createHmac, timingSafeEqual } from 'node:crypto';
import { SignJWT } from 'jose';
import { AppError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/primitives/clock.ts';

export const ACCESS_TOKEN_MS = 10 * 60 * 1000;
const ISSUER = 'liendesk';
const TYPE = 'at+jwt';

/** Who a request or socket is from. */
export interface SignedInAgent {
  agentId: string;
  sessionId: string;
}

/** Signs a JWT (HS256) that is good for ten minutes. @param key at least 32 bytes */
export async function signAccessToken(
  who: SignedInAgent,
  key: Uint8Array,
  clock: Clock,
): Promise<{ accessToken: string; accessExpiresAt: number }> {
  const issuedAt = Math.floor(clock.now() / 1000);
  const expiresAt = issuedAt + ACCESS_TOKEN_MS / 1000;
  const accessToken = await new SignJWT({ sid: who.sessionId })
    .setProtectedHeader({ alg: 'HS256', typ: TYPE })
    .setIssuer(ISSUER)
    .setSubject(who.agentId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .sign(key);
  return { accessToken, accessExpiresAt: expiresAt * 1000 };
}

/**
 * Checked here and not by `jose`, which leaves each signature to a thread: when a thousand consoles come back at once,
 * that is a fifth of what they cost.
 * @throws AppError `unauthenticated`: `access-token-expired` (refresh it) or `access-token-invalid`
 */
export function readAccessToken(token: string, key: Uint8Array, clock: Clock): SignedInAgent {
  const claims = readClaims(token, key);
  if (claims === null) throw refusal('The access token is no good.', 'access-token-invalid');
  if (claims.exp <= clock.now() / 1000) throw refusal('The access token has expired.', 'access-token-expired');
  return { agentId: claims.sub, sessionId: claims.sid };
}

/** What a token says that was signed with the key for this purpose; null for any other. */
function readClaims(token: string, key: Uint8Array): { sub: string; sid: string; exp: number } | null {
  const [header = '', payload = '', signature = '', ...more] = token.split('.');
  const expected = createHmac('sha256', key).update(`${header}.${payload}`).digest();
  const given = Buffer.from(signature, 'base64url');
  // Told by its bytes, and by its text: not every text of the same bytes is a signature.
  const isSigned = given.length === expected.length && timingSafeEqual(given, expected);
  if (!isSigned || more.length > 0 || signature !== expected.toString('base64url')) return null;
  const { alg, typ } = decode(header);
  const { iss, sub, sid, exp } = decode(payload);
  if (alg !== 'HS256' || typ !== TYPE || iss !== ISSUER) return null;
  return typeof sub === 'string' && typeof sid === 'string' && typeof exp === 'number' ? { sub, sid, exp } : null;
}

/** Of a part whose signature was good, so it is JSON that this relay once wrote. */
function decode(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>;
}

function refusal(message: string, reason: string): AppError {
  return new AppError('unauthenticated', message, { reason });
}
