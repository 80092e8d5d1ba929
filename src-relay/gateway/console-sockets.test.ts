import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Server as SocketServer } from 'socket.io';
import { type Socket, io } from 'socket.io-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ManualClock } from '../../tests/fakes/manual-clock.ts';
import { AGENT_NAMESPACE, type ConsoleSocket } from './console-socket.ts';
import { ConsoleSockets } from './console-sockets.ts';

const LIMIT = 10_000;
const CONNECT = `40${AGENT_NAMESPACE},{"token":"good"}`;
let server: Server;
let socketServer: SocketServer;
let sockets: ConsoleSockets;
let clock: ManualClock;
let url: string;
let requests: WeakRef<object>[];
let served: { socket: ConsoleSocket; said: [string, unknown][]; isClosed: boolean }[];
const clients: { terminate(): void }[] = [];

beforeEach(async () => {
  [clock, served, requests] = [new ManualClock(), [], []];
  server = createServer((_request, response) => response.writeHead(404).end());
  const options = { transports: ['websocket' as const], maxHttpBufferSize: LIMIT, serveClient: false };
  socketServer = new SocketServer(server, options);
  sockets = new ConsoleSockets(clock);
  const namespace = socketServer.of(AGENT_NAMESPACE);
  namespace.use((socket, next) => next(socket.handshake.auth['token'] === 'good' ? undefined : new Error('No.')));
  namespace.on('connection', (taken) => {
    requests.push(new WeakRef(taken.request));
    const socket = sockets.takeOver(taken);
    const one = { socket, said: [] as [string, unknown][], isClosed: false };
    served.push(one);
    socket.serve({
      receive: (name, message) => void one.said.push([name, message]),
      closed: () => {
        one.isClosed = true;
      },
    });
  });
  socketServer.of('/widget').on('connection', (socket) => void socket.emit('welcome', 'widget'));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  sockets.close();
  await socketServer.close();
});

function openClient(token: string, transports = ['websocket']): Socket {
  const client = io(`${url}/agent`, { transports, reconnection: false, forceNew: true, auth: { token } });
  clients.push({ terminate: () => client.disconnect() });
  return client;
}

const toldOf = (client: Socket, name: string) => new Promise<unknown>((resolve) => void client.once(name, resolve));

/** Speaks without Socket.IO's client. */
async function openRaw() {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
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
  expect(one!.socket.sendBulk({ name: 'frame', message: frame }, true)).toBeLessThan(1000);
  const bytes = expect.any(Buffer) as unknown;
  expect(await packed).toMatchObject({ name: 'frame', session: 's', isZstd: true, bytes });

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

test('Socket.IO keeps nothing of a console that was taken over, and goes on serving everybody else', async () => {
  const clientsOf = () => [socketServer.engine.clientsCount, socketServer.of(AGENT_NAMESPACE).sockets.size];
  const client = openClient('good');
  await toldOf(client, 'connect');
  expect([clientsOf(), served.length]).toEqual([[0, 0], 1]);
  const widget = io(`${url}/widget`, { transports: ['websocket'], forceNew: true });
  clients.push({ terminate: () => widget.disconnect() });
  expect(await toldOf(widget, 'welcome')).toBe('widget');
  const stranger = await toldOf(openClient('bad'), 'connect_error');
  expect(stranger).toMatchObject({ message: 'No.' });
  expect(client.connected).toBe(true);
  // A namespace more on the console's own connection is not served, and does not disturb it.
  const second = client.io.socket('/widget', {});
  expect(await toldOf(second, 'connect_error')).toMatchObject({ message: 'Use a connection of its own.' });
  expect([client.connected, served[0]!.isClosed]).toEqual([true, false]);
  client.disconnect();
  while (!served[0]!.isClosed) await new Promise<void>((resolve) => setImmediate(resolve));
});

test('nothing keeps the request that a console came with, and its headers', async () => {
  await toldOf(openClient('good'), 'connect');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  await expect
    .poll(() => {
      collect();
      return requests.map((request) => request.deref());
    })
    .toEqual([undefined]);
  expect(served[0]!.isClosed).toBe(false);
});

test('a console that signs in before it has heard anything is told that it is connected all the same', async () => {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  clients.push(socket);
  const said: string[] = [];
  socket.on('message', (data) => void said.push(String(data)));
  socket.once('open', () => socket.send(CONNECT));
  while (!said.some((text) => text.startsWith('40'))) await once(socket, 'message');
  expect(said[1]).toMatch(/^40\/agent,\{"sid":"[^"]+"/u);
});

test('SYNC-D3 who gives no sign of life from one question to the next is ended, who does is not', async () => {
  const [silent, alive] = [await openRaw(), await openRaw()];
  for (const { socket, until, said } of [silent, alive]) {
    socket.send(CONNECT);
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

test('SYNC-N2 who says what is no message, or too much, is ended; nobody else is', async () => {
  const kept = openClient('good');
  await toldOf(kept, 'connect');
  const event = (text: string) => `42${AGENT_NAMESPACE},${text}`;
  for (const packet of [
    '',
    '2',
    '1',
    '4',
    '41/other,',
    `40/${'x'.repeat(65)},`,
    event('{}'),
    event('[1]'),
    event('["a'),
    Buffer.from('bytes'),
  ]) {
    const raw = await openRaw();
    raw.socket.send(CONNECT);
    await raw.until(() => raw.said.at(-1)!.startsWith('40'));
    raw.socket.send(packet);
    await raw.closed;
    expect(raw.said.some((text) => text.includes('malformed-message'))).toBe(true);
  }
  const loud = await openRaw();
  loud.socket.send(CONNECT);
  await loud.until(() => loud.said.at(-1)!.startsWith('40'));
  loud.socket.send(event(`["a","${'x'.repeat(LIMIT)}"]`));
  await loud.closed;
  expect(kept.connected).toBe(true);
  expect(served.map(({ isClosed, said }) => [isClosed, said])).toEqual([
    [false, []],
    ...Array.from({ length: 11 }, () => [true, []]),
  ]);
});

test('SYNC-N2 who asks for other namespaces and never hears the answers is ended', async () => {
  const raw = await openRaw();
  raw.socket.send(CONNECT);
  await raw.until(() => raw.said.at(-1)!.startsWith('40'));
  raw.socket.pause();
  // Much more than what the system takes for the two sides.
  const asking = setInterval(() => {
    for (let count = 0; count < 5000; count += 1) raw.socket.send(`40/${'x'.repeat(60)},`);
  }, 1);
  while (!served[0]!.isClosed) await new Promise<void>((resolve) => setImmediate(resolve));
  clearInterval(asking);
});

test('long polling is not offered, and bytes that are no WebSocket disturb nobody', async () => {
  const error = (await toldOf(openClient('good', ['polling']), 'connect_error')) as Error;
  expect(error.message).toContain('xhr poll error');
  const { port, hostname } = new URL(url);
  for (const bytes of [
    '\u0000\u0001\r\n\r\n',
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nUpgrade: websocket\r\n\r\n',
  ]) {
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
