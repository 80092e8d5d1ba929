import type { Database } from 'better-sqlite3';

/** Settings of this device: open tabs, theme, language, and what the core itself remembers. */
export interface SettingStore {
  /** @returns null when it was never set */
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  /** Up to which position conversations were shown here. */
  listSeen(): [conversationId: string, position: number][];
  /** @returns false when it was shown up to there already */
  markSeen(conversationId: string, position: number): boolean;
  /** What was shown beyond a position was so only up to it. @returns conversations of which that is said */
  forgetSeenBeyond(position: number): string[];
  forgetSeen(conversationIds: readonly string[]): void;
}

export class SqliteSettingStore implements SettingStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get(key: string): unknown {
    const value = this.#database.prepare<[string], string>('SELECT value FROM setting WHERE key = ?').pluck().get(key);
    return value === undefined ? null : JSON.parse(value);
  }

  set(key: string, value: unknown): void {
    this.#database
      .prepare('INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)')
      .run(key, JSON.stringify(value ?? null));
  }

  listSeen(): [conversationId: string, position: number][] {
    return this.#database
      .prepare<[], { conversationId: string; position: number }>('SELECT conversationId, position FROM seen')
      .all()
      .map(({ conversationId, position }) => [conversationId, position]);
  }

  markSeen(conversationId: string, position: number): boolean {
    const { changes } = this.#database
      .prepare(
        'INSERT INTO seen (conversationId, position) VALUES (?, ?)' +
          ' ON CONFLICT (conversationId) DO UPDATE SET position = excluded.position WHERE excluded.position > position',
      )
      .run(conversationId, position);
    return changes === 1;
  }

  forgetSeenBeyond(position: number): string[] {
    return this.#database
      .prepare<[number, number], string>('UPDATE seen SET position = ? WHERE position > ? RETURNING conversationId')
      .pluck()
      .all(position, position);
  }

  forgetSeen(conversationIds: readonly string[]): void {
    if (conversationIds.length === 0) return;
    this.#database
      .prepare('DELETE FROM seen WHERE conversationId IN (SELECT value FROM json_each(?))')
      .run(JSON.stringify(conversationIds));
  }
}
