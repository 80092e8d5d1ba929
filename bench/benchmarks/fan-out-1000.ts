import path from 'node:path';
import type { BenchSettings, Benchmark, OpenBenchmark, Round } from '../benchmark.ts';
import { p50AndP99 } from '../measuring/statistics.ts';
import { startSwarms } from '../swarm/start-swarms.ts';

/** One event to a thousand consoles of one queue. */
export const fanOut: Benchmark = {
  name: 'fan-out-1000',
  ours: 'an agent’s note through the relay (checked, committed, folded) until the last console has its frame',
  reference: 'plain ws that sends what it hears, of the same size, to as many sockets',
  parts: [
    { part: 'p50', unit: 'ms', must: { ratio: 1.8 }, aim: { ratio: 1.2 } },
    { part: 'p99', unit: 'ms', must: { ratio: 2.5 }, aim: { ratio: 1.5 } },
  ],
  takesSeconds: 60,
  open,
};

async function open({ isShort, folder, say }: BenchSettings): Promise<OpenBenchmark> {
  const count = isShort ? 100 : 1000;
  const sayings = isShort ? 50 : 150;
  say(`connecting ${count} consoles and ${count} sockets`);
  const swarms = await startSwarms(path.join(folder, 'fan-out'), count, (anchor) => anchor.call('broadcast', null));
  let heard = '';
  const measure = async (swarm: 'consoles' | 'sockets', text: string): Promise<Round> => {
    const times = await swarms[swarm].call('fanOut', { sayings, text });
    if (swarm === 'consoles') heard = times.heard;
    return p50AndP99(times.lastMs);
  };
  return {
    get size() {
      return `${count} consoles of one queue, ${sayings} events a round, frames of ${heard.length} characters`;
    },
    ours: () => measure('consoles', swarms.text),
    reference: () => measure('sockets', heard),
    close: () => swarms.close(),
  };
}
