import { setFlagsFromString } from 'node:v8';
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

/**
 * The most that V8 takes for objects before they prove to live longer, in MB: thrice a half of their space. Left to itself
 * a thread takes ten times as much during a catch-up, which makes nothing quicker that could be measured. What lives has
 * no limit: reaching it would end the thread. The writer's is such that a frame of 256 KiB with all that is made of it fits
 * (`collectYoungObjects`).
 */
const YOUNG_OBJECTS_MB: Record<CacheThreadData['role'], number> = { writer: 24, reader: 3, checker: 3 };

/** Where the parts of a cache run. */
export interface CacheThreads {
  startWriter(): ThreadLink<WriterHost>;
  startReader(): ThreadLink<CacheReader>;
  startCheck(): ThreadLink<{ check(): boolean }>;
  /** What is cached cannot be read by anybody who is started from now on. Durable when it returns. */
  dropKey(): void;
}

/** The key of a cache, which may come to an end (SYNC-V3). */
export interface CacheKey {
  /** 64 hex digits. */
  current(): string;
  drop(): void;
}

/** One worker thread each, so that applying frames never delays a view (SYNC-F3). @param script the workers' entry */
export function workerThreads(
  script: URL,
  { folder, agentId }: Pick<CacheThreadData, 'folder' | 'agentId'>,
  key: CacheKey,
): CacheThreads {
  const start = <Target>(role: CacheThreadData['role']): ThreadLink<Target> => {
    // What the host told for its own thread would take precedence over what is said below, in each thread.
    setFlagsFromString('--max-semi-space-size=0');
    const worker = new Worker(script, {
      workerData: { folder, agentId, key: key.current(), role } satisfies CacheThreadData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_OBJECTS_MB[role] },
    });
    const link = new PortLink<Target>(worker, () => worker.terminate());
    worker.on('error', (cause) => link.break(threadDied(`The ${role} thread failed.`, cause)));
    worker.on('exit', () => link.break(threadDied(`The ${role} thread ended.`)));
    return link;
  };
  return {
    startWriter: () => start<WriterHost>('writer'),
    startReader: () => start<CacheReader>('reader'),
    startCheck: () => start<{ check(): boolean }>('checker'),
    dropKey: () => key.drop(),
  };
}

/** Everything in the calling thread: for simulations, where one seed must give one run. */
export function inlineThreads(
  folder: CacheFolder,
  agentId: string,
  queries: Readonly<Record<string, ViewQuery>>,
  key: CacheKey,
): CacheThreads {
  return {
    startWriter: () => new InlineLink(new WriterHost(folder, agentId)),
    startReader: () =>
      new InlineLink(new CacheReader(() => new SqliteReaderStore(folder.openReader(), queries), agentId)),
    startCheck: () => new InlineLink({ check: () => checkCache(folder) }),
    dropKey: () => key.drop(),
  };
}
