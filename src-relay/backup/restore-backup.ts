import { copyFile, mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { Clock, Random } from '../../shared/primitives/clock.ts';
import { openRelayDatabase } from '../event-log/open-relay-database.ts';
import { openSqliteEventLog } from '../event-log/sqlite-event-log.ts';
import { type Manifest, verifyBackup } from './manifest.ts';

interface RestoreOptions {
  /** Folder of the backup. */
  from: string;
  /** Must be empty or not exist. */
  dataFolder: string;
  clock: Clock;
  random: Random;
}

/**
 * Verifies a backup and makes a data folder of it. The log gets a new lineage, so that consoles which saw what came
 * after the backup fetch anew instead of going on from a position that means something else (SYNC-L3). Messages that waited to be delivered when the
 * backup was made may have been sent since: each channel is asked what it knows before anything is sent (SYNC-X1).
 * @throws AppError `conflict` (`data-folder-not-empty`), `invalid` as `verifyBackup`, `incompatible`, `storage`
 */
export async function restoreBackup(options: RestoreOptions): Promise<Manifest & { newEpoch: string }> {
  const { from, dataFolder } = options;
  const existing = await readdir(dataFolder).catch(() => []);
  if (existing.length > 0) {
    throw new AppError('conflict', `${dataFolder} is not empty; a backup is restored into an empty folder.`, {
      reason: 'data-folder-not-empty',
    });
  }
  const manifest = await verifyBackup(from);
  const half = `${dataFolder.replace(/[/\\]+$/, '')}.restoring`;
  try {
    await rm(half, { recursive: true, force: true });
    for (const file of manifest.files) {
      const target = path.join(half, file.path);
      await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
      await copyFile(path.join(from, file.path), target);
    }
    const newEpoch = await giveNewLineage(path.join(half, 'relay.db'), options);
    // A rename onto a folder fails on Windows, even onto an empty one.
    await rmdir(dataFolder).catch(() => {});
    await mkdir(path.dirname(dataFolder), { recursive: true });
    await rename(half, dataFolder);
    return { ...manifest, newEpoch };
  } catch (cause) {
    await rm(half, { recursive: true, force: true }).catch(() => {});
    if (cause instanceof AppError) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('storage', `The backup could not be restored: ${detail}.`, { reason: 'restore-failed', cause });
  }
}

async function giveNewLineage(databaseFile: string, { clock, random }: RestoreOptions): Promise<string> {
  const database = openRelayDatabase(databaseFile);
  try {
    const complaint = database.pragma('quick_check(1)', { simple: true });
    if (complaint !== 'ok') {
      throw new AppError('invalid', `The database in the backup is damaged: ${String(complaint)}.`, {
        reason: 'backup-damaged',
      });
    }
    const quiet = { error: () => {}, fatal: () => {} };
    const eventLog = openSqliteEventLog({
      database,
      clock,
      random,
      plan: (_channelKind, message) => [message],
      hasFile: () => false,
      logger: quiet,
    });
    eventLog.rotateEpoch();
    eventLog.deliveries.doubtQueued();
    const { epoch } = eventLog;
    await eventLog.close();
    return epoch;
  } finally {
    database.close();
  }
}
