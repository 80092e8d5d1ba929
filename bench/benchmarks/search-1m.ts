import path from 'node:path';
import type { Random } from '../../shared/primitives/clock.ts';
import { seededRandom } from '../../tests/fakes/manual-clock.ts';
import type { BenchSettings, Benchmark, OpenBenchmark, Round } from '../benchmark.ts';
import { openBigConsole } from '../data/big-console.ts';
import { TextGenerator } from '../data/text-generator.ts';
import { startFloor } from '../floor/start-floor.ts';
import { p50AndP99 } from '../measuring/statistics.ts';
import { ConsoleCore } from '../processes/console-core.ts';

/** What an agent types into the search field, over everything the console holds. */
export const search: Benchmark = {
  name: 'search-1m',
  ours: '`search.run` through the core’s port: customers and messages, names, snippets with their marks',
  reference: 'the full-text statement for the newest fifty on the same file, their rows parsed, a plain piece of text',
  parts: [
    { part: 'p50', unit: 'ms', must: { ratio: 3 }, aim: { ratio: 1.5 } },
    { part: 'p99', unit: 'ms', must: { ratio: 4, ours: 30 }, aim: { ratio: 1.5 } },
  ],
  takesSeconds: 150,
  open,
};

async function open(settings: BenchSettings): Promise<OpenBenchmark> {
  const big = await openBigConsole(settings, 'large');
  const count = settings.isShort ? 60 : 400;
  // The words of the texts themselves: the vocabulary follows from the seed.
  const random = seededRandom(big.messages);
  const texts = makeQueries(new TextGenerator(random), random, count);
  const core = await ConsoleCore.start({ dataDir: big.dataDir });
  const floor = startFloor();
  await floor.call('openCache', { file: path.join(big.cacheFolder, 'cache.db'), key: big.cacheKey });

  const ours = async (): Promise<Round> => {
    const samples: number[] = [];
    for (const text of texts) {
      const startedAt = performance.now();
      await core.request('search.run', { text, limit: 50 });
      samples.push(performance.now() - startedAt);
    }
    return p50AndP99(samples);
  };
  return {
    size: `${big.messages} messages, ${count} searches a round: frequent, rare, two words, beginnings of words`,
    ours,
    reference: async () => p50AndP99(await floor.call('search', { texts })),
    close: async () => {
      await floor.stop();
      await core.stop();
    },
  };
}

/** A quarter each: a frequent word, a rare one, two words, the first three letters of one. */
function makeQueries(texts: TextGenerator, random: Random, count: number): string[] {
  const word = (from: number, to: number): string =>
    texts.wordOfRank(Math.floor(from * (to / from) ** random.fraction()));
  return Array.from({ length: count }, (_, index) => {
    switch (index % 4) {
      case 0:
        return `${word(1, 50)} `;
      case 1:
        return `${word(500, 4000)} `;
      case 2:
        return `${word(5, 300)} ${word(5, 300)} `;
      default:
        return word(20, 2000).slice(0, 3);
    }
  });
}
