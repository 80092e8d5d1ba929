import { SignJWT, jwtVerify } from 'jose';
import { AppError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/primitives/clock.ts';

export const ACCESS_TOKEN_MS = 10 * 60 * 1000;
const ISSUER = 'liendesk';

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
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
    .setIssuer(ISSUER)
    .setSubject(who.agentId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .sign(key);
  return { accessToken, accessExpiresAt: expiresAt * 1000 };
}

/** @throws AppError `unauthenticated`: `access-token-expired` (refresh it) or `access-token-invalid` */
export async function readAccessToken(token: string, key: Uint8Array, clock: Clock): Promise<SignedInAgent> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['HS256'],
      typ: 'at+jwt',
      issuer: ISSUER,
      requiredClaims: ['sub', 'exp'],
      currentDate: new Date(clock.now()),
    });
    if (typeof payload.sub !== 'string' || typeof payload['sid'] !== 'string') throw new Error('no subject or session');
    return { agentId: payload.sub, sessionId: payload['sid'] };
  } catch (cause) {
    const isExpired = cause instanceof Error && 'code' in cause && cause.code === 'ERR_JWT_EXPIRED';
    throw new AppError(
      'unauthenticated',
      isExpired ? 'The access token has expired.' : 'The access token is no good.',
      {
        reason: isExpired ? 'access-token-expired' : 'access-token-invalid',
        cause,
      },
    );
  }
}
