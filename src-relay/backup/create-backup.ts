import { copyFile, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import BetterSqlite3, { type Database } from 'better-sqlite3';
import { AppError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/primitives/clock.ts';
import { markAsCopy } from '../event-log/open-relay-database.ts';
import { rememberErased } from './erased-list.ts';
import { noteBackup } from './known-backups.ts';
import { listErased } from './list-erased.ts';
import { MANIFEST_NAME, type Manifest, hashFile } from './manifest.ts';

export interface BackupSummary {
  folder: string;
  /** Seq of the newest event in it. */
  head: number;
  files: number;
  bytes: number;
  /** Files that the database names and the disk does not have. */
  missing: number;
}

interface BackupOptions {
  database: Database;
  filesFolder: string;
  /** Goes into the backup, so that nobody has to sign in again and visitors stay who they are. */
  signingKey: Uint8Array;
  /** Folder to make; must not exist. */
  to: string;
  /** Where the relay keeps the list of what was erased, and backups that name no folder. */
  backupsFolder: string;
  version: string;
  clock: Clock;
}

/**
 * Copies the database, as of one moment, and the files it names into a new folder, while the relay works on. The copy
 * holds every secret of the relay and has to be kept like one.
 * @throws AppError `conflict` (`backup-exists`), `storage`
 */
export async function createBackup(options: BackupOptions): Promise<BackupSummary> {
  const { to } = options;
  if ((await stat(to).catch(() => null)) !== null) {
    throw new AppError('conflict', `${to} exists already; name a folder that does not.`, { reason: 'backup-exists' });
  }
  const half = `${to}.incomplete`;
  try {
    await rm(half, { recursive: true, force: true });
    await mkdir(half, { recursive: true, mode: 0o700 });
    const manifest = await copyInto(half, options);
    await rememberErased(half, listErased(options.database));
    await noteBackup(options.backupsFolder, to);
    await rename(half, to);
    // From here on an erasure finds this backup. Those of before could not, and some may not be in what was copied; and
    // older backups there may have been out of reach when somebody was erased.
    const erased = listErased(options.database);
    for (const folder of [to, path.dirname(path.resolve(to)), options.backupsFolder]) {
      await rememberErased(folder, erased);
    }
    const bytes = manifest.files.reduce((sum, file) => sum + file.size, 0);
    const files = manifest.files.filter((file) => file.path.startsWith('files/')).length;
    return { folder: to, head: manifest.head, files, bytes, missing: manifest.missing.length };
  } catch (cause) {
    await rm(half, { recursive: true, force: true }).catch(() => {});
    if (cause instanceof AppError) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('storage', `The backup could not be written: ${detail}.`, { reason: 'backup-failed', cause });
  }
}

async function copyInto(folder: string, options: BackupOptions): Promise<Manifest> {
  const copy = path.join(folder, 'relay.db');
  const createdAt = options.clock.now();
  await options.database.backup(copy);
  const { epoch, head, fileIds } = settleCopy(copy);
  const signingKey = Buffer.from(options.signingKey).toString('hex');
  await writeFile(path.join(folder, 'signing.key'), `${signingKey}\n`, { mode: 0o600 });
  const paths = ['relay.db', 'signing.key'];
  const missing: string[] = [];
  for (const fileId of fileIds) {
    const relative = `files/${fileId.slice(0, 2)}/${fileId}`;
    await mkdir(path.dirname(path.join(folder, relative)), { recursive: true, mode: 0o700 });
    const isCopied = await copyIfThere(
      path.join(options.filesFolder, fileId.slice(0, 2), fileId),
      path.join(folder, relative),
    );
    if (isCopied) paths.push(relative);
    else missing.push(fileId);
  }
  forgetFiles(copy, missing);
  const files = [];
  for (const relative of paths) {
    const full = path.join(folder, relative);
    await syncFile(full);
    files.push({ path: relative, size: (await stat(full)).size, sha256: await hashFile(full) });
  }
  const manifest: Manifest = { format: 1, version: options.version, createdAt, epoch, head, files, missing };
  const handle = await open(path.join(folder, MANIFEST_NAME), 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return manifest;
}

/** Marks the copy as one, and looks into it rather than into the original, which has moved on. */
function settleCopy(file: string): { epoch: string; head: number; fileIds: string[] } {
  const copy = new BetterSqlite3(file);
  try {
    // One file instead of three, and readable where no WAL can be written.
    copy.pragma('journal_mode = DELETE');
    markAsCopy(copy);
    const meta = copy.prepare<[], { epoch: string; head: number }>('SELECT epoch, head FROM log_meta').get()!;
    const fileIds = copy.prepare<[], { id: string }>('SELECT id FROM file ORDER BY id').all();
    return { ...meta, fileIds: fileIds.map(({ id }) => id) };
  } finally {
    copy.close();
  }
}

/** A file may have been swept since the database was copied; one that the disk lost must not prevent every backup. */
async function copyIfThere(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

/** What is not in the backup is not said to be, so that it can be uploaded again. */
function forgetFiles(file: string, fileIds: readonly string[]): void {
  const copy = new BetterSqlite3(file);
  try {
    copy.pragma('foreign_keys = ON');
    const forget = copy.prepare('DELETE FROM file WHERE id = ?');
    for (const fileId of fileIds) forget.run(fileId);
  } finally {
    copy.close();
  }
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
