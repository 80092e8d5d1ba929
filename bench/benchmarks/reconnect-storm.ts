import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../tests/fakes/manual-clock.ts';
import type { BenchSettings, Benchmark, OpenBenchmark, Round } from '../benchmark.ts';
import { AGENTS, RelaySeed } from '../data/relay-seed.ts';
import { TextGenerator } from '../data/text-generator.ts';
import { p50AndP99 } from '../measuring/statistics.ts';
import { startRelayProcess } from '../processes/start-relay-process.ts';
import { readPosition, textOf } from '../swarm/start-swarms.ts';
import { startSwarm } from '../swarm/start-swarm.ts';

const WINDOW_MS = 5000;
const CONVERSATIONS = 200;
const BEHIND = 200;
const BYSTANDERS = 4;
const PER_SECOND = 60;
const SECONDS = WINDOW_MS / 1000 + 1;
const SETTLED_AFTER_MS = 1000;

/** After a cut of an office's line everybody comes back. */
export const reconnectStorm: Benchmark = {
  name: 'reconnect-storm',
  ours: 'notes of bystanders in another queue until their results are back, while consoles that are 200 events behind come back within 5 s; all: until the last of these is at the head',
  reference: 'the same notes at the same relay when nobody comes',
  parts: [
    { part: 'p50', unit: 'ms', must: { ratio: 5 }, aim: { ratio: 2 } },
    { part: 'p99', unit: 'ms', must: { ratio: 5 }, aim: { ratio: 2 } },
    { part: 'all', unit: 's', must: { ours: WINDOW_MS / 1000 + 1 }, aim: { ours: WINDOW_MS / 1000 + 1 } },
  ],
  takesSeconds: 170,
  open,
};

async function open({ isShort, folder, say }: BenchSettings): Promise<OpenBenchmark> {
  const count = isShort ? 100 : 1000;
  const own = path.join(folder, 'storm');
  const base = path.join(own, 'base');
  const used = path.join(own, 'used');
  say(`a relay with ${count} agents and ${BEHIND} events that they do not have`);
  const random = seededRandom(5000);
  const texts = new TextGenerator(random);
  const seed = new RelaySeed(base, random, texts);
  await seed.addWorkspace(count + BYSTANDERS, BYSTANDERS);
  await seed.addConversations(CONVERSATIONS);
  const conversationId = await seed.addConversationApart();
  const cursor = seed.head;
  await seed.addTraffic(BEHIND, Math.min(count, AGENTS));
  await seed.close();
  const text = textOf(texts);

  /** A relay as it was, and bystanders at work; `meanwhile` others come. */
  const measure = async (meanwhile: (url: string, accessTokens: string[]) => Promise<Round>): Promise<Round> => {
    rmSync(used, { recursive: true, force: true });
    cpSync(base, used, { recursive: true });
    const again = new RelaySeed(used, random, texts);
    const accessTokens = (await again.issueTokens(count + BYSTANDERS)).map(({ accessToken }) => accessToken);
    await again.close();
    const bystanderTokens = accessTokens.splice(count);
    const relay = await startRelayProcess(used, 0);
    const bystanders = startSwarm();
    try {
      const position = await readPosition(relay.url, bystanderTokens[0]!);
      await bystanders.call('connectConsoles', {
        url: relay.url,
        accessTokens: bystanderTokens,
        position,
        conversationIds: [conversationId],
      });
      await sleep(SETTLED_AFTER_MS);
      const [latencies, others] = await Promise.all([
        bystanders.call('answers', { perSecond: PER_SECOND, seconds: SECONDS, text }),
        meanwhile(relay.url, accessTokens),
      ]);
      return { ...p50AndP99(latencies), ...others };
    } finally {
      await bystanders.stop();
      await relay.stop();
    }
  };
  const storm = async (url: string, accessTokens: string[]): Promise<Round> => {
    const consoles = startSwarm();
    try {
      const position = await readPosition(url, accessTokens[0]!);
      const behind = { ...position, cursor };
      const outcome = await consoles.call('storm', { url, accessTokens, position: behind, windowMs: WINDOW_MS });
      const { fewest, most } = outcome.events;
      if (fewest < BEHIND || most > BEHIND) throw new Error(`consoles received ${fewest} to ${most} events`);
      return { all: { value: outcome.allAtHeadMs / 1000 } };
    } finally {
      await consoles.stop();
    }
  };
  return {
    size: `${count} consoles, ${BEHIND} events behind, within ${WINDOW_MS / 1000} s; ${PER_SECOND} notes a second of ${BYSTANDERS} bystanders`,
    ours: () => measure(storm),
    reference: () => measure(async () => ({})),
    close: async () => {},
  };
}
