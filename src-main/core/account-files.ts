import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { CacheFolder } from './cache/cache-folder.ts';
import { type CacheThreads, inlineThreads, workerThreads } from './cache/cache-threads.ts';
import { isDamage } from './cache/open-database.ts';
import { openEncryptedDatabase } from './encrypted-database.ts';
import { viewQueries } from './features/view-queries.ts';
import type { ConsoleKeys } from './local-keys.ts';
import type { Outbox } from './outbox/outbox.ts';
import { SqliteOutbox } from './outbox/sqlite-outbox.ts';

/** Where one account keeps what it has. */
export interface AccountFiles {
  /** @param now epoch ms @param makeId makes a UUID @throws AppError `incompatible`, SqliteError */
  openOutbox(now: number, makeId: () => string): Outbox;
  /** Where the parts of its cache run. */
  readonly threads: CacheThreads;
}

export interface AccountFolderParts {
  dataDir: string;
  relayUrl: string;
  agentId: string;
  keys: ConsoleKeys;
  /** Entry of the worker threads; null runs everything in the calling thread. */
  workerScript: URL | null;
}

/** The account's folder in `dataDir`, made where there is none. */
export function openAccountFolder(parts: AccountFolderParts): AccountFiles {
  const { agentId, keys, workerScript } = parts;
  const folder = folderOf(parts);
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const openCache = (file: string, mode: 'read' | 'write') => openEncryptedDatabase(file, keys.cache, mode);
  return {
    openOutbox: (now, makeId) =>
      SqliteOutbox.open({
        file: path.join(folder, 'outbox.db'),
        open: (file) => openEncryptedDatabase(file, keys.outbox, 'write'),
        ...{ isDamage, now, makeId },
      }),
    threads:
      workerScript === null
        ? inlineThreads(new CacheFolder(folder, openCache, agentId), agentId, viewQueries)
        : workerThreads(workerScript, { folder, key: keys.cache, agentId }),
  };
}

/** `accounts/<hash of relay and agent>`: two relays may know agents of the same id. */
function folderOf({ dataDir, relayUrl, agentId }: AccountFolderParts): string {
  const hash = createHash('sha256').update(`${relayUrl}\n${agentId}`).digest('hex').slice(0, 32);
  return path.join(dataDir, 'accounts', hash);
}
