import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Clock, Random } from '../../shared/primitives/clock.ts';
import { Ballast } from './ballast.ts';
import { CacheFolder } from './cache/cache-folder.ts';
import { type CacheThreads, inlineThreads, workerThreads } from './cache/cache-threads.ts';
import { isDamage } from './cache/open-database.ts';
import { type DiskRoom, noRoomKept } from './disk-room.ts';
import { openEncryptedDatabase } from './encrypted-database.ts';
import { viewQueries } from './features/view-queries.ts';
import { LeasedKey } from './leased-key.ts';
import type { ConsoleKeys } from './local-keys.ts';
import type { Outbox } from './outbox/outbox.ts';
import { SqliteOutbox } from './outbox/sqlite-outbox.ts';

/** Where one account keeps what it has. */
export interface AccountFiles {
  /** @param now epoch ms @param makeId makes a UUID @throws AppError `incompatible`, SqliteError */
  openOutbox(now: number, makeId: () => string): Outbox;
  /** Where the parts of its cache run. */
  readonly threads: CacheThreads;
  /** Room kept on their disk. */
  readonly room: DiskRoom;
}

export interface AccountFolderParts {
  dataDir: string;
  relayUrl: string;
  agentId: string;
  keys: ConsoleKeys;
  /** Entry of the worker threads; null runs everything in the calling thread. */
  workerScript: URL | null;
  /** Size of the file that keeps room on the disk; 0 for none. */
  ballastBytes: number;
  clock: Clock;
  random: Random;
}

/** The account's folder in `dataDir`, made where there is none. */
export function openAccountFolder(parts: AccountFolderParts): AccountFiles {
  const { agentId, keys, workerScript, clock, random, ballastBytes } = parts;
  const folder = folderOf(parts);
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const key = new LeasedKey(folder, keys.cache, random);
  const openCache = (file: string, mode: 'read' | 'write') => openEncryptedDatabase(file, key.current(), mode);
  const room =
    ballastBytes === 0
      ? noRoomKept
      : new Ballast({ file: path.join(folder, 'ballast'), sizeBytes: ballastBytes, clock, random });
  return {
    room,
    openOutbox: (now, makeId) =>
      SqliteOutbox.open({
        file: path.join(folder, 'outbox.db'),
        open: (file) => openEncryptedDatabase(file, keys.outbox, 'write'),
        ...{ isDamage, room, now, makeId },
      }),
    threads:
      workerScript === null
        ? inlineThreads(new CacheFolder(folder, openCache, agentId), agentId, viewQueries, key)
        : workerThreads(workerScript, { folder, agentId }, key),
  };
}

/**
 * Deletes the caches of all accounts but one: of somebody who signed out while this process was being killed, or who was
 * here before without signing out. What they had not sent stays, and the rest is fetched again when they sign in.
 * @param keep null keeps none
 * @param onFailure told of what cannot be deleted now, as when something else has it open; the next start tries again
 */
export function removeOtherCaches(
  dataDir: string,
  keep: { relayUrl: string; agentId: string } | null,
  onFailure: (error: unknown, file: string) => void,
): void {
  const accounts = path.join(dataDir, 'accounts');
  if (!fs.existsSync(accounts)) return;
  const kept = keep === null ? null : folderOf({ dataDir, ...keep });
  // File managers leave files of their own everywhere.
  const folders = fs.readdirSync(accounts, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of folders) {
    const folder = path.join(accounts, name);
    if (folder === kept) continue;
    for (const file of fs.readdirSync(folder)) {
      if (file.startsWith('cache.')) removeOrTell(path.join(folder, file), onFailure);
    }
  }
}

function removeOrTell(file: string, onFailure: (error: unknown, file: string) => void): void {
  try {
    fs.rmSync(file, { force: true });
  } catch (error) {
    onFailure(error, file);
  }
}

/** `accounts/<hash of relay and agent>`: two relays may know agents of the same id. */
function folderOf({
  dataDir,
  relayUrl,
  agentId,
}: Pick<AccountFolderParts, 'dataDir' | 'relayUrl' | 'agentId'>): string {
  const hash = createHash('sha256').update(`${relayUrl}\n${agentId}`).digest('hex').slice(0, 32);
  return path.join(dataDir, 'accounts', hash);
}
