import { parentPort, workerData } from 'node:worker_threads';
import { CacheFolder } from '../cache/cache-folder.ts';
import { CacheReader } from '../cache/cache-reader.ts';
import { checkCache } from '../cache/check-cache.ts';
import { SqliteReaderStore } from '../cache/sqlite-reader-store.ts';
import { serveThread } from '../cache/thread-link.ts';
import type { CacheThreadData } from '../cache/cache-threads.ts';
import { WriterHost } from '../cache/writer-host.ts';
import { openEncryptedDatabase } from '../encrypted-database.ts';
import { viewQueries } from '../features/view-queries.ts';

// Entry of the core's worker threads: the cache's writer, its reader, or the check after an unclean exit.
const { role, folder: folderPath, key, agentId } = workerData as CacheThreadData;
const folder = new CacheFolder(folderPath, (file, mode) => openEncryptedDatabase(file, key, mode), agentId);
const port = parentPort!;

if (role === 'writer') serveThread(port, new WriterHost(folder, agentId));
else if (role === 'reader')
  serveThread(port, new CacheReader(() => new SqliteReaderStore(folder.openReader(), viewQueries), agentId));
else serveThread(port, { check: () => checkCache(folder) });
