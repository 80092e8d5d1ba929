import { SignJWT, jwtVerify } from 'jose';
import { AppError } from '../../../shared/errors.ts';
import type { Clock } from '../../../shared/primitives/clock.ts';

const LIFE_SECONDS = 24 * 60 * 60;
/** A token older than this is replaced when it is used, so that a visitor who stays is never signed out. */
const RENEW_AFTER_SECONDS = 60 * 60;
const AUDIENCE = 'liendesk-widget';

/** Short-lived tokens of the widget's API. They name a browser; whose feed it may see is looked up each time. */
export class VisitorTokens {
  readonly #key: Uint8Array;
  readonly #clock: Clock;

  constructor(key: Uint8Array, clock: Clock) {
    this.#key = key;
    this.#clock = clock;
  }

  async issue(visitorId: string): Promise<string> {
    const now = Math.floor(this.#clock.now() / 1000);
    return await new SignJWT()
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(visitorId)
      .setAudience(AUDIENCE)
      .setIssuedAt(now)
      .setExpirationTime(now + LIFE_SECONDS)
      .sign(this.#key);
  }

  /**
   * @returns the visitor's id, and whether the token is old enough to be replaced
   * @throws AppError `unauthenticated`
   */
  async verify(token: string): Promise<{ visitorId: string; isDueForRenewal: boolean }> {
    const currentDate = new Date(this.#clock.now());
    try {
      const { payload } = await jwtVerify(token, this.#key, { algorithms: ['HS256'], audience: AUDIENCE, currentDate });
      const ageSeconds = currentDate.getTime() / 1000 - (payload.iat ?? 0);
      return { visitorId: payload.sub ?? '', isDueForRenewal: ageSeconds > RENEW_AFTER_SECONDS };
    } catch (error) {
      throw new AppError('unauthenticated', 'This session is over; start a new one.', {
        reason: 'session-over',
        cause: error,
      });
    }
  }
}
