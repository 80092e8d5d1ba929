import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { allowCollecting, giveBackMemory } from './give-back-memory.ts';

test('a host that could not say so lets its threads collect garbage too', async () => {
  const before = globalThis.gc;
  try {
    globalThis.gc = undefined;
    allowCollecting();
    const kept = new WeakRef({ text: 'một khung của một lần đuổi kịp' });
    await new Promise((resolve) => setImmediate(resolve));
    giveBackMemory();
    expect(kept.deref()).toBeUndefined();
    const worker = new Worker('require("node:worker_threads").parentPort.postMessage(typeof globalThis.gc)', {
      eval: true,
    });
    expect(await once(worker, 'message')).toEqual(['function']);
    await worker.terminate();
  } finally {
    globalThis.gc = before;
  }
});
