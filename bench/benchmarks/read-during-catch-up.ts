import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseFileOf } from '../../src-relay/data-folder.ts';
import { seededRandom } from '../../tests/fakes/manual-clock.ts';
import type { BenchSettings, Benchmark, OpenBenchmark, Round } from '../benchmark.ts';
import { copyCache, openAwayConsole, restoreCache } from '../data/away-console.ts';
import { startFloor } from '../floor/start-floor.ts';
import { p50AndP99, quantile } from '../measuring/statistics.ts';
import { ConsoleCore } from '../processes/console-core.ts';
import { startRelayProcess } from '../processes/start-relay-process.ts';

const WITHIN_MS = 120_000;
const PAUSE_MS = 4;
const SETTLED_AFTER_MS = 1000;

/** Whether an agent can work while the console catches up. */
export const readDuringCatchUp: Benchmark = {
  name: 'read-during-catch-up',
  ours: 'a page of 50 rows through the core’s port while it applies the events; transaction: p99 of the writer’s own, or of what it does between them if that is more',
  reference: 'the same pages of the same core when nothing else happens',
  parts: [
    { part: 'p50', unit: 'ms', must: { ratio: 5 }, aim: { ratio: 1.5 } },
    { part: 'p99', unit: 'ms', must: { ratio: 5 }, aim: { ratio: 1.5 } },
    { part: 'transaction', unit: 'ms', must: { ours: 50 }, aim: { ours: 50 } },
  ],
  takesSeconds: 150,
  open,
};

async function open(settings: BenchSettings): Promise<OpenBenchmark> {
  const away = await openAwayConsole(settings);
  const { relay: relayFolder, dataDir, cacheKey, agentId } = away;
  const relay = await startRelayProcess(relayFolder.folder, relayFolder.port);
  const random = seededRandom(50);
  const pick = (): string =>
    relayFolder.conversationIds[Math.floor(random.fraction() * relayFolder.conversationIds.length)]!;
  let reads = 0;

  const readPage = async (core: ConsoleCore): Promise<number> => {
    const conversationId = pick();
    const startedAt = performance.now();
    const { messages } = await core.request('message.list', { conversationId, limit: 50 });
    const elapsedMs = performance.now() - startedAt;
    if (messages.length === 0) throw new Error('a page came up empty');
    await sleep(PAUSE_MS);
    return elapsedMs;
  };
  /** Only pages between the first event that was applied and the last. */
  const readWhileBehind = async (core: ConsoleCore): Promise<number[]> => {
    const samples: number[] = [];
    const giveUpAt = performance.now() + WITHIN_MS;
    for (;;) {
      const { cursor, state } = await core.request('sync.status', {});
      if (state === 'online' && cursor >= away.head) return samples;
      if (performance.now() > giveUpAt) throw new Error(`the console is not at ${away.head} but at ${cursor}`);
      if (cursor === away.cursor) await sleep(PAUSE_MS);
      else samples.push(await readPage(core));
    }
  };
  const ours = async (): Promise<Round> => {
    restoreCache(away);
    const core = await ConsoleCore.start({ dataDir });
    let samples: number[];
    try {
      samples = await readWhileBehind(core);
    } finally {
      await core.stop();
    }
    if (samples.length < 20) throw new Error(`only ${samples.length} pages were read while it caught up`);
    reads = samples.length;
    return { ...p50AndP99(samples), transaction: await measureTransactions() };
  };
  const measureTransactions = async (): Promise<{ value: number; samples: number[] }> => {
    const cacheFolder = path.join(path.dirname(away.base), 'floor');
    copyCache(away.base, cacheFolder);
    const floor = startFloor();
    try {
      const relayDatabase = databaseFileOf(relayFolder.folder);
      const { frameMs, tidyMs } = await floor.call('applyLog', {
        relayDatabase,
        cacheFolder,
        cacheKey,
        agentId,
        isCutAsSent: true,
      });
      // Both keep others from writing; that there is often nothing to tidy must not make the figure better.
      return { value: Math.max(quantile(frameMs, 0.99), quantile(tidyMs, 0.99)), samples: frameMs };
    } finally {
      await floor.stop();
    }
  };
  const reference = async (): Promise<Round> => {
    const core = await ConsoleCore.start({ dataDir });
    try {
      await core.reachHead(away.head, WITHIN_MS);
      await sleep(SETTLED_AFTER_MS);
      const samples: number[] = [];
      while (samples.length < Math.max(reads, 200)) samples.push(await readPage(core));
      return p50AndP99(samples);
    } finally {
      await core.stop();
    }
  };
  return {
    get size() {
      return `${away.events} events behind, about ${reads} pages while that lasts, as many without`;
    },
    ours,
    reference,
    close: () => relay.stop(),
  };
}
