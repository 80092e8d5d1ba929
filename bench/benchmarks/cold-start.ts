import type { BenchSettings, Benchmark, OpenBenchmark, Round } from '../benchmark.ts';
import { type BigConsole, bigSizes, openBigConsole } from '../data/big-console.ts';
import { median } from '../measuring/statistics.ts';
import { ConsoleCore } from '../processes/console-core.ts';

const STARTS = 3;

/** From nothing to an inbox that can be worked with. */
export const coldStart: Benchmark = {
  name: 'cold-start',
  ours: 'the core’s process from its start until who is signed in, the first list and all counters were answered',
  reference: 'the same with a hundredth of the messages',
  parts: [{ part: '', unit: 'ms', must: { ratio: 1.3 }, aim: { ratio: 1.05 } }],
  takesSeconds: 60,
  open,
};

async function open(settings: BenchSettings): Promise<OpenBenchmark> {
  const large = await openBigConsole(settings, 'large');
  const small = await openBigConsole(settings, 'small');
  const sizes = bigSizes(settings.isShort);
  return {
    size: `${sizes.large} against ${sizes.small} messages; ${STARTS} starts a round, files in the system’s cache, offline`,
    ours: () => startOften(large),
    reference: () => startOften(small),
    close: async () => {},
  };
}

/** The median of a few starts. */
async function startOften(console: BigConsole): Promise<Round> {
  const samples: number[] = [];
  for (let start = 0; start < STARTS; start += 1) samples.push(await startOnce(console));
  return { '': { value: median(samples), samples } };
}

async function startOnce({ dataDir }: BigConsole): Promise<number> {
  const startedAt = performance.now();
  const core = await ConsoleCore.start({ dataDir });
  const [current, list] = await Promise.all([
    core.request('session.current', {}),
    core.request('conversation.list', { filter: { view: 'open' } }),
    core.request('conversation.counts', {}),
  ]);
  const elapsedMs = performance.now() - startedAt;
  await core.stop();
  if (current.agent === null || list.items.length === 0) throw new Error('the inbox came up empty');
  return elapsedMs;
}
