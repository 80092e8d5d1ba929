import BetterSqlite3, { type Database } from 'better-sqlite3';
import { AppError } from '../../shared/errors.ts';
import { logMigrations, newerDatabase } from './schema-migrations.ts';

/** "LDrl" in ASCII: tells our database from any other SQLite file. */
const APPLICATION_ID = 0x4c44726c;
/** "LDrc": one that lies in a backup. */
const COPY_ID = 0x4c447263;
/** How long a statement waits for another process (a backup, an administrator's tool) before it fails. */
const BUSY_TIMEOUT_MS = 5000;
const CACHE_KIB = 64 * 1024;
const MMAP_BYTES = 256 * 1024 * 1024;
const WAL_LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * Opens the relay's database, makes it where there is none, and brings the event log's tables up to date.
 * A commit is on the disk when it returns: `synchronous` is FULL (the driver's own default, NORMAL, may lose the
 * last commits when power fails, SYNC-C4).
 * @throws AppError `incompatible` for a database of a newer version or of another program, `conflict`
 * (`database-is-copy`) for one that lies in a backup, `storage` for a file that cannot be opened or is damaged
 */
export function openRelayDatabase(file: string): Database {
  return openAs(file, 'own');
}

/** The same for the copy in a backup, which is a database like any other from then on (SYNC-L3). */
export function openCopiedDatabase(file: string): Database {
  return openAs(file, 'copy');
}

/**
 * Notes in a copy that it is one. A relay on it would hand out positions once more that consoles know for others, send
 * again what has gone out since, and bring back who was erased: only the restore command sees to that.
 */
export function markAsCopy(copy: Database): void {
  copy.pragma(`application_id = ${COPY_ID}`);
}

function openAs(file: string, as: 'own' | 'copy'): Database {
  const database = openFile(file);
  try {
    if (as === 'own') refuseCopy(database);
    configure(database);
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    throw error instanceof AppError ? error : unreadable(file, error);
  }
}

/**
 * Takes what was deleted out of the write-ahead log as well (SYNC-L7).
 * @returns false when a reader is in the way: try again later
 */
export function scrubDatabase(database: Database): boolean {
  // A reader of this process cannot end while it is waited for.
  database.pragma('busy_timeout = 0');
  try {
    const [result] = database.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
    return result?.busy === 0;
  } finally {
    database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  }
}

function openFile(file: string): Database {
  try {
    return new BetterSqlite3(file, { timeout: BUSY_TIMEOUT_MS });
  } catch (error) {
    throw unreadable(file, error);
  }
}

function configure(database: Database): void {
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  // On macOS only this makes the drive write its own cache.
  database.pragma('fullfsync = ON');
  // What is deleted or written over is gone from the file, not only from its tables (SYNC-L7).
  database.pragma('secure_delete = ON');
  database.pragma('foreign_keys = ON');
  database.pragma('trusted_schema = OFF');
  database.pragma(`cache_size = -${CACHE_KIB}`);
  database.pragma(`mmap_size = ${MMAP_BYTES}`);
  database.pragma(`journal_size_limit = ${WAL_LIMIT_BYTES}`);
  database.pragma('temp_store = MEMORY');
}

/** Before anything is written to it. */
function refuseCopy(database: Database): void {
  if (database.pragma('application_id', { simple: true }) !== COPY_ID) return;
  throw new AppError(
    'conflict',
    'This database lies in a backup, or was copied from one by hand: messages would be sent twice, and erased customers ' +
      'would come back. Make a data folder of the backup with "liendesk backup restore BACKUP --data-dir FOLDER".',
    { reason: 'database-is-copy' },
  );
}

function migrate(database: Database): void {
  const run = database.transaction(() => {
    const applicationId = database.pragma('application_id', { simple: true });
    if (applicationId === COPY_ID) database.pragma(`application_id = ${APPLICATION_ID}`);
    const version = Number(database.pragma('user_version', { simple: true }));
    const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
    if (applicationId !== APPLICATION_ID && applicationId !== COPY_ID && !(isEmpty && applicationId === 0)) {
      throw new AppError('incompatible', 'This file is a database of another program; choose another data folder.', {
        reason: 'database-foreign',
      });
    }
    if (version > logMigrations.length) throw newerDatabase(`its version is ${version}`);
    if (version === logMigrations.length) return;
    for (const step of logMigrations.slice(version)) database.exec(step);
    database.pragma(`application_id = ${APPLICATION_ID}`);
    database.pragma(`user_version = ${logMigrations.length}`);
  });
  run.immediate();
}

function unreadable(file: string, cause: unknown): AppError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new AppError('storage', `The database ${file} cannot be opened: ${detail}.`, {
    reason: 'database-unreadable',
    cause,
  });
}
