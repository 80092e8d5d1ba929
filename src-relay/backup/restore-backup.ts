import { copyFile, mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { Clock, Random } from '../../shared/primitives/clock.ts';
import { parseSubjectRef, type SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import { makeUuidV7 } from '../../shared/primitives/uuid-v7.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { openCopiedDatabase } from '../event-log/open-relay-database.ts';
import { openSqliteEventLog } from '../event-log/sqlite-event-log.ts';
import {
  ERASED_LIST_NAME,
  type ErasedEntry,
  entriesOfLog,
  erasedBeyond,
  lacksSome,
  readErasedList,
} from './erased-list.ts';
import { listErased } from './list-erased.ts';
import { type Manifest, verifyBackup } from './manifest.ts';

interface RestoreOptions {
  /** Folder of the backup. */
  from: string;
  /** Must be empty or not exist. */
  dataFolder: string;
  clock: Clock;
  random: Random;
}

export interface RestoredBackup extends Manifest {
  /** Lineage of the restored log. */
  newEpoch: string;
  /** Files from which it is known who was erased after the backup was made; none where nobody told. */
  erasedLists: string[];
  /** Customers in the backup who had been erased since, and are now again. */
  erasedAgain: number;
  /** The backup knows of erasures that no list names: the lists are missing or not its own, and may lack later ones. */
  mayHoldErased: boolean;
}

/**
 * Verifies a backup and makes a data folder of it. The log gets a new lineage, so that consoles which saw what came
 * after the backup fetch anew instead of going on from a position that means something else (SYNC-L3). Messages that waited to be delivered when the
 * backup was made may have been sent since: each channel is asked what it knows before anything is sent (SYNC-X1).
 * Customers who were erased after it was made, by the lists in it and beside it, are erased again (SYNC-L7).
 * @throws AppError `conflict` (`data-folder-not-empty`), `invalid` as `verifyBackup`, `incompatible`, `storage`
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoredBackup> {
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
    const lists = await readLists(from);
    const outcome = await giveNewLineage(path.join(half, 'relay.db'), lists, options);
    // A rename onto a folder fails on Windows, even onto an empty one.
    await rmdir(dataFolder).catch(() => {});
    await mkdir(path.dirname(dataFolder), { recursive: true });
    await rename(half, dataFolder);
    return { ...manifest, ...outcome, erasedLists: lists.map(({ folder }) => path.join(folder, ERASED_LIST_NAME)) };
  } catch (cause) {
    await rm(half, { recursive: true, force: true }).catch(() => {});
    if (cause instanceof AppError) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('storage', `The backup could not be restored: ${detail}.`, { reason: 'restore-failed', cause });
  }
}

/** The lists of what was erased that are in the backup's folder and in the one around it. */
async function readLists(backup: string): Promise<{ folder: string; entries: ErasedEntry[] }[]> {
  const folders = [path.resolve(backup), path.dirname(path.resolve(backup))];
  const lists = await Promise.all(folders.map(async (folder) => ({ folder, entries: await readErasedList(folder) })));
  return lists.flatMap(({ folder, entries }) => (entries === null ? [] : [{ folder, entries }]));
}

async function giveNewLineage(
  databaseFile: string,
  lists: readonly { entries: ErasedEntry[] }[],
  { clock, random }: RestoreOptions,
): Promise<Pick<RestoredBackup, 'newEpoch' | 'erasedAgain' | 'mayHoldErased'>> {
  const database = openCopiedDatabase(databaseFile);
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
    const lineages = eventLog.lineages();
    const listed = entriesOfLog(
      lists.flatMap(({ entries }) => entries),
      lineages,
    );
    const mayHoldErased = lacksSome(listed, listErased(database));
    const lost = erasedBeyond(listed, { lineages, head: eventLog.head() });
    const erasedAgain = await eraseAgain(eventLog, lost, random, clock);
    eventLog.rotateEpoch();
    eventLog.deliveries.doubtQueued();
    const { epoch } = eventLog;
    await eventLog.close();
    return { newEpoch: epoch, erasedAgain, mayHoldErased };
  } finally {
    database.close();
  }
}

/** What channels and files have of them goes when the relay starts. @returns how many customers there were */
async function eraseAgain(
  eventLog: EventLog,
  subjects: readonly string[],
  random: Random,
  clock: Clock,
): Promise<number> {
  let erased = 0;
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
      if (result.ok && remaining === 0) erased += 1;
    }
  }
  return erased;
}
