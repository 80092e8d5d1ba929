import { cpSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { databaseFileOf } from '../../src-relay/data-folder.ts';
import { seededRandom } from '../../tests/fakes/manual-clock.ts';
import type { BenchSettings, Benchmark, OpenBenchmark, Round } from '../benchmark.ts';
import { makeConsole } from '../data/console-seed.ts';
import { AGENTS, RelaySeed } from '../data/relay-seed.ts';
import { TextGenerator } from '../data/text-generator.ts';
import { startFloor } from '../floor/start-floor.ts';
import { ConsoleCore } from '../processes/console-core.ts';
import { startRelayProcess } from '../processes/start-relay-process.ts';

const WITHIN_MS = 120_000;

/** A console that was away while much happened. */
export const catchUp: Benchmark = {
  name: 'catch-up-100k',
  ours: 'the real core from its start until it is at the relay’s head: connect, receive, check, fold, index, commit',
  reference: 'the same writer on the same events in one process, without relay or network, a thousand at a time',
  parts: [{ part: '', unit: 's', must: { ratio: 2 }, aim: { ratio: 1.2 } }],
  open,
};

async function open({ isShort, folder, say }: BenchSettings): Promise<OpenBenchmark> {
  const events = isShort ? 5000 : 100_000;
  const conversations = isShort ? 500 : 5000;
  const ownFolder = path.join(folder, 'catch-up');
  const random = seededRandom(100_000);
  const texts = new TextGenerator(random);
  say(`a console that holds ${conversations} conversations`);
  const console = await makeConsole(ownFolder, random, texts, conversations);
  const base = path.join(ownFolder, 'base');
  copyCache(console.cacheFolder, base);

  say(`${events} events while it is away`);
  const seed = new RelaySeed(console.relay.folder, random, texts);
  seed.conversationIds.push(...console.relay.conversationIds);
  await seed.addTraffic(events, AGENTS);
  const { head } = seed;
  await seed.close();
  const relay = await startRelayProcess(console.relay.folder, console.relay.port);

  const ours = async (): Promise<Round> => {
    // The cache as it was; the sign-in goes on, since a token is good once.
    copyCache(base, console.cacheFolder);
    const core = await ConsoleCore.start({ dataDir: console.dataDir });
    const startedAt = performance.now();
    try {
      await core.reachHead(head, WITHIN_MS);
      return { '': { value: (performance.now() - startedAt) / 1000 } };
    } finally {
      await core.stop();
    }
  };
  const reference = async (): Promise<Round> => {
    const cacheFolder = path.join(ownFolder, 'floor');
    copyCache(base, cacheFolder);
    const { cacheKey, agentId } = console;
    // A fresh process each time, as the core is.
    const floor = startFloor();
    try {
      const relayDatabase = databaseFileOf(console.relay.folder);
      const elapsedMs = await floor.call('applyLog', { relayDatabase, cacheFolder, cacheKey, agentId });
      return { '': { value: elapsedMs / 1000 } };
    } finally {
      await floor.stop();
    }
  };
  return {
    size: `${events} events to ${conversations} conversations: 70 % messages, 30 % assignments and states`,
    ours,
    reference,
    close: () => relay.stop(),
  };
}

/** Puts a copy of the cache's files in the place of another's. */
function copyCache(from: string, to: string): void {
  const isCache = (file: string): boolean => path.basename(file).startsWith('cache.');
  rmSync(path.join(to, 'cache.db'), { force: true });
  for (const suffix of ['-wal', '-shm']) rmSync(path.join(to, `cache.db${suffix}`), { force: true });
  for (const file of readdirSync(from).filter(isCache)) cpSync(path.join(from, file), path.join(to, file));
}
