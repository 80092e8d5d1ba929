import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../tests/fakes/manual-clock.ts';
import type { BenchSettings, Benchmark, OpenBenchmark, Round } from '../benchmark.ts';
import { openBigConsole } from '../data/big-console.ts';
import { openTabs } from '../data/open-tabs.ts';
import { startFloor } from '../floor/start-floor.ts';
import { quantile } from '../measuring/statistics.ts';
import { BrowserConsole } from '../processes/browser-console.ts';
import { ConsoleCore } from '../processes/console-core.ts';

const SETTLED_AFTER_MS = 1000;

/** From one open conversation to another. */
export const switchConversation: Benchmark = {
  name: 'switch-conversation',
  ours: 'data: `conversation.get` and the newest page through the core’s port; painted: from the click on a tab (p95)',
  reference: 'data: the newest fifty rows of a conversation, read and parsed; painted: one frame of the same browser',
  parts: [
    { part: 'data', unit: 'ms', must: { ratio: 5 }, aim: { ratio: 2 } },
    { part: 'painted', unit: 'ms', must: { ratio: 2 }, aim: { ratio: 1 } },
  ],
  takesSeconds: 80,
  open,
};

async function open(settings: BenchSettings): Promise<OpenBenchmark> {
  const big = await openBigConsole(settings, 'large');
  const reads = settings.isShort ? 50 : 300;
  const switches = settings.isShort ? 15 : 60;
  const random = seededRandom(30);
  const core = await ConsoleCore.start({ dataDir: big.dataDir });
  const tabs = await openTabs(core, big.tabIds);
  const browser = await BrowserConsole.start(core, settings.profileFolder);
  await browser.reload();
  let current = 0;
  const floor = startFloor();
  await floor.call('openCache', { file: path.join(big.cacheFolder, 'cache.db'), key: big.cacheKey });

  const pick = (): string => big.tabIds[Math.floor(random.fraction() * big.tabIds.length)]!;
  const readData = async (): Promise<number[]> => {
    const samples: number[] = [];
    // The window has its own work after a switch; it is not to be measured here.
    await sleep(SETTLED_AFTER_MS);
    for (let read = 0; read < reads; read += 1) {
      const conversationId = pick();
      const startedAt = performance.now();
      await Promise.all([
        core.request('conversation.get', { conversationId }),
        core.request('message.list', { conversationId, limit: 50 }),
      ]);
      samples.push(performance.now() - startedAt);
    }
    return samples;
  };
  const paint = async (): Promise<number[]> => {
    const samples: number[] = [];
    for (let count = 0; count < switches; count += 1) {
      current = (current + 1 + Math.floor(random.fraction() * (tabs.length - 1))) % tabs.length;
      samples.push(await browser.switchTo(tabs[current]!));
    }
    return samples;
  };
  const ours = async (): Promise<Round> => {
    const data = await readData();
    const painted = await paint();
    return {
      data: { value: quantile(data, 0.5), samples: data },
      painted: { value: quantile(painted, 0.95), samples: painted },
    };
  };
  const reference = async (): Promise<Round> => ({
    data: { value: quantile(await floor.call('pages', { conversationIds: Array.from({ length: reads }, pick) }), 0.5) },
    painted: { value: await browser.frameMs() },
  });
  return {
    size: `${big.conversations} conversations and ${big.messages} messages cached, ${tabs.length} tabs, ${switches} switches a round`,
    ours,
    reference,
    close: async () => {
      await browser.stop();
      await Promise.all([floor.stop(), core.stop()]);
    },
  };
}
