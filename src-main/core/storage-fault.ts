import { AppError } from '../../shared/errors.ts';

/** SQLite's codes have many kinds, one for each thing that could not be done. The last three are of a folder that is read-only. */
const FULL_OR_FAILING = [
  'SQLITE_FULL',
  'SQLITE_IOERR',
  'ENOSPC',
  'EDQUOT',
  'EIO',
  'SQLITE_READONLY',
  'SQLITE_CANTOPEN',
  'EROFS',
];

/**
 * What was thrown as `storage` when it says that the disk is full or does not work: nothing was written then, and who
 * asked can ask again. @returns null for anything else
 */
export function asStorageFault(thrown: unknown): AppError | null {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'string') return null;
  const { code } = thrown;
  if (!FULL_OR_FAILING.some((known) => code === known || code.startsWith(`${known}_`))) return null;
  return new AppError('storage', 'The disk is full or cannot be written; free some space, then do it again.', {
    reason: 'disk-full',
    cause: thrown,
  });
}
