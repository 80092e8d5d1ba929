import type { Benchmark } from './benchmark.ts';
import { bulkBytes } from './benchmarks/bulk-bytes.ts';
import { catchUp } from './benchmarks/catch-up-100k.ts';
import { catchUpVsPouchDb } from './benchmarks/catch-up-vs-pouchdb.ts';
import { coldStart } from './benchmarks/cold-start.ts';
import { commandAck } from './benchmarks/command-ack.ts';
import { fanOut } from './benchmarks/fan-out-1000.ts';
import { memory } from './benchmarks/memory.ts';
import { offlineDay } from './benchmarks/offline-day.ts';
import { openLong } from './benchmarks/open-10k-messages.ts';
import { readDuringCatchUp } from './benchmarks/read-during-catch-up.ts';
import { rebase } from './benchmarks/rebase.ts';
import { reconnectStorm } from './benchmarks/reconnect-storm.ts';
import { relayCpu } from './benchmarks/relay-cpu.ts';
import { relayCommit } from './benchmarks/relay-commit.ts';
import { search } from './benchmarks/search-1m.ts';
import { simulation } from './benchmarks/simulation.ts';
import { switchConversation } from './benchmarks/switch-conversation.ts';

/** Every benchmark, in the order in which all of them are run. */
export const benchmarks: readonly Benchmark[] = [
  catchUp,
  catchUpVsPouchDb,
  readDuringCatchUp,
  bulkBytes,
  fanOut,
  relayCpu,
  commandAck,
  relayCommit,
  reconnectStorm,
  rebase,
  offlineDay,
  memory,
  search,
  switchConversation,
  openLong,
  coldStart,
  simulation,
];
