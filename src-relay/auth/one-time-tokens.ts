import type { Database } from 'better-sqlite3';
import { AppError } from '../../shared/errors.ts';
import type { Clock, Random } from '../../shared/primitives/clock.ts';
import { hashToken, makeToken } from './tokens.ts';

export type OneTimePurpose = 'invitation' | 'password-reset';

const LIFETIME_MS: Record<OneTimePurpose, number> = {
  invitation: 72 * 60 * 60 * 1000,
  'password-reset': 60 * 60 * 1000,
};

export interface OneTimeLink {
  /** Goes behind the `#` of the account page's address, so that no log and no Referer holds it. */
  token: string;
  /** Epoch ms. */
  expiresAt: number;
}

/** Tokens by which an agent sets a password without knowing one. One per agent and purpose; a new one ends the old. */
export class OneTimeTokens {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(database: Database, clock: Clock, random: Random) {
    this.#database = database;
    this.#clock = clock;
    this.#random = random;
  }

  issue(agentId: string, purpose: OneTimePurpose): OneTimeLink {
    const token = makeToken(this.#random);
    const expiresAt = this.#clock.now() + LIFETIME_MS[purpose];
    this.#database.transaction(() => {
      this.#database.prepare('DELETE FROM one_time_token WHERE agent_id = ? AND purpose = ?').run(agentId, purpose);
      this.#database
        .prepare('INSERT INTO one_time_token VALUES (?, ?, ?, ?)')
        .run(hashToken(token), agentId, purpose, expiresAt);
    })();
    return { token, expiresAt };
  }

  /** The agent whose token it is. @throws AppError `gone`, reason `link-used-or-expired` */
  check(token: string, purpose: OneTimePurpose): string {
    const row = this.#database
      .prepare('SELECT agent_id AS agentId, expires_at AS expiresAt FROM one_time_token WHERE hash = ? AND purpose = ?')
      .get(hashToken(token), purpose) as { agentId: string; expiresAt: number } | undefined;
    if (row === undefined || row.expiresAt <= this.#clock.now()) throw usedOrExpired();
    return row.agentId;
  }

  /** Uses the token up. Call it in the transaction of what it is used for. @throws AppError as `check` */
  spend(token: string, purpose: OneTimePurpose): string {
    const agentId = this.check(token, purpose);
    this.#database.prepare('DELETE FROM one_time_token WHERE hash = ?').run(hashToken(token));
    return agentId;
  }

  removeOfAgent(agentId: string): void {
    this.#database.prepare('DELETE FROM one_time_token WHERE agent_id = ?').run(agentId);
  }
}

function usedOrExpired(): AppError {
  return new AppError('gone', 'This link was used already or has expired; ask for a new one.', {
    reason: 'link-used-or-expired',
  });
}
