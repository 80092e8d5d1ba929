import { Worker } from 'node:worker_threads';
import type { CacheFolder } from './cache-folder.ts';
import { CacheReader } from './cache-reader.ts';
import { checkCache } from './check-cache.ts';
import { SqliteReaderStore, type ViewQuery } from './sqlite-reader-store.ts';
import { InlineLink, PortLink, type ThreadLink, threadDied } from './thread-link.ts';
import { WriterHost } from './writer-host.ts';

export interface CacheThreadData {
  role: 'writer' | 'reader' | 'checker';
  folder: string;
  /** 64 hex digits. */
  key: string;
  agentId: string;
}

/** Where the parts of a cache run. */
export interface CacheThreads {
  startWriter(): ThreadLink<WriterHost>;
  startReader(): ThreadLink<CacheReader>;
  startCheck(): ThreadLink<{ check(): boolean }>;
}

/** One worker thread each, so that applying frames never delays a view (SYNC-F3). @param script the workers' entry */
export function workerThreads(script: URL, data: Omit<CacheThreadData, 'role'>): CacheThreads {
  const start = <Target>(role: CacheThreadData['role']): ThreadLink<Target> => {
    const worker = new Worker(script, { workerData: { ...data, role } satisfies CacheThreadData });
    const link = new PortLink<Target>(worker, () => worker.terminate());
    worker.on('error', (cause) => link.break(threadDied(`The ${role} thread failed.`, cause)));
    worker.on('exit', () => link.break(threadDied(`The ${role} thread ended.`)));
    return link;
  };
  return {
    startWriter: () => start<WriterHost>('writer'),
    startReader: () => start<CacheReader>('reader'),
    startCheck: () => start<{ check(): boolean }>('checker'),
  };
}

/** Everything in the calling thread: for simulations, where one seed must give one run. */
export function inlineThreads(
  folder: CacheFolder,
  agentId: string,
  queries: Readonly<Record<string, ViewQuery>>,
): CacheThreads {
  return {
    startWriter: () => new InlineLink(new WriterHost(folder, agentId)),
    startReader: () =>
      new InlineLink(new CacheReader(() => new SqliteReaderStore(folder.openReader(), queries), agentId)),
    startCheck: () => new InlineLink({ check: () => checkCache(folder) }),
  };
}
