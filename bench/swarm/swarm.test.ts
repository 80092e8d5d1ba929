import { expect, test } from 'vitest';
import type { SwarmListener, SwarmPeer } from './swarm-peer.ts';
import { Swarm } from './swarm.ts';

/** A server without sockets: `deliver` says what each of its peers hears of one saying. */
async function connectAll(count: number, deliver: (listener: SwarmListener, text: string, index: number) => void) {
  const swarm = new Swarm();
  const listeners: SwarmListener[] = [];
  await swarm.connect(count, async (_index, listener): Promise<SwarmPeer> => {
    listeners.push(listener);
    return {
      say: (_marker, text) =>
        setImmediate(() => {
          for (const [index, one] of listeners.entries()) deliver(one, text, index);
        }),
      close: () => {},
    };
  });
  return swarm;
}

test('every event counts once for every peer, however many come in one message', async () => {
  const swarm = await connectAll(5, (listener, text) => listener.onHeard(text, 1));
  expect(await swarm.measureDeliveries(3, 2, 'text')).toEqual({ events: 30, messages: 30 });

  const held: string[] = [];
  const coalescing = await connectAll(5, (listener, text, index) => {
    // The second of two sayings brings the first along.
    held[index] = (held[index] ?? '') + text;
    if (held[index].split('said-').length < 3) return;
    listener.onHeard(held[index], 2);
    held[index] = '';
  });
  expect(await coalescing.measureDeliveries(3, 2, 'text')).toEqual({ events: 30, messages: 15 });
});

test('an event that comes twice is an error, not a better figure', async () => {
  const swarm = await connectAll(5, (listener, text, index) => {
    listener.onHeard(text, 1);
    if (index === 2) listener.onHeard(text, 1);
  });
  await expect(swarm.measureDeliveries(2, 1, 'text')).rejects.toThrow('instead of 10');
});
