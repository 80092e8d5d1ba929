import type { Database } from 'better-sqlite3';
import { SqliteDeviceStore } from './device-store.ts';
import { SqliteDraftStore } from './draft-store.ts';
import { SqliteFileStore } from './file-store.ts';
import { type OutboxFileParts, openOutboxFile } from './outbox-file.ts';
import { type Outbox, neededFiles } from './outbox.ts';
import { SqliteSessionStore } from './session-store.ts';
import { SqliteSettingStore } from './setting-store.ts';
import { SqliteCommandStore } from './sqlite-command-store.ts';

/** The outbox in `outbox.db`. */
export class SqliteOutbox implements Outbox {
  readonly commands: SqliteCommandStore;
  readonly device: SqliteDeviceStore;
  readonly drafts: SqliteDraftStore;
  readonly files: SqliteFileStore;
  readonly session: SqliteSessionStore;
  readonly settings: SqliteSettingStore;
  readonly damagedFile: string | null;
  readonly #database: Database;

  private constructor(database: Database, damagedFile: string | null, makeId: () => string) {
    this.#database = database;
    this.damagedFile = damagedFile;
    this.commands = new SqliteCommandStore(database);
    this.device = new SqliteDeviceStore(database, makeId);
    this.drafts = new SqliteDraftStore(database);
    this.files = new SqliteFileStore(database);
    this.session = new SqliteSessionStore(database);
    this.settings = new SqliteSettingStore(database);
  }

  /** Opens the file and forgets what is too old. @param makeId makes a UUID */
  static open(parts: OutboxFileParts & { makeId: () => string }): SqliteOutbox {
    const { database, damagedFile } = openOutboxFile(parts);
    const outbox = new SqliteOutbox(database, damagedFile, parts.makeId);
    outbox.prune(parts.now);
    return outbox;
  }

  prune(now: number): void {
    this.commands.prune(now);
    this.files.prune(neededFiles(this), now);
  }

  close(): void {
    this.#database.close();
  }
}
