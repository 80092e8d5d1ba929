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

/** Whether rows exclude each other that are both to be there. */
export function isContradiction(error: unknown): boolean {
  return sqliteCode(error)?.startsWith('SQLITE_CONSTRAINT') === true;
}

/** An error that `isDamage` knows: what is stored cannot be gone on with. */
export function damageError(message: string, cause: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code: 'SQLITE_CORRUPT' });
}

/** A row as it was written. @throws an error that `isDamage` knows for what cannot be one */
export function parseStoredRow<Row>(text: string): Row {
  try {
    return JSON.parse(text) as Row;
  } catch (cause) {
    throw damageError('A stored row cannot be read.', cause);
  }
}
