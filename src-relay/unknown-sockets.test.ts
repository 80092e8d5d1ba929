import { afterEach, beforeEach, expect, test } from 'vitest';
import WebSocket from 'ws';
import { type TestRelay, startRelay } from '../tests/fakes/start-relay.ts';

let relay: TestRelay;

beforeEach(async () => {
  relay = await startRelay();
});
afterEach(() => relay.stop());

test('a socket that nobody has signed in on is in no namespace', async () => {
  const webSocket = new WebSocket(`${relay.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  const answers: string[] = [];
  await new Promise<void>((resolve, reject) => {
    webSocket.on('error', reject);
    webSocket.on('message', (data) => {
      const packet = String(data);
      // Socket.IO's own namespace, which nothing here is for, as often as one likes.
      if (packet.startsWith('0')) for (let count = 0; count < 5; count += 1) webSocket.send('40');
      if (packet.startsWith('4')) answers.push(packet.slice(0, 2));
      if (answers.length === 5) resolve();
    });
  });
  webSocket.terminate();
  expect(answers).toEqual(['44', '44', '44', '44', '44']);
});
