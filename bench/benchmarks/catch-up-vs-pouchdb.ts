import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { databaseFileOf } from '../../src-relay/data-folder.ts';
import type { BenchSettings, Benchmark, OpenBenchmark, Round } from '../benchmark.ts';
import { copyCache, openAwayConsole, restoreCache } from '../data/away-console.ts';
import { startFloor } from '../floor/start-floor.ts';
import { watchPeakRss } from '../measuring/peak-memory.ts';
import type { PouchCalls } from '../pouch/pouch-calls.ts';
import { startChild } from '../processes/child-calls.ts';
import { ConsoleCore } from '../processes/console-core.ts';
import { startRelayProcess } from '../processes/start-relay-process.ts';

const WITHIN_MS = 120_000;
const POUCH = path.join(import.meta.dirname, '../pouch/main.ts');
const MIB = 2 ** 20;

/** The same facts as documents, with the best-known way to have documents on both sides. */
export const catchUpVsPouchDb: Benchmark = {
  name: 'catch-up-vs-pouchdb',
  ours: 'the real core until it is at the relay’s head, with network, search index and encryption; rss: its most memory; bare: the statements of that catch-up alone, prepared, values at hand, in one process',
  reference: 'PouchDB, LevelDB to LevelDB in one process: no network, no index, no encryption, no views',
  parts: [
    { part: '', unit: 'events/s', must: { minRatio: 8 }, aim: { minRatio: 20 } },
    { part: 'rss', unit: 'MiB', must: { ratio: 1 / 3 }, aim: { ratio: 1 / 3 } },
    // What is left for all the rest: no writer of these rows, in these transactions, can be quicker.
    { part: 'bare', unit: 'events/s', must: {}, aim: {} },
  ],
  takesSeconds: 270,
  open,
};

async function open(settings: BenchSettings): Promise<OpenBenchmark> {
  const away = await openAwayConsole(settings);
  const { events, head, relay: relayFolder, dataDir } = away;
  const own = path.join(settings.folder, 'pouch');
  // LevelDB makes one folder, and PouchDB waits for ever when that failed.
  mkdirSync(own, { recursive: true });
  const source = path.join(own, 'source');
  const target = path.join(own, 'target');
  settings.say('the same events as documents');
  const filler = startChild<PouchCalls>(POUCH);
  const relayDatabase = databaseFileOf(relayFolder.folder);
  const filled = await filler.call('fill', { folder: source, relayDatabase, after: away.cursor });
  await filler.stop();
  if (filled !== events) throw new Error(`PouchDB has ${filled} documents instead of ${events}`);
  settings.say('the statements of a catch-up');
  const { cacheKey, agentId } = away;
  const floor = startFloor();
  const bareCache = path.join(own, 'bare');
  mkdirSync(bareCache);
  copyCache(away.base, bareCache);
  const recorded = await floor.call('recordLog', { relayDatabase, cacheFolder: bareCache, cacheKey, agentId });
  if (recorded !== events) throw new Error(`${recorded} events were applied instead of ${events}`);
  const relay = await startRelayProcess(relayFolder.folder, relayFolder.port);

  const bare = async (): Promise<number> => {
    copyCache(away.base, bareCache);
    const { elapsedMs, cursor } = await floor.call('replayRecorded', { cacheFolder: bareCache, cacheKey, agentId });
    if (cursor !== head) throw new Error(`the statements alone lead to ${cursor} instead of ${head}`);
    return (events / elapsedMs) * 1000;
  };
  const ours = async (): Promise<Round> => {
    restoreCache(away);
    const core = await ConsoleCore.start({ dataDir });
    const startedAt = performance.now();
    const peak = watchPeakRss(core.pid);
    let measured: Round;
    try {
      await core.reachHead(head, WITHIN_MS);
      const seconds = (performance.now() - startedAt) / 1000;
      measured = { '': { value: events / seconds }, rss: { value: peak() / MIB } };
    } finally {
      await core.stop();
    }
    return { ...measured, bare: { value: await bare() } };
  };
  const reference = async (): Promise<Round> => {
    rmSync(target, { recursive: true, force: true });
    const pouch = startChild<PouchCalls>(POUCH);
    try {
      const { elapsedMs, documents } = await pouch.call('replicate', { folder: source, target });
      if (documents !== events) throw new Error(`PouchDB replicated ${documents} documents instead of ${events}`);
      const rss = await pouch.call('peakRssBytes', null);
      const perSecond = { value: (events / elapsedMs) * 1000 };
      return { '': perSecond, rss: { value: rss / MIB }, bare: perSecond };
    } finally {
      await pouch.stop();
    }
  };
  return {
    size: `${events} events, as many documents of the same JSON`,
    ours,
    reference,
    close: async () => {
      await Promise.all([relay.stop(), floor.stop()]);
    },
  };
}
