import fs from 'node:fs';
import path from 'node:path';
import type { Database } from 'better-sqlite3';
import { AppError } from '../../../shared/errors.ts';
import { cacheSchemaHash, cacheSchemaSql } from './cache-schema.ts';
import type { CachePlace, OpenedCache } from './cache-store.ts';
import { type OpenDatabase, isDamage } from './open-database.ts';
import { SqliteCacheStore } from './sqlite-cache-store.ts';

type OpenedFile = OpenedCache<SqliteCacheStore>;

/**
 * The files of one cache. `cache.db` is in use. `cache.next.db` is a snapshot that is being fetched; complete, it is
 * renamed to `cache.ready.db`, and from then on it is what counts, wherever the process dies. `cache.damaged.db` is
 * what was found unusable last.
 */
export class CacheFolder implements CachePlace {
  readonly #folder: string;
  readonly #openDatabase: OpenDatabase;
  readonly #agentId: string;

  constructor(folder: string, openDatabase: OpenDatabase, agentId: string) {
    this.#folder = folder;
    this.#openDatabase = openDatabase;
    this.#agentId = agentId;
  }

  get file(): string {
    return path.join(this.#folder, 'cache.db');
  }

  open(): OpenedFile {
    this.#finishSwap();
    remove(this.#nextFile);
    if (!fs.existsSync(this.file)) return { store: this.#make(this.file), state: 'made', wasUnclean: false };
    const kept = this.#openKept();
    if (kept !== null) return kept;
    this.moveAside();
    return { store: this.#make(this.file), state: 'rebuilt', wasUnclean: false };
  }

  openReader(): Database {
    return this.#openDatabase(this.file, 'read');
  }

  makeNext(): SqliteCacheStore {
    remove(this.#nextFile);
    return this.#make(this.#nextFile);
  }

  swap(): void {
    // Closing folds the log into the file, unless the disk was full: then the file alone lacks its last pages.
    if ((fs.statSync(`${this.#nextFile}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) {
      throw new AppError('storage', 'A snapshot could not be written whole.', { reason: 'disk-full' });
    }
    fs.renameSync(this.#nextFile, this.#readyFile);
    this.#finishSwap();
  }

  dropNext(): void {
    remove(this.#nextFile);
  }

  moveAside(): void {
    const aside = path.join(this.#folder, 'cache.damaged.db');
    remove(aside);
    if (fs.existsSync(this.file)) fs.renameSync(this.file, aside);
    remove(this.file);
  }

  dropDamaged(): void {
    remove(path.join(this.#folder, 'cache.damaged.db'));
  }

  removeAll(): void {
    for (const file of [this.file, this.#nextFile, this.#readyFile]) remove(file);
    this.dropDamaged();
  }

  get #nextFile(): string {
    return path.join(this.#folder, 'cache.next.db');
  }

  get #readyFile(): string {
    return path.join(this.#folder, 'cache.ready.db');
  }

  #finishSwap(): void {
    if (!fs.existsSync(this.#readyFile)) return;
    // The old file goes first: its log must never meet the new one.
    remove(this.file);
    fs.renameSync(this.#readyFile, this.file);
  }

  #openKept(): OpenedFile | null {
    let database: Database | null = null;
    try {
      database = this.#openDatabase(this.file, 'write');
      configure(database);
      const meta = database.prepare('SELECT schema, agentId, epoch, isOpen FROM meta').get() as
        | { schema: string; agentId: string; epoch: string | null; isOpen: number }
        | undefined;
      if (meta?.epoch === null && meta.schema === cacheSchemaHash) {
        // A first snapshot that did not come to its end: what there is of it cannot be told apart from what is old.
        database.close();
        remove(this.file);
        return { store: this.#make(this.file), state: 'made', wasUnclean: false };
      }
      if (meta?.schema !== cacheSchemaHash || meta.agentId !== this.#agentId) {
        database.close();
        return null;
      }
      database.prepare('UPDATE meta SET isOpen = 1').run();
      return { store: new SqliteCacheStore(database), state: 'kept', wasUnclean: meta.isOpen === 1 };
    } catch (error) {
      database?.close();
      // A foreign file may have no such table or columns at all (SQLITE_ERROR). A full or read-only disk is no damage.
      if (isDamage(error) || hasOtherSchema(error)) return null;
      throw error;
    }
  }

  #make(file: string): SqliteCacheStore {
    const database = this.#openDatabase(file, 'write');
    configure(database);
    database.transaction(() => {
      database.exec(cacheSchemaSql);
      database
        .prepare(
          'INSERT INTO meta (one, schema, agentId, epoch, cursor, heldSince, isOpen) VALUES (1, ?, ?, NULL, 0, 0, 1)',
        )
        .run(cacheSchemaHash, this.#agentId);
    })();
    return new SqliteCacheStore(database);
  }
}

function configure(database: Database): void {
  // May lose the last frames when power fails, together with their cursor: they come again (SYNC-O1).
  database.pragma('synchronous = NORMAL');
  database.pragma('secure_delete = ON');
  // `tidy` folds the log into the file; this is for a log that grew by one transaction alone.
  database.pragma('wal_autocheckpoint = 16000');
}

function hasOtherSchema(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'SQLITE_ERROR';
}

function remove(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) fs.rmSync(file + suffix, { force: true });
}
