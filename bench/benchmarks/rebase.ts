import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { BenchSettings, Benchmark, OpenBenchmark, Round } from '../benchmark.ts';
import { makeAwayConsole } from '../data/away-console.ts';
import { ConsoleCore } from '../processes/console-core.ts';
import { startRelayProcess } from '../processes/start-relay-process.ts';

const WITHIN_MS = 120_000;

/** Much written offline, and much that came meanwhile. */
export const rebase: Benchmark = {
  name: 'rebase',
  ours: 'the real core from its start until it is at the head, with commands waiting in its outbox',
  reference: 'the same without any',
  parts: [{ part: '', unit: 's', must: { ratio: 1.3 }, aim: { ratio: 1.05 } }],
  takesSeconds: 90,
  open,
};

async function open({ isShort, folder, say }: BenchSettings): Promise<OpenBenchmark> {
  const events = isShort ? 1000 : 10_000;
  const commands = isShort ? 100 : 1000;
  const own = path.join(folder, 'rebase');
  const away = await makeAwayConsole(own, events, isShort ? 200 : 2000, say);
  const copies = path.join(folder, 'rebase-copies');
  const save = (name: string): void => cpSync(own, path.join(copies, name), { recursive: true });
  save('empty');

  say(`${commands} commands while offline`);
  const writer = await ConsoleCore.start({ dataDir: away.dataDir });
  try {
    for (let index = 0; index < commands; index += 1) {
      const conversationId = away.relay.conversationIds[index % away.relay.conversationIds.length]!;
      await writer.request('note.add', { conversationId, text: `Khách hỏi lần ${index}, đã hẹn gọi lại.` });
    }
  } finally {
    await writer.stop();
  }
  save('full');

  /** Everything as it was, the relay too: else a round would find the commands of the one before it. */
  const measure = async (name: 'empty' | 'full', waiting: number): Promise<Round> => {
    rmSync(own, { recursive: true, force: true });
    cpSync(path.join(copies, name), own, { recursive: true });
    const relay = await startRelayProcess(away.relay.folder, away.relay.port);
    try {
      const core = await ConsoleCore.start({ dataDir: away.dataDir });
      const startedAt = performance.now();
      try {
        const { pendingCount, cursor } = await core.request('sync.status', {});
        if (pendingCount !== waiting || cursor >= away.head)
          throw new Error(
            `it begins with ${pendingCount} commands at ${cursor}, not with ${waiting} at ${away.cursor}`,
          );
        await core.reachHead(away.head, WITHIN_MS);
        return { '': { value: (performance.now() - startedAt) / 1000 } };
      } finally {
        await core.stop();
      }
    } finally {
      await relay.stop();
    }
  };
  return {
    size: `${commands} commands to as many conversations or fewer, ${events} events to ${away.conversations}`,
    ours: () => measure('full', commands),
    reference: () => measure('empty', 0),
    close: async () => {},
  };
}
