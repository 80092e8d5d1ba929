import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type Socket, io } from 'socket.io-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { AppError, toErrorBody } from '../../shared/errors.ts';
import { AGENT_NAMESPACE, AGENT_SOCKET_PATH } from '../../shared/relay-protocol/agent-socket.ts';
import { ManualClock, seededRandom } from '../../tests/fakes/manual-clock.ts';
import type { ConsoleSocket } from './console-socket.ts';
import { ConsoleSockets } from './console-sockets.ts';

const LIMIT = 10_000;
let server: Server;
let sockets: ConsoleSockets;
let clock: ManualClock;
let url: string;
let served: { socket: ConsoleSocket; said: [string, unknown][]; isClosed: boolean }[];
/** Resolved by tests that want a sign-in to take a while. */
let signingIn: Promise<void>;
const clients: { terminate(): void }[] = [];

beforeEach(async () => {
  [clock, served, signingIn] = [new ManualClock(), [], Promise.resolve()];
  server = createServer((_request, response) => response.writeHead(404).end());
  sockets = new ConsoleSockets({
    ...{ server, clock, random: seededRandom(1), limitBytes: LIMIT },
    signIn: async (auth) => {
      await signingIn;
      if ((auth as { token?: string } | undefined)?.token !== 'good') throw new AppError('unauthenticated', 'No.');
      return (socket) => {
        const one = { socket, said: [] as [string, unknown][], isClosed: false };
        served.push(one);
        return {
          receive: (name, message) => void one.said.push([name, message]),
          closed: () => {
            one.isClosed = true;
          },
        };
      };
    },
    refuse: (error) => toErrorBody(error, 'relay'),
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  sockets.close();
  server.closeAllConnections();
  await new Promise<void>((resolve) => void server.close(() => resolve()));
});

function openClient(token: string, transports = ['websocket']): Socket {
  const client = io(`${url}${AGENT_NAMESPACE}`, {
    ...{ path: AGENT_SOCKET_PATH, transports, reconnection: false, forceNew: true, auth: { token } },
  });
  clients.push({ terminate: () => client.disconnect() });
  return client;
}

const toldOf = (client: Socket, name: string) => new Promise<unknown>((resolve) => void client.once(name, resolve));

/** Speaks without Socket.IO's client. */
async function openRaw(path = AGENT_SOCKET_PATH) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${path}?EIO=4&transport=websocket`);
  clients.push(socket);
  const said: string[] = [];
  socket.on('message', (data) => void said.push(String(data)));
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  const until = async (isEnough: () => boolean) => {
    while (!isEnough()) await once(socket, 'message');
  };
  await until(() => said.length > 0);
  return { socket, said, closed, until };
}

test('Socket.IO’s own client connects, is heard, hears texts and bytes, and learns that it was sent away', async () => {
  const client = openClient('good');
  await toldOf(client, 'connect');
  const [one] = served;
  const [tick, packed, bye] = [toldOf(client, 'tick'), toldOf(client, 'packed'), toldOf(client, 'bye')];
  one!.socket.send('tick', { session: 's', head: 7, serverNow: 1 });
  expect(await tick).toEqual({ session: 's', head: 7, serverNow: 1 });

  const subject = `conversation:${'x'.repeat(9000)}` as const;
  const frame = { session: 's', from: 0, to: 1, leave: [subject], enter: [], events: [], isCatchUp: true };
  expect(one!.socket.sendPacked('frame', frame)).toBeLessThan(1000);
  expect(await packed).toMatchObject({ name: 'frame', session: 's', bytes: expect.any(Buffer) as unknown });

  client.emit('credit', { cursor: 1 }, () => {});
  client.emit('want', { id: 2 });
  while (one!.said.length < 2) await new Promise<void>((resolve) => setImmediate(resolve));
  expect(one!.said).toEqual([
    ['credit', { cursor: 1 }],
    ['want', { id: 2 }],
  ]);
  const disconnected = toldOf(client, 'disconnect');
  one!.socket.end(500, null);
  expect(await bye).toEqual({ afterMs: 500, error: null });
  expect(await disconnected).toBe('io server disconnect');
  expect(one!.isClosed).toBe(true);
});

test('who may not sign in is told why and sent away', async () => {
  const client = openClient('bad');
  expect(await toldOf(client, 'connect_error')).toMatchObject({ data: { kind: 'unauthenticated' } });
  const raw = await openRaw();
  raw.socket.send(`40${AGENT_NAMESPACE},{"token":`);
  await raw.closed;
  expect(raw.said.at(-1)).toContain('"kind":"unauthenticated"');
  expect(served).toEqual([]);
});

test('SYNC-D2 a console that is gone before its sign-in is done is not served', async () => {
  const letIn = Promise.withResolvers<void>();
  signingIn = letIn.promise;
  const raw = await openRaw();
  raw.socket.send(`40${AGENT_NAMESPACE},{"token":"good"}`);
  raw.socket.close();
  await raw.closed;
  await new Promise<void>((resolve) => setImmediate(resolve));
  letIn.resolve();
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect(served).toEqual([]);
});

test('SYNC-D3 who gives no sign of life from one question to the next is ended, who does is not', async () => {
  const [silent, alive] = [await openRaw(), await openRaw()];
  for (const { socket, until, said } of [silent, alive]) {
    socket.send(`40${AGENT_NAMESPACE},{"token":"good"}`);
    await until(() => said.at(-1)!.startsWith('40'));
  }
  for (let round = 1; round <= 3; round += 1) {
    clock.advance(25_000);
    await alive.until(() => alive.said.filter((text) => text === '2').length === round);
    alive.socket.send('3');
    // Said after the answer, so when this was heard, that was too.
    alive.socket.send(`42${AGENT_NAMESPACE},["credit",${round}]`);
    while (served[1]!.said.length < round) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  await silent.closed;
  expect(served.map(({ isClosed }) => isClosed)).toEqual([true, false]);
});

test('SYNC-N2 who does not sign in, says what is no message, or too much, is ended; nobody else is', async () => {
  const idle = await openRaw();
  clock.advance(50_000);
  await idle.closed;
  const kept = openClient('good');
  await toldOf(kept, 'connect');
  const hostile = ['', '2', '1', '40/other,{}', `42${AGENT_NAMESPACE},["hello",{}]`, '4', Buffer.from('bytes')];
  for (const packet of [...hostile, 'x'.repeat(LIMIT + 1)]) {
    const raw = await openRaw();
    raw.socket.send(packet);
    await raw.closed;
  }
  for (const packet of [
    `42${AGENT_NAMESPACE},{}`,
    `42${AGENT_NAMESPACE},[1]`,
    `42${AGENT_NAMESPACE},["a`,
    '41/other,',
  ]) {
    const raw = await openRaw();
    raw.socket.send(`40${AGENT_NAMESPACE},{"token":"good"}`);
    await raw.until(() => raw.said.at(-1)!.startsWith('40'));
    raw.socket.send(packet);
    await raw.closed;
    expect(raw.said.some((text) => text.includes('malformed-message'))).toBe(true);
  }
  expect(kept.connected).toBe(true);
  expect(served.map(({ isClosed, said }) => [isClosed, said])).toEqual([
    [false, []],
    ...Array.from({ length: 4 }, () => [true, []]),
  ]);
});

test('long polling is not offered, and bytes that are no WebSocket disturb nobody', async () => {
  const error = (await toldOf(openClient('good', ['polling']), 'connect_error')) as Error;
  expect(error.message).toContain('xhr poll error');
  const { port, hostname } = new URL(url);
  for (const bytes of ['\u0000\u0001\r\n\r\n', `GET ${AGENT_SOCKET_PATH} HTTP/1.1\r\nUpgrade: websocket\r\n\r\n`]) {
    const connection = connect(Number(port), hostname);
    await new Promise<void>((resolve) => {
      connection.on('error', () => resolve());
      connection.on('close', () => resolve());
      connection.end(bytes);
      connection.resume();
    });
  }
  await toldOf(openClient('good'), 'connect');
});
