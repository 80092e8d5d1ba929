import type { Database } from 'better-sqlite3';

/** A sign-in as it outlives the process. */
export interface StoredSession {
  relayUrl: string;
  email: string;
  agentId: string;
  refreshToken: string;
}

export interface SessionStore {
  get(): StoredSession | null;
  /** On the disk when this returns: the new refresh token is saved before it is used. */
  set(session: StoredSession): void;
  clear(): void;
}

export class SqliteSessionStore implements SessionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get(): StoredSession | null {
    return (
      this.#database.prepare<[], StoredSession>('SELECT relayUrl, email, agentId, refreshToken FROM session').get() ??
      null
    );
  }

  set({ relayUrl, email, agentId, refreshToken }: StoredSession): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO session (one, relayUrl, email, agentId, refreshToken) VALUES (1, ?, ?, ?, ?)')
      .run(relayUrl, email, agentId, refreshToken);
  }

  clear(): void {
    this.#database.prepare('DELETE FROM session').run();
  }
}
