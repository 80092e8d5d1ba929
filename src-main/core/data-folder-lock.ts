import path from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { AppError } from '../../shared/errors.ts';

/** A core that was just told to stop needs a moment to close its files. */
const PATIENCE_MS = 2000;

/**
 * Takes a folder for one core: two of them on the same files would each write the cache from what it remembers of it,
 * and submit the same outbox. The lock is the operating system's, held by an exclusive transaction on a file of its own,
 * so it ends with the process, however that ends.
 * @returns its release
 * @throws AppError `conflict` (`data-folder-in-use`)
 */
export function lockDataFolder(folder: string): () => void {
  const lock = new BetterSqlite3(path.join(folder, 'console.lock'), { timeout: PATIENCE_MS });
  try {
    // Nothing is ever written into it, and a journal would be one more file, for which a full disk has no room (SYNC-F1).
    lock.pragma('journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    const isBusy = cause instanceof Error && 'code' in cause && cause.code === 'SQLITE_BUSY';
    if (!isBusy) throw cause;
    throw new AppError('conflict', `Another Liendesk is running on ${folder}; close it, or choose another folder.`, {
      reason: 'data-folder-in-use',
      cause,
    });
  }
  return () => {
    lock.close();
  };
}
