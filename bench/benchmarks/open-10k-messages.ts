import type { BenchSettings, Benchmark, OpenBenchmark, Round } from '../benchmark.ts';
import { openBigConsole } from '../data/big-console.ts';
import { openTabs } from '../data/open-tabs.ts';
import { median } from '../measuring/statistics.ts';
import { BrowserConsole, type Shown } from '../processes/browser-console.ts';
import { ConsoleCore } from '../processes/console-core.ts';

/** A conversation that has gone on for years. */
export const openLong: Benchmark = {
  name: 'open-10k-messages',
  ours: 'a conversation of 10,000 messages, from the click on its tab until its end is drawn, for the first time',
  reference: 'the same with one of 50',
  parts: [{ part: '', unit: 'ms', must: { ratio: 1.5 }, aim: { ratio: 1.1 } }],
  takesSeconds: 60,
  open,
};

async function open(settings: BenchSettings): Promise<OpenBenchmark> {
  const big = await openBigConsole(settings, 'large');
  const core = await ConsoleCore.start({ dataDir: big.dataDir });
  const [, ...tabs] = await openTabs(core, [big.tabIds[0]!, ...big.longIds, ...big.shortIds]);
  const browser = await BrowserConsole.start(core, settings.profileFolder);

  /** Each of them once, on a page that has read none of them. */
  const openEach = async (conversations: readonly Shown[]): Promise<Round> => {
    await browser.reload();
    const samples: number[] = [];
    for (const conversation of conversations) samples.push(await browser.switchTo(conversation));
    return { '': { value: median(samples), samples } };
  };
  return {
    size: `${big.longIds.length} conversations of ${big.longLength} messages, as many of 50, each opened once a round`,
    ours: () => openEach(tabs.slice(0, big.longIds.length)),
    reference: () => openEach(tabs.slice(big.longIds.length)),
    close: async () => {
      await browser.stop();
      await core.stop();
    },
  };
}
