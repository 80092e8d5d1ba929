import path from 'node:path';
import type { BenchSettings, Benchmark, OpenBenchmark, Round } from '../benchmark.ts';
import type { Usage } from '../processes/measured-process.ts';
import { startSwarms } from '../swarm/start-swarms.ts';

const BURST = 10;
/** For what a server has left to do when the last one has heard. */
const SETTLED_AFTER_MS = 200;

/** What it costs the relay that somebody hears of something. */
export const relayCpu: Benchmark = {
  name: 'relay-cpu',
  ours: 'processor time of the relay per event and console: notes one at a time, and ten at a time (checked, committed)',
  reference: 'plain ws, per message and socket, of the size of a frame with one event',
  parts: [
    { part: 'one', unit: 'µs', must: { ratio: 2 }, aim: { ratio: 1.4 } },
    { part: 'ten', unit: 'µs', must: { ratio: 0.35 }, aim: { ratio: 0.13 } },
  ],
  takesSeconds: 70,
  open,
};

async function open({ isShort, folder, say }: BenchSettings): Promise<OpenBenchmark> {
  const count = isShort ? 100 : 1000;
  const sayings = isShort ? 20 : 60;
  say(`connecting ${count} consoles and ${count} sockets`);
  const swarms = await startSwarms(path.join(folder, 'relay-cpu'), count, (anchor) => anchor.call('broadcast', null));
  let heard = '';
  let messagesOfTen = 0;

  const measure = async (swarm: 'consoles' | 'sockets', usage: () => Promise<Usage>, text: string): Promise<Round> => {
    const per = async (burst: number): Promise<number> => {
      const before = await usage();
      const { events, messages } = await swarms[swarm].call('deliveries', { sayings, burst, text });
      await new Promise((resolve) => setTimeout(resolve, SETTLED_AFTER_MS));
      const after = await usage();
      if (swarm === 'consoles' && burst === BURST) messagesOfTen = messages / (sayings * count);
      return ((after.cpuMs - before.cpuMs) * 1000) / events;
    };
    return { one: { value: await per(1) }, ten: { value: await per(BURST) } };
  };
  return {
    get size() {
      const cut = `ten events in ${messagesOfTen.toFixed(1)} frames`;
      return `${count} consoles of one queue, ${sayings} times one and ten events, ${cut}, ${heard.length} characters`;
    },
    ours: () => measure('consoles', () => swarms.relay.usage(), swarms.text),
    reference: async () => {
      if (heard === '') heard = (await swarms.consoles.call('fanOut', { sayings: 1, text: swarms.text })).heard;
      return measure('sockets', () => swarms.anchor.call('usage', { isCollected: false }), heard);
    },
    close: () => swarms.close(),
  };
}
