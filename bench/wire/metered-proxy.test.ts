import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { startMeteredProxy } from './metered-proxy.ts';

test('every byte arrives in order, is counted once, and takes the time that the line needs', async () => {
  const payload = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
  const server = createServer((socket) => {
    // Answers in two goes, the second after a word from the other side.
    socket.write(payload.subarray(0, 60_000));
    socket.once('data', () => socket.end(payload.subarray(60_000)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const targetPort = (server.address() as AddressInfo).port;
  const proxy = await startMeteredProxy({ port: 0, targetPort, bitsPerSecond: 8_000_000 });
  const startedAt = performance.now();
  const client = connect(proxy.port, '127.0.0.1');
  client.write('go on');
  const chunks: Buffer[] = [];
  for await (const chunk of client) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).equals(payload)).toBe(true);
  expect(proxy.receivedBytes()).toBe(payload.length);
  // A million bytes a second: never faster.
  expect(performance.now() - startedAt).toBeGreaterThan(90);
  await proxy.close();
  server.close();
});
