import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEncryptedDatabase } from '../../src-main/core/encrypted-database.ts';
import { seededRandom } from '../../tests/fakes/manual-clock.ts';
import type { AnchorCalls } from '../anchor-server/anchor-calls.ts';
import type { BenchSettings, Benchmark, OpenBenchmark } from '../benchmark.ts';
import { type AwayConsole, openAwayConsole, restoreCache } from '../data/away-console.ts';
import { RelaySeed } from '../data/relay-seed.ts';
import { TextGenerator } from '../data/text-generator.ts';
import { readRss } from '../measuring/peak-memory.ts';
import { startChild } from '../processes/child-calls.ts';
import { ConsoleCore } from '../processes/console-core.ts';
import { type RelayProcess, startRelayProcess } from '../processes/start-relay-process.ts';
import { readPosition } from '../swarm/start-swarms.ts';
import { startSwarm } from '../swarm/start-swarm.ts';

const ANCHOR = path.join(import.meta.dirname, '../anchor-server/main.ts');
const MIB = 2 ** 20;
const KIB = 2 ** 10;
const WITHIN_MS = 120_000;
const IDLE_MS = 1000;
/** Connections of the core to its cache, each with a page cache: writer and reader. */
const CONNECTIONS = 2;
const PER_PAGE_CACHE = 2.5;
const FIXED_MIB = 20;
const WORDS = ['giao', 'hàng', 'the', 'size', 'áo', 'order'];

/** What stays in memory. */
export const memory: Benchmark = {
  name: 'memory',
  ours: 'core: the core’s process after it caught up and an agent worked on it for a while; relay: more of the relay per console that does nothing',
  reference: 'core: a bare Node process, 2.5 times the page caches and 20 MiB; relay: more of plain ws per socket',
  parts: [
    { part: 'core', unit: 'MiB', must: { ratio: 1 }, aim: { ratio: 1 } },
    { part: 'relay', unit: 'KiB', must: { ratio: 2.5 }, aim: { ratio: 1.8 } },
  ],
  takesSeconds: 200,
  open,
};

async function open(settings: BenchSettings): Promise<OpenBenchmark> {
  const { isShort, folder, say, soakMs } = settings;
  const away = await openAwayConsole(settings);
  const count = isShort ? 400 : 2000;
  const own = path.join(folder, 'memory');
  say(`a relay with ${count} agents`);
  const random = seededRandom(64);
  const seed = new RelaySeed(path.join(own, 'base'), random, new TextGenerator(random));
  await seed.addWorkspace(count);
  await seed.addConversations(200);
  const { conversationIds } = seed;
  await seed.close();

  const relay = await startRelayProcess(away.relay.folder, away.relay.port);
  restoreCache(away);
  const core = await ConsoleCore.start({ dataDir: away.dataDir });
  await core.reachHead(away.head, WITHIN_MS);
  let soakedMs = 0;

  const measureRelay = async (): Promise<number> => {
    const used = path.join(own, 'used');
    rmSync(used, { recursive: true, force: true });
    cpSync(path.join(own, 'base'), used, { recursive: true });
    const again = new RelaySeed(used, random, new TextGenerator(random));
    const accessTokens = (await again.issueTokens(count)).map(({ accessToken }) => accessToken);
    await again.close();
    const server = await startRelayProcess(used, 0);
    const consoles = startSwarm();
    try {
      const position = await readPosition(server.url, accessTokens[0]!);
      return await perSocket(
        count,
        () => rssOf(server),
        (from, to) => {
          const tokens = accessTokens.slice(from, to);
          return consoles.call('connectConsoles', { url: server.url, accessTokens: tokens, position, conversationIds });
        },
      );
    } finally {
      await consoles.stop();
      await server.stop();
    }
  };
  const measureAnchor = async (): Promise<number> => {
    const server = startChild<AnchorCalls>(ANCHOR);
    const sockets = startSwarm();
    try {
      const url = await server.call('broadcast', null);
      const rss = async (): Promise<number> => (await server.call('usage', { isCollected: true })).rssBytes;
      return await perSocket(count, rss, (from, to) => sockets.call('connectPlain', { url, count: to - from }));
    } finally {
      await sockets.stop();
      await server.stop();
    }
  };
  return {
    get size() {
      const hour = 'an hour is `--soak 3600 --rounds 1`';
      return `core: ${away.events} events caught up, then ${Math.round(soakedMs / 1000)} s of reading, searching and writing (${hour}); relay: the second half of ${count} consoles`;
    },
    ours: async () => {
      await soak(core, away, soakMs);
      soakedMs += soakMs;
      return { core: { value: readRss(core.pid) / MIB }, relay: { value: (await measureRelay()) / KIB } };
    },
    reference: async () => ({
      core: { value: (await allowedForCore(away)) / MIB },
      relay: { value: (await measureAnchor()) / KIB },
    }),
    close: async () => {
      await core.stop();
      await relay.stop();
    },
  };
}

async function rssOf(server: RelayProcess): Promise<number> {
  return (await server.usage(true)).rssBytes;
}

/**
 * What the second half of the sockets needs more. The first half also makes V8 take the room in which it works, which it
 * keeps however many there are.
 */
async function perSocket(
  count: number,
  rss: () => Promise<number>,
  connect: (from: number, to: number) => Promise<void>,
): Promise<number> {
  const half = Math.floor(count / 2);
  await connect(0, half);
  await sleep(IDLE_MS);
  const before = await rss();
  await connect(half, count);
  await sleep(IDLE_MS);
  return ((await rss()) - before) / (count - half);
}

async function allowedForCore(away: AwayConsole): Promise<number> {
  const bare = startChild<AnchorCalls>(ANCHOR);
  const { rssBytes } = await bare.call('usage', { isCollected: false });
  await bare.stop();
  const database = openEncryptedDatabase(path.join(away.cacheFolder, 'cache.db'), away.cacheKey, 'read');
  const pageCacheKib = -Number(database.pragma('cache_size', { simple: true }));
  database.close();
  return rssBytes + PER_PAGE_CACHE * CONNECTIONS * pageCacheKib * KIB + FIXED_MIB * MIB;
}

/** An agent at work: lists, conversations, searches, and a note every second. */
async function soak(core: ConsoleCore, { relay }: AwayConsole, forMs: number): Promise<void> {
  const random = seededRandom(Math.round(forMs));
  const pick = <One>(list: readonly One[]): One => list[Math.floor(random.fraction() * list.length)]!;
  const endsAt = performance.now() + forMs;
  let nextNoteAt = 0;
  while (performance.now() < endsAt) {
    const conversationId = pick(relay.conversationIds);
    await core.request('conversation.list', { filter: { view: 'open' } });
    await core.request('conversation.get', { conversationId });
    await core.request('message.list', { conversationId, limit: 50 });
    await core.request('search.run', { text: pick(WORDS), limit: 50 });
    if (performance.now() > nextNoteAt) {
      nextNoteAt = performance.now() + 1000;
      await core.request('note.add', { conversationId, text: 'Khách cần gọi lại trước năm giờ.' });
    }
    await sleep(20);
  }
}
