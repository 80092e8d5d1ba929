import type { Database } from 'better-sqlite3';

/** Opens a database file with its key; given to cache and outbox, which know of no keys. */
export type OpenDatabase = (file: string, mode: 'read' | 'write') => Database;

/** Whether an error says that the file itself is bad, so that only starting anew helps. */
export function isDamage(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== null && DAMAGE.some((prefix) => code.startsWith(prefix));
}

/** A page that fails authentication is reported as an I/O error while reading. */
const DAMAGE = [
  'SQLITE_CORRUPT',
  'SQLITE_NOTADB',
  'SQLITE_IOERR_SHORT_READ',
  'SQLITE_IOERR_DATA',
  'SQLITE_IOERR_CORRUPTFS',
];

function sqliteCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** A row as it was written. @throws an error that `isDamage` knows for what cannot be one */
export function parseStoredRow<Row>(text: string): Row {
  try {
    return JSON.parse(text) as Row;
  } catch (cause) {
    throw Object.assign(new Error('A stored row cannot be read.', { cause }), { code: 'SQLITE_CORRUPT' });
  }
}
