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

/** Asked at every request of a view, so read from the file once: nobody else writes there while this console runs. */
export class SqliteSessionStore implements SessionStore {
  readonly #database: Database;
  /** Undefined before it was read. */
  #known: StoredSession | null | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  get(): StoredSession | null {
    this.#known ??=
      this.#database.prepare<[], StoredSession>('SELECT relayUrl, email, agentId, refreshToken FROM session').get() ??
      null;
    return this.#known;
  }

  set({ relayUrl, email, agentId, refreshToken }: StoredSession): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO session (one, relayUrl, email, agentId, refreshToken) VALUES (1, ?, ?, ?, ?)')
      .run(relayUrl, email, agentId, refreshToken);
    this.#known = { relayUrl, email, agentId, refreshToken };
  }

  clear(): void {
    this.#database.prepare('DELETE FROM session').run();
    this.#known = null;
  }
}
