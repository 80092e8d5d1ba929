import { AppError } from '../../shared/errors.ts';

/** SQLITE_IOERR has many kinds, one for each thing that could not be done. */
const FULL_OR_FAILING = ['SQLITE_FULL', 'SQLITE_IOERR', 'ENOSPC', 'EDQUOT', 'EIO'];

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
