import type { Database, Statement } from 'better-sqlite3';

export interface StoredSession {
  id: string;
  agentId: string;
  deviceId: string;
  deviceName: string;
  createdAt: number;
  lastSeenAt: number;
}

/**
 * `issued`: handed out, not used yet; `last-used`: the one that was used last, which stays good until one issued from
 * it is used; `spent`: older than that, or passed over. Who shows a spent one has a copy, or was copied.
 */
export type RefreshTokenState = 'issued' | 'last-used' | 'spent';

/** Unused tokens of a session that stay good: a console that dies again and again before it saves needs a few. */
const MAX_ISSUED = 5;
const SPENT_KEPT_MS = 30 * 24 * 60 * 60 * 1000;

const COLUMNS = `id, agent_id AS agentId, device_id AS deviceId, device_name AS deviceName,
  created_at AS createdAt, last_seen_at AS lastSeenAt`;

/** Sessions and their refresh tokens. Tokens are known by their SHA-256 only. */
export class SessionStore {
  readonly #database: Database;
  readonly #find: Statement<[string], StoredSession>;

  constructor(database: Database) {
    this.#database = database;
    this.#find = database.prepare(`SELECT ${COLUMNS} FROM session WHERE id = ?`);
  }

  add(session: StoredSession, tokenHash: Buffer): void {
    this.#database.transaction(() => {
      this.#database
        .prepare('INSERT INTO session VALUES (@id, @agentId, @deviceId, @deviceName, @createdAt, @lastSeenAt)')
        .run(session);
      this.#insertToken(tokenHash, session.id, session.createdAt);
    })();
  }

  find(sessionId: string): StoredSession | null {
    return this.#find.get(sessionId) ?? null;
  }

  findByToken(tokenHash: Buffer): { session: StoredSession; state: RefreshTokenState } | null {
    const row = this.#database
      .prepare('SELECT session_id AS sessionId, state FROM refresh_token WHERE hash = ?')
      .get(tokenHash) as { sessionId: string; state: RefreshTokenState } | undefined;
    const session = row === undefined ? null : this.find(row.sessionId);
    return row === undefined || session === null ? null : { session, state: row.state };
  }

  /** Marks `used` as the last used token of its session and issues `issued` from it. */
  rotate(sessionId: string, used: { hash: Buffer; state: RefreshTokenState }, issued: Buffer, now: number): void {
    this.#database.transaction(() => {
      if (used.state === 'issued') {
        this.#database
          .prepare("UPDATE refresh_token SET state = 'spent' WHERE session_id = ? AND hash <> ?")
          .run(sessionId, used.hash);
        this.#database.prepare("UPDATE refresh_token SET state = 'last-used' WHERE hash = ?").run(used.hash);
      }
      this.#insertToken(issued, sessionId, now);
      this.#database
        .prepare(
          `DELETE FROM refresh_token WHERE session_id = @sessionId AND state = 'issued' AND number NOT IN (
             SELECT number FROM refresh_token WHERE session_id = @sessionId AND state = 'issued'
             ORDER BY number DESC LIMIT ${MAX_ISSUED})`,
        )
        .run({ sessionId });
      this.#database
        .prepare("DELETE FROM refresh_token WHERE session_id = ? AND state = 'spent' AND issued_at < ?")
        .run(sessionId, now - SPENT_KEPT_MS);
      this.#database.prepare('UPDATE session SET last_seen_at = ? WHERE id = ?').run(now, sessionId);
    })();
  }

  listOfAgent(agentId: string): StoredSession[] {
    return this.#database
      .prepare(`SELECT ${COLUMNS} FROM session WHERE agent_id = ? ORDER BY last_seen_at DESC, id`)
      .all(agentId) as StoredSession[];
  }

  /** @returns whether there was such a session */
  remove(sessionId: string): boolean {
    return this.#database.prepare('DELETE FROM session WHERE id = ?').run(sessionId).changes > 0;
  }

  /** Sessions that were not seen since `before`, epoch ms. */
  listIdle(before: number): StoredSession[] {
    return this.#database
      .prepare(`SELECT ${COLUMNS} FROM session WHERE last_seen_at < ?`)
      .all(before) as StoredSession[];
  }

  #insertToken(hash: Buffer, sessionId: string, now: number): void {
    this.#database
      .prepare("INSERT INTO refresh_token (hash, session_id, state, issued_at) VALUES (?, ?, 'issued', ?)")
      .run(hash, sessionId, now);
  }
}
