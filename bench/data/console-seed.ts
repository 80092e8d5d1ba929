import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Random } from '../../shared/primitives/clock.ts';
import { LeasedKey } from '../../src-main/core/leased-key.ts';
import { readOrMakeLocalKeys } from '../../src-main/core/local-keys.ts';
import { createSystemRandom } from '../../src-main/core/system-clock.ts';
import { CacheFolder } from '../../src-main/core/cache/cache-folder.ts';
import { WriterHost } from '../../src-main/core/cache/writer-host.ts';
import { openEncryptedDatabase } from '../../src-main/core/encrypted-database.ts';
import { ConsoleCore } from '../processes/console-core.ts';
import { startRelayProcess } from '../processes/start-relay-process.ts';
import { AGENTS, CHANNEL_ID, QUEUE_ID, RelaySeed } from './relay-seed.ts';
import { type HistorySpec, writeHistory } from './synthetic-history.ts';
import type { TextGenerator } from './text-generator.ts';

const PASSWORD = 'một mật khẩu dài';
const WITHIN_MS = 60_000;

/** A console's folder as its process left it. */
export interface SeededConsole {
  dataDir: string;
  /** The folder in it that holds `cache.db`. */
  cacheFolder: string;
  /** Of the cache; 64 hex digits. */
  cacheKey: string;
  agentId: string;
}

/**
 * Signs a real console in at a real relay, waits until it holds everything, and stops both.
 * @param agoMs how long ago everything happened
 */
export async function makeConsole(
  folder: string,
  random: Random,
  texts: TextGenerator,
  conversations: number,
  agoMs = 0,
): Promise<SeededConsole & { relay: RelayFolder }> {
  const relayFolder = path.join(folder, 'relay');
  const dataDir = path.join(folder, 'console');
  mkdirSync(relayFolder, { recursive: true });
  const seed = new RelaySeed(relayFolder, random, texts, agoMs);
  await seed.addWorkspace(AGENTS);
  await seed.addConversations(conversations);
  const credentials = await seed.setPassword(0, PASSWORD);
  const { head, conversationIds } = seed;
  await seed.close();

  const relay = await startRelayProcess(relayFolder, 0);
  try {
    const core = await ConsoleCore.start({ dataDir, signIn: { relayUrl: relay.url, ...credentials } });
    try {
      await core.reachHead(head, WITHIN_MS);
    } finally {
      await core.stop();
    }
  } finally {
    await relay.stop();
  }
  const cacheFolder = findCacheFolder(dataDir);
  const cacheKey = new LeasedKey(cacheFolder, readOrMakeLocalKeys(dataDir).cache, createSystemRandom()).current();
  const port = Number(new URL(relay.url).port);
  return {
    dataDir,
    cacheFolder,
    cacheKey,
    agentId: credentials.agentId,
    relay: { folder: relayFolder, port, conversationIds },
  };
}

/** A stopped relay's folder. Consoles know it by its port. */
export interface RelayFolder {
  folder: string;
  port: number;
  conversationIds: readonly string[];
}

/**
 * Fills the cache of a console that is not running with a month of conversations, by the same writer that applies a
 * relay's frames. The relay does not have them: such a console must stay offline.
 */
export function fillCache(
  console: SeededConsole,
  history: Pick<HistorySpec, 'messages' | 'messagesEach' | 'named'>,
  random: Random,
  texts: TextGenerator,
): void {
  const open = (file: string, mode: 'read' | 'write') => {
    const database = openEncryptedDatabase(file, console.cacheKey, mode);
    // One write-ahead log for all of it, or most of the time goes into checkpoints of pages that change again.
    database.pragma('wal_autocheckpoint = 200000');
    database.pragma('cache_size = -400000');
    return database;
  };
  const writer = new WriterHost(new CacheFolder(console.cacheFolder, open, console.agentId), console.agentId);
  writer.open();
  const { epoch, cursor, heldSince } = writer.position();
  if (epoch === null) throw new Error('the console has no cache to continue');
  const spec: HistorySpec = {
    ...history,
    afterSeq: cursor,
    session: epoch,
    channelId: CHANNEL_ID,
    queueId: QUEUE_ID,
    agentIds: Array.from({ length: AGENTS }, (_, index) => `agent-${index}`),
    endsAt: Date.now(),
  };
  for (const frame of writeHistory(spec, random, texts)) {
    writer.applyFrame(frame, epoch, heldSince);
    writer.tidy();
  }
  writer.close();
}

function findCacheFolder(dataDir: string): string {
  const found = readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).find((file) =>
    /(^|[\\/])cache\.db$/.test(file),
  );
  if (found === undefined) throw new Error(`there is no cache.db in ${dataDir}`);
  return path.dirname(path.join(dataDir, found));
}
