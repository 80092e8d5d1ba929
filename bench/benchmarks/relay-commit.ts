import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { databaseFileOf } from '../../src-relay/data-folder.ts';
import { seededRandom } from '../../tests/fakes/manual-clock.ts';
import type { BenchSettings, Benchmark, OpenBenchmark, Round } from '../benchmark.ts';
import type { CommitCalls, CommitOutcome } from '../commits/commit-calls.ts';
import { RelaySeed } from '../data/relay-seed.ts';
import { TextGenerator } from '../data/text-generator.ts';
import { startChild } from '../processes/child-calls.ts';
import { textOf } from '../swarm/start-swarms.ts';

const COMMITS = path.join(import.meta.dirname, '../commits/main.ts');
/** Commands of one turn of the event loop. */
const GROUP = 32;

/** How much of the database's own speed is left when the relay is around it. */
export const relayCommit: Benchmark = {
  name: 'relay-commit',
  ours: 'commands of 32 consoles a turn through the gateway’s handler: schema, rights, decide, fold, rows, result, one FULL commit, frames',
  reference: 'bare better-sqlite3: the same rows, the same groups, FULL, statements prepared and values at hand',
  parts: [{ part: '', unit: 'commands/s', must: { minRatio: 0.5 }, aim: { minRatio: 0.8 } }],
  takesSeconds: 40,
  open,
};

async function open({ isShort, folder, say }: BenchSettings): Promise<OpenBenchmark> {
  // A console may submit two hundred at once, and twenty a second after that.
  const groups = isShort ? 40 : 190;
  // Each round has a process of its own, and V8 goes on compiling for the first twenty thousand commands.
  const warmUpGroups = isShort ? 20 : 4 * 190;
  const own = path.join(folder, 'commits');
  const base = path.join(own, 'base');
  const used = path.join(own, 'used');
  const copy = path.join(own, 'copy');
  say('a relay with a few desks');
  const random = seededRandom(32);
  const texts = new TextGenerator(random);
  const seed = new RelaySeed(base, random, texts);
  const conversationIds = await seed.addDesks(GROUP);
  await seed.close();
  const text = textOf(texts);
  const restore = (to: string): void => {
    rmSync(to, { recursive: true, force: true });
    cpSync(base, to, { recursive: true });
  };
  const inChild = async (run: (child: ReturnType<typeof startChild<CommitCalls>>) => Promise<CommitOutcome>) => {
    const child = startChild<CommitCalls>(COMMITS);
    try {
      return await run(child);
    } finally {
      await child.stop();
    }
  };
  const throughHub = (): Promise<CommitOutcome> => {
    restore(used);
    return inChild((child) => child.call('throughHub', { folder: used, conversationIds, warmUpGroups, groups, text }));
  };
  // The rows that the bare side writes.
  const expected = await throughHub();
  const model = path.join(own, 'model');
  cpSync(used, model, { recursive: true });
  const perSecond = ({ seconds }: CommitOutcome): Round => ({ '': { value: (groups * GROUP) / seconds } });

  return {
    size: `${groups * GROUP} notes in groups of ${GROUP}, after ${warmUpGroups * GROUP} that are not timed`,
    ours: async () => {
      const outcome = await throughHub();
      const isSame = Object.keys(expected.rows).every((table) => expected.rows[table] === outcome.rows[table]);
      if (!isSame) throw new Error(`other rows than before: ${JSON.stringify(outcome.rows)}`);
      return perSecond(outcome);
    },
    reference: async () => {
      restore(copy);
      const files = { before: databaseFileOf(copy), after: databaseFileOf(model) };
      const outcome = await inChild((child) => child.call('bare', { ...files, warmUpGroups, groups }));
      if (JSON.stringify(outcome.rows) !== JSON.stringify(expected.rows))
        throw new Error(`the bare side wrote other rows: ${JSON.stringify(outcome.rows)}`);
      return perSecond(outcome);
    },
    close: async () => {},
  };
}
