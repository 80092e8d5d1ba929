import path from 'node:path';
import { databaseFileOf } from '../../src-relay/data-folder.ts';
import type { BenchSettings, Benchmark, OpenBenchmark, Round } from '../benchmark.ts';
import { copyCache, openAwayConsole, restoreCache } from '../data/away-console.ts';
import { startFloor } from '../floor/start-floor.ts';
import { ConsoleCore } from '../processes/console-core.ts';
import { startRelayProcess } from '../processes/start-relay-process.ts';

const WITHIN_MS = 120_000;

/** A console that was away while much happened. */
export const catchUp: Benchmark = {
  name: 'catch-up-100k',
  ours: 'the real core from its start until it is at the relay’s head: connect, receive, check, fold, index, commit',
  reference: 'the same writer on the same events in one process, without relay or network, a thousand at a time',
  parts: [{ part: '', unit: 's', must: { ratio: 2 }, aim: { ratio: 1.2 } }],
  takesSeconds: 110,
  open,
};

async function open(settings: BenchSettings): Promise<OpenBenchmark> {
  const away = await openAwayConsole(settings);
  const { events, conversations, relay: relayFolder, dataDir, cacheKey, agentId } = away;
  const relay = await startRelayProcess(relayFolder.folder, relayFolder.port);

  const ours = async (): Promise<Round> => {
    restoreCache(away);
    const core = await ConsoleCore.start({ dataDir });
    const startedAt = performance.now();
    try {
      await core.reachHead(away.head, WITHIN_MS);
      return { '': { value: (performance.now() - startedAt) / 1000 } };
    } finally {
      await core.stop();
    }
  };
  const reference = async (): Promise<Round> => {
    const cacheFolder = path.join(path.dirname(away.base), 'floor');
    copyCache(away.base, cacheFolder);
    // A fresh process each time, as the core is.
    const floor = startFloor();
    try {
      const relayDatabase = databaseFileOf(relayFolder.folder);
      const applied = await floor.call('applyLog', {
        relayDatabase,
        cacheFolder,
        cacheKey,
        agentId,
        isCutAsSent: false,
      });
      if (applied.events !== events) throw new Error(`${applied.events} events were applied instead of ${events}`);
      const allMs = [...applied.frameMs, ...applied.tidyMs];
      return { '': { value: allMs.reduce((sum, ms) => sum + ms, 0) / 1000 } };
    } finally {
      await floor.stop();
    }
  };
  return {
    size: `${events} events to ${conversations} conversations: 70 % messages, 30 % assignments and states`,
    ours,
    reference,
    close: () => relay.stop(),
  };
}
