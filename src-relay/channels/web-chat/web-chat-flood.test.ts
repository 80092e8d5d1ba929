import { type Socket, io } from 'socket.io-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import WebSocket from 'ws';
import { WebChatRig } from '../../../tests/fakes/web-chat-rig.ts';
import { DEFAULT_RATE_LIMITS } from '../../../shared/widget-api/channel-settings.ts';

let rig: WebChatRig;
const sockets: Socket[] = [];

beforeEach(async () => {
  const requestsPerAddress = { burst: 50, perMinute: 1 };
  rig = await new WebChatRig().start({ rateLimits: { ...DEFAULT_RATE_LIMITS, requestsPerAddress } });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.disconnect();
  await rig.dispose();
  expect(rig.mistakes).toEqual([]);
});

async function openToken(): Promise<string> {
  const session = (await (await rig.openSession()).json()) as { token: string };
  return session.token;
}

test('a socket may ask for the feed as often as a caller of HTTP may, and not more', async () => {
  const socket = io(`${rig.url}/widget`, { transports: ['websocket'], auth: { token: await openToken() } });
  sockets.push(socket);
  const ask = async (): Promise<{ ok: boolean; error?: { kind: string } }> =>
    await socket.timeout(60_000).emitWithAck('resume', { afterSeq: 0 });
  const answers = await Promise.all(Array.from({ length: 200 }, ask));
  expect(answers.filter(({ ok }) => ok).length).toBeLessThan(55);
  expect(answers.find(({ ok }) => !ok)?.error).toMatchObject({ kind: 'rate_limited' });
});

test('one connection is one widget, however often it says that it connects', async () => {
  const token = await openToken();
  const webSocket = new WebSocket(`${rig.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  let connected = 0;
  let refused = 0;
  await new Promise<void>((resolve, reject) => {
    webSocket.on('error', reject);
    webSocket.on('message', (data) => {
      const packet = String(data);
      if (packet.startsWith('0')) {
        for (let count = 0; count < 30; count += 1) webSocket.send(`40/widget,${JSON.stringify({ token })}`);
      }
      if (packet.startsWith('40/widget')) connected += 1;
      if (packet.startsWith('44/widget')) refused += 1;
      if (connected + refused === 30) resolve();
    });
  });
  webSocket.terminate();
  expect({ connected, refused }).toEqual({ connected: 1, refused: 29 });
});
