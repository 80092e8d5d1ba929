import type { Database, Statement } from 'better-sqlite3';
import { searchTableOf, tableSpecs } from './cache-schema.ts';
import type { CacheMeta, CacheStore } from './cache-store.ts';
import { SqliteCachedFiles } from './sqlite-cached-files.ts';
import { SqliteRowTable } from './sqlite-row-table.ts';

/** Pages of the write-ahead log, 16 MB, after which it is folded into the file. */
const LOG_PAGES = 4000;
/** How much of the search indexes is merged at a time. */
const MERGED_PAGES = 200;

/** The rows of a cache in a database file. */
export class SqliteCacheStore implements CacheStore {
  readonly database: Database;
  readonly tables: ReadonlyMap<string, SqliteRowTable>;
  readonly files: SqliteCachedFiles;
  readonly #setMeta: Statement<[string | null, number, number]>;
  readonly #recordCommand: Statement<[string, number]>;
  readonly #merges: readonly Statement<[number]>[];

  /** @param database with the cache's tables and its `meta` row */
  constructor(database: Database) {
    this.database = database;
    this.tables = new Map(tableSpecs.map((spec) => [spec.name, new SqliteRowTable(database, spec)]));
    this.files = new SqliteCachedFiles(database);
    this.#setMeta = database.prepare('UPDATE meta SET epoch = ?, cursor = ?, heldSince = ?');
    this.#recordCommand = database.prepare('INSERT OR IGNORE INTO appliedCommand (id, seq) VALUES (?, ?)');
    this.#merges = tableSpecs
      .filter(({ searchText }) => searchText !== undefined)
      .map(({ name }) => {
        const index = `"${searchTableOf(name)}"`;
        // `tidy` does it.
        database.exec(`INSERT INTO ${index} (${index}, rank) VALUES ('automerge', 0)`);
        return database.prepare(`INSERT INTO ${index} (${index}, rank) VALUES ('merge', ?)`);
      });
  }

  meta(): CacheMeta {
    return this.database.prepare('SELECT epoch, cursor, heldSince FROM meta').get() as CacheMeta;
  }

  setMeta({ epoch, cursor, heldSince }: CacheMeta): void {
    this.#setMeta.run(epoch, cursor, heldSince);
  }

  recordCommand(commandId: string, seq: number): void {
    this.#recordCommand.run(commandId, seq);
  }

  forgetCommands(seq: number): void {
    this.database.prepare('DELETE FROM appliedCommand WHERE seq <= ?').run(seq);
  }

  transact(work: () => void): void {
    this.database.transaction(work).immediate();
  }

  /**
   * Folds a log that has become long into the file or, while it is not, merges what the last transactions added to the
   * search indexes: one of them at a time, so that neither is in the way of a frame for longer.
   */
  tidy(): void {
    const [log] = this.database.pragma('wal_checkpoint(NOOP)') as { log: number; checkpointed: number }[];
    if (log !== undefined && log.log - log.checkpointed >= LOG_PAGES) this.database.pragma('wal_checkpoint(PASSIVE)');
    else for (const merge of this.#merges) merge.run(MERGED_PAGES);
  }

  /** Pages of the file that are kept at hand; what this thread's allocator keeps of them the reader's can use. */
  settle(): void {
    this.database.pragma('shrink_memory');
  }

  /** Deleted text is also in the write-ahead log, until that is begun anew; a reader under way puts it off. */
  scrub(): boolean {
    const [result] = this.database.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
    return result?.busy === 0;
  }

  close(): void {
    this.database.close();
  }

  closeInOrder(): void {
    try {
      this.database.prepare('UPDATE meta SET isOpen = 0').run();
    } finally {
      this.database.close();
    }
  }
}
