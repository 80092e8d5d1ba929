import path from 'node:path';
import { seededRandom } from '../../tests/fakes/manual-clock.ts';
import { BranchDay, OFFICE_LINE } from '../../tests/faults/branch-day.ts';
import { FaultProxy } from '../../tests/faults/fault-proxy.ts';
import type { BenchSettings, Benchmark, OpenBenchmark, Round } from '../benchmark.ts';
import { PlainServer, type PlainWork, transferPlainly } from './offline-day-anchor.ts';

const SEED = 917;
/** Commands that a console has under way at once: so many at least are decided one after the other. */
const LANES = 8;

/** A branch office that was offline for a day. */
export const offlineDay: Benchmark = {
  name: 'offline-day',
  ours: 'real consoles at one line of 2 Mbit/s and 300 ms that is cut now and then, from its return until all are at the head with an empty outbox; at the end every invariant is checked',
  reference:
    'bare ws peers over a line of the same conditions: the bytes that ours moved over it without cuts, two chunks of 64 kB ahead, then the commands’ bytes in as many steps as ours needs at least',
  parts: [{ part: '', unit: 's', must: { ratio: 2 }, aim: { ratio: 1.2 } }],
  takesSeconds: 1900,
  isLong: true,
  open,
};

async function open({ isShort, folder, say }: BenchSettings): Promise<OpenBenchmark> {
  const agents = isShort ? 2 : 8;
  const commands = isShort ? 40 : 500;
  const events = isShort ? 2000 : 20_000;
  const conversations = isShort ? 60 : 400;
  const base = path.join(folder, 'offline-day-base');
  say(`a day without a line: ${agents} agents, ${commands} commands, ${events} events of others`);
  const day = await BranchDay.write({
    ...{ seed: SEED, agents, commands, events, conversations, say },
    folder: path.join(folder, 'offline-day'),
  });
  await day.rest(base);
  say('once without cuts, to see what has to be moved');
  await day.resume(base);
  const { traffic } = await day.returnLine({ ...OFFICE_LINE, cutChance: 0 }, true);
  const work: PlainWork = {
    bytesDown: Math.round(traffic.bytesDown / agents),
    bytesUp: Math.round(traffic.bytesUp / agents),
    rounds: Math.ceil(commands / agents / LANES),
  };
  const server = await PlainServer.open();

  const ours = async (): Promise<Round> => {
    await day.resume(base);
    // Told by the operating system that the network is back, as the reference is.
    const { elapsedMs } = await day.returnLine(OFFICE_LINE, true);
    return { '': { value: elapsedMs / 1000 } };
  };
  const reference = async (): Promise<Round> => {
    const line = await FaultProxy.open(server.port, seededRandom(SEED));
    line.change(OFFICE_LINE);
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: agents }, () => transferPlainly(line.url, work)));
    const elapsedMs = performance.now() - startedAt;
    await line.close();
    return { '': { value: elapsedMs / 1000 } };
  };
  const megabytes = ((traffic.bytesDown + traffic.bytesUp) / 1e6).toFixed(1);
  return {
    size: `${agents} agents, ${commands} commands, ${events} events behind, ${megabytes} MB in all`,
    ours,
    reference,
    close: async () => {
      try {
        const { violations } = await day.judge();
        if (violations.length > 0) throw new Error(violations.map(({ what }) => what).join('\n'));
      } finally {
        await day.end();
        await server.close();
      }
    },
  };
}
