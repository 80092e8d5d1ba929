import { databaseFileOf } from '../../src-relay/data-folder.ts';
import type { BenchSettings, Benchmark, OpenBenchmark, Round } from '../benchmark.ts';
import { openAwayConsole, restoreCache } from '../data/away-console.ts';
import { startFloor } from '../floor/start-floor.ts';
import { ConsoleCore } from '../processes/console-core.ts';
import { startRelayProcess } from '../processes/start-relay-process.ts';
import { startMeteredProxy } from '../wire/metered-proxy.ts';

const WITHIN_MS = 300_000;
/** A branch's line: narrow enough that the relay packs. */
const BITS_PER_SECOND = 20_000_000;
const MIB = 2 ** 20;

/** What a catch-up costs on a narrow line. */
export const bulkBytes: Benchmark = {
  name: 'bulk-bytes',
  ours: 'all bytes that a console receives on its sockets until it is at the head: sign-in, framing and all',
  reference: 'the same events as JSON, and nothing around them',
  parts: [{ part: '', unit: 'MiB', must: { ratio: 0.35 }, aim: { ratio: 0.2 } }],
  takesSeconds: 120,
  open,
};

async function open(settings: BenchSettings): Promise<OpenBenchmark> {
  const away = await openAwayConsole(settings);
  const { events, relay: relayFolder, dataDir } = away;
  const relay = await startRelayProcess(relayFolder.folder, 0);
  // The console knows its relay by its port: there it finds the line instead.
  const proxy = await startMeteredProxy({
    port: relayFolder.port,
    targetPort: Number(new URL(relay.url).port),
    bitsPerSecond: BITS_PER_SECOND,
  });
  const floor = startFloor();

  const ours = async (): Promise<Round> => {
    restoreCache(away);
    const before = proxy.receivedBytes();
    const core = await ConsoleCore.start({ dataDir });
    try {
      await core.reachHead(away.head, WITHIN_MS);
      return { '': { value: (proxy.receivedBytes() - before) / MIB } };
    } finally {
      await core.stop();
    }
  };
  const reference = async (): Promise<Round> => {
    const relayDatabase = databaseFileOf(relayFolder.folder);
    const log = await floor.call('measureLog', { relayDatabase, after: away.cursor });
    if (log.events !== events) throw new Error(`the log has ${log.events} events instead of ${events}`);
    return { '': { value: log.jsonBytes / MIB } };
  };
  return {
    size: `${events} events over a line of ${BITS_PER_SECOND / 1_000_000} Mbit/s`,
    ours,
    reference,
    close: async () => {
      await Promise.all([proxy.close(), floor.stop()]);
      await relay.stop();
    },
  };
}
