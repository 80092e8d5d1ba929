import { copyFile, mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { Clock, Random } from '../../shared/primitives/clock.ts';
import { parseSubjectRef, type SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import { makeUuidV7 } from '../../shared/primitives/uuid-v7.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { openRelayDatabase } from '../event-log/open-relay-database.ts';
import { openSqliteEventLog } from '../event-log/sqlite-event-log.ts';
import { listErasedSince } from './erased-list.ts';
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
 * Customers who were erased after it was made, by the list beside the backup, are erased again (SYNC-L7).
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
    const erased = await listErasedSince(from, manifest.createdAt);
    const newEpoch = await giveNewLineage(path.join(half, 'relay.db'), erased, options);
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

async function giveNewLineage(
  databaseFile: string,
  erased: readonly string[],
  { clock, random }: RestoreOptions,
): Promise<string> {
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
    await eraseAgain(eventLog, erased, random, clock);
    eventLog.rotateEpoch();
    eventLog.deliveries.doubtQueued();
    const { epoch } = eventLog;
    await eventLog.close();
    return epoch;
  } finally {
    database.close();
  }
}

/** What channels and files have of them goes when the relay starts. */
async function eraseAgain(
  eventLog: EventLog,
  subjects: readonly string[],
  random: Random,
  clock: Clock,
): Promise<void> {
  for (const subject of subjects as SubjectRef[]) {
    const { kind, id } = parseSubjectRef(subject);
    if (kind !== 'customer') continue;
    for (let remaining = 1; remaining > 0;) {
      const commandId = makeUuidV7(clock.now(), random.bytes(10));
      const result = await eventLog.submit({
        command: { id: commandId, type: 'customer.erase', v: 1, args: { customerId: id } },
        by: { kind: 'system', name: 'restore' },
        isDelayed: false,
      });
      if (!result.ok && result.error.kind !== 'not_found') throw AppError.fromBody(result.error);
      remaining = result.ok ? (result.output as { remaining: number }).remaining : 0;
    }
  }
}
