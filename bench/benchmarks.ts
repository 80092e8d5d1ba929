import type { Benchmark } from './benchmark.ts';
import { bulkBytes } from './benchmarks/bulk-bytes.ts';
import { catchUp } from './benchmarks/catch-up-100k.ts';
import { catchUpVsPouchDb } from './benchmarks/catch-up-vs-pouchdb.ts';
import { coldStart } from './benchmarks/cold-start.ts';
import { commandAck } from './benchmarks/command-ack.ts';
import { fanOut } from './benchmarks/fan-out-1000.ts';
import { openLong } from './benchmarks/open-10k-messages.ts';
import { readDuringCatchUp } from './benchmarks/read-during-catch-up.ts';
import { reconnectStorm } from './benchmarks/reconnect-storm.ts';
import { relayCpu } from './benchmarks/relay-cpu.ts';
import { search } from './benchmarks/search-1m.ts';
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
  reconnectStorm,
  search,
  switchConversation,
  openLong,
  coldStart,
];
