import path from 'node:path';
import type { Logger } from 'pino';
import { type ErasedEntry, rememberErased } from './erased-list.ts';
import { listBackups } from './known-backups.ts';

/**
 * Notes what was erased beside the relay's backups, and in each backup that can be reached and beside it: a folder that
 * was copied since, alone or with others, is enough for a restore to know whom it must not bring back (SYNC-L7).
 * @throws what the file system says of the list beside the relay's own backups; the others are brought up to date when
 * somebody is erased again, or a backup is made there
 */
export async function followBackups(
  backupsFolder: string,
  entries: readonly ErasedEntry[],
  logger: Pick<Logger, 'error'>,
): Promise<void> {
  if (entries.length === 0) return;
  await rememberErased(backupsFolder, entries);
  const backups = await listBackups(backupsFolder);
  const folders = new Set(backups.flatMap((backup) => [backup, path.dirname(backup)]));
  for (const folder of folders) {
    if (folder === path.resolve(backupsFolder)) continue;
    await rememberErased(folder, entries).catch((error: unknown) => {
      logger.error(
        { err: error, folder },
        'what was erased could not be noted with a backup; delete it, or copy the list',
      );
    });
  }
}
