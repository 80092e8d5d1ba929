import type { Benchmark } from './benchmark.ts';
import { catchUp } from './benchmarks/catch-up-100k.ts';
import { coldStart } from './benchmarks/cold-start.ts';
import { commandAck } from './benchmarks/command-ack.ts';
import { fanOut } from './benchmarks/fan-out-1000.ts';
import { openLong } from './benchmarks/open-10k-messages.ts';
import { search } from './benchmarks/search-1m.ts';
import { switchConversation } from './benchmarks/switch-conversation.ts';

/** Every benchmark, in the order in which all of them are run. */
export const benchmarks: readonly Benchmark[] = [
  catchUp,
  fanOut,
  commandAck,
  search,
  switchConversation,
  openLong,
  coldStart,
];
