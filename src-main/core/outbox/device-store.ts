import type { Database } from 'better-sqlite3';

/** Which device this is to the relay. */
export interface DeviceStore {
  id(): string;
  /** This file is an old copy: under its id somebody went further than it knows (SYNC-C3). */
  renew(): void;
}

export class SqliteDeviceStore implements DeviceStore {
  readonly #database: Database;
  readonly #makeId: () => string;

  /** @param makeId makes a UUID */
  constructor(database: Database, makeId: () => string) {
    this.#database = database;
    this.#makeId = makeId;
    database.prepare('INSERT OR IGNORE INTO device (one, id, nextN) VALUES (1, ?, 1)').run(makeId());
  }

  id(): string {
    return this.#database.prepare<[], string>('SELECT id FROM device').pluck().get()!;
  }

  renew(): void {
    this.#database.prepare('UPDATE device SET id = ?').run(this.#makeId());
  }
}
