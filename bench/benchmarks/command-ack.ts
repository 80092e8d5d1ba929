import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { BenchSettings, Benchmark, OpenBenchmark, Round } from '../benchmark.ts';
import { p50AndP99 } from '../measuring/statistics.ts';
import type { Usage } from '../processes/measured-process.ts';
import { startSwarms } from '../swarm/start-swarms.ts';

/** Commands of a busy floor until their results are durable. */
export const commandAck: Benchmark = {
  name: 'command-ack',
  ours: 'notes of all consoles until the relay’s result is back; each note also goes to every console',
  reference: 'plain ws that answers once what it heard is a row, one FULL commit each; it goes to nobody else',
  parts: [
    { part: 'p50', unit: 'ms', must: { ratio: 3 }, aim: { ratio: 1.5 } },
    { part: 'p99', unit: 'ms', must: { ratio: 3 }, aim: { ratio: 1.5 } },
    { part: 'cpu', unit: 'cores', must: { ours: 1 }, aim: { ours: 0.5 } },
  ],
  takesSeconds: 130,
  open,
};

async function open({ isShort, folder, say }: BenchSettings): Promise<OpenBenchmark> {
  const count = isShort ? 50 : 200;
  const perSecond = isShort ? 75 : 300;
  const seconds = isShort ? 2 : 8;
  const ownFolder = path.join(folder, 'command-ack');
  mkdirSync(ownFolder);
  say(`connecting ${count} consoles and ${count} sockets`);
  const swarms = await startSwarms(path.join(ownFolder, 'relay'), count, (anchor) =>
    anchor.call('commitAndAnswer', { file: path.join(ownFolder, 'anchor.db') }),
  );
  const measure = async (swarm: 'consoles' | 'sockets', usage: () => Promise<Usage>): Promise<Round> => {
    const before = await usage();
    const startedAt = performance.now();
    const latencies = await swarms[swarm].call('answers', { perSecond, seconds, text: swarms.text });
    const elapsedMs = performance.now() - startedAt;
    const after = await usage();
    return { ...p50AndP99(latencies), cpu: { value: (after.cpuMs - before.cpuMs) / elapsedMs } };
  };
  return {
    size: `${count} consoles of one queue, ${perSecond} commands a second in all, ${seconds} s a round`,
    ours: () => measure('consoles', () => swarms.relay.usage()),
    reference: () => measure('sockets', () => swarms.anchor.call('usage', { isCollected: false })),
    close: () => swarms.close(),
  };
}
