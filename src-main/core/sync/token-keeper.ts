import { AppError } from '../../../shared/errors.ts';
import type { Clock } from '../../../shared/primitives/clock.ts';
import type { SessionStore } from '../outbox/session-store.ts';
import type { Grant, RelayHttp } from './relay-http.ts';

/** A token this close to its end is renewed before it is used. */
const MARGIN_MS = 60_000;

/** Keeps a good access token, by means of the stored refresh token. */
export class TokenKeeper {
  readonly #http: RelayHttp;
  readonly #store: SessionStore;
  readonly #clock: Clock;
  #access: { token: string; goodUntil: number } | null = null;
  #renewal: Promise<string> | null = null;

  constructor(http: RelayHttp, store: SessionStore, clock: Clock) {
    this.#http = http;
    this.#store = store;
    this.#clock = clock;
  }

  /** Takes over what a sign-in brought; it is stored already. */
  adopt({ accessToken, lifetimeMs }: Grant): void {
    const margin = Math.min(MARGIN_MS, lifetimeMs / 2);
    this.#access = { token: accessToken, goodUntil: this.#clock.monotonic() + lifetimeMs - margin };
  }

  /** The relay said that the token is no good. */
  forget(): void {
    this.#access = null;
  }

  /**
   * A token that is good now.
   * @throws AppError `unauthenticated` when a person has to sign in again, another kind when it may work later
   */
  async accessToken(): Promise<string> {
    if (this.#access !== null && this.#access.goodUntil > this.#clock.monotonic()) return this.#access.token;
    this.#renewal ??= this.#renew().finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  async #renew(): Promise<string> {
    const session = this.#store.get();
    if (session === null) throw new AppError('unauthenticated', 'Sign in first.', { reason: 'not-signed-in' });
    const grant = await this.#http.refresh(session.refreshToken);
    // Signed out meanwhile, or in again: this is of a session that nobody goes by any more.
    if (this.#store.get()?.refreshToken !== session.refreshToken) {
      throw new AppError('retry', 'The sign-in changed meanwhile; try again.');
    }
    // Saved before it is used: the old one stays good until then, so dying in between signs nobody out.
    this.#store.set({ ...session, refreshToken: grant.refreshToken });
    this.adopt(grant);
    return grant.accessToken;
  }
}
