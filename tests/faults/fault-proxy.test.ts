import { once } from 'node:events';
import net from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { seededRandom } from '../fakes/manual-clock.ts';
import { FaultProxy } from './fault-proxy.ts';

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A proxy before a server that gives back what it gets, and the sockets that the server saw. */
async function openEcho(): Promise<{ proxy: FaultProxy; served: net.Socket[] }> {
  const served: net.Socket[] = [];
  const server = net.createServer((socket) => {
    served.push(socket);
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy = await FaultProxy.open((server.address() as net.AddressInfo).port, seededRandom(1));
  cleanUps.push(
    () => server.close(),
    () => {
      for (const socket of served) socket.destroy();
    },
    () => proxy.close(),
  );
  return { proxy, served };
}

/** Resolves when a socket has closed, also when that was long ago. */
function gone(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.on('close', () => resolve());
  });
}

class Client {
  readonly socket: net.Socket;
  received = Buffer.alloc(0);
  error: NodeJS.ErrnoException | null = null;
  readonly closed: Promise<void>;

  constructor(port: number) {
    this.socket = net.connect({ port, host: '127.0.0.1' });
    this.socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
    });
    this.socket.on('error', (error) => {
      this.error = error;
    });
    this.closed = new Promise((resolve) => this.socket.on('close', () => resolve()));
    cleanUps.push(() => this.socket.destroy());
  }

  async waitFor(bytes: number): Promise<void> {
    while (this.received.length < bytes) await once(this.socket, 'data');
  }
}

test('a perfect line changes nothing, and its ends are passed on', async () => {
  const { proxy } = await openEcho();
  const client = new Client(proxy.port);
  const sent = Buffer.from(seededRandom(7).bytes(300_000));
  client.socket.end(sent);
  await client.closed;
  expect(client.received.equals(sent)).toBe(true);
  expect(client.error).toBeNull();
  expect(proxy.traffic).toEqual({ connections: 1, bytesUp: 300_000, bytesDown: 300_000, cuts: 0 });
  while (proxy.connections.size > 0) await new Promise(setImmediate);
});

test('latency and jitter delay what comes, never its order; bandwidth holds it up', async () => {
  const { proxy } = await openEcho();
  proxy.change({ latencyMs: 40, jitterMs: 30, sliceBytes: 100 });
  const client = new Client(proxy.port);
  const sent = Buffer.from(seededRandom(8).bytes(5000));
  let startedAt = performance.now();
  client.socket.write(sent);
  await client.waitFor(5000);
  // At least what the conditions say; how much more is the machine's affair.
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(80);
  expect(client.received.equals(sent)).toBe(true);

  await proxy.heal();
  proxy.change({ bytesPerSecond: 100_000 });
  startedAt = performance.now();
  client.socket.write(sent);
  client.socket.write(sent);
  await client.waitFor(15_000);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(100);
});

test('all connections of a line share its bandwidth, and one may be slow by itself', async () => {
  const { proxy } = await openEcho();
  proxy.change({ bytesPerSecond: 50_000 });
  const clients = [new Client(proxy.port), new Client(proxy.port)];
  const startedAt = performance.now();
  for (const client of clients) client.socket.write(Buffer.alloc(5000));
  await Promise.all(clients.map((client) => client.waitFor(5000)));
  // 10,000 bytes at 50,000 a second, up; down begins while up goes on.
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(200);

  await proxy.heal();
  const [slow] = proxy.connections;
  slow!.change({ bytesPerSecond: 20_000 });
  const slowStartedAt = performance.now();
  for (const client of clients) client.socket.write(Buffer.alloc(4000));
  const times = await Promise.all(
    clients.map(async (client) => {
      await client.waitFor(9000);
      return performance.now() - slowStartedAt;
    }),
  );
  expect(Math.max(...times)).toBeGreaterThanOrEqual(200);
});

test('slices are no larger than said, and all of them arrive', async () => {
  const { proxy } = await openEcho();
  proxy.change({ sliceBytes: 10 });
  const client = new Client(proxy.port);
  client.socket.write('0123456789abcdefghijABCDEFGHIJ');
  await client.waitFor(30);
  expect(client.received.toString()).toBe('0123456789abcdefghijABCDEFGHIJ');
  // A whole that is more than may pass would not pass at all.
  proxy.change({ cutAfterBytes: 15 });
  const cut = new Client(proxy.port);
  const before = proxy.traffic.bytesUp;
  cut.socket.write('0123456789abcdefghijABCDEFGHIJ');
  await cut.closed;
  expect(proxy.traffic.bytesUp - before).toBe(10);
});

test('a connection is reset after its bytes, and the next one begins to count anew', async () => {
  const { proxy, served } = await openEcho();
  proxy.change({ cutAfterBytes: 1000, sliceBytes: 100 });
  for (let round = 1; round <= 2; round += 1) {
    const client = new Client(proxy.port);
    client.socket.write(Buffer.alloc(2000));
    await client.closed;
    expect(client.error?.code).toBe('ECONNRESET');
    expect(client.received.length).toBeLessThanOrEqual(1000);
    expect(proxy.traffic.cuts).toBe(round);
  }
  expect(proxy.traffic.bytesUp + proxy.traffic.bytesDown).toBeLessThanOrEqual(2000);
  expect(served.length).toBe(2);
});

test('by chance, as often as said', async () => {
  const { proxy } = await openEcho();
  proxy.change({ cutChance: 1 });
  const client = new Client(proxy.port);
  client.socket.write('x');
  await client.closed;
  expect(client.error?.code).toBe('ECONNRESET');
  expect(client.received.length).toBe(0);
});

test('a reset reaches both ends; without one, an end that vanishes takes the other with it', async () => {
  const { proxy, served } = await openEcho();
  const client = new Client(proxy.port);
  client.socket.write('x');
  await client.waitFor(1);
  proxy.resetAll();
  await Promise.all([client.closed, gone(served[0]!)]);
  expect(client.error?.code).toBe('ECONNRESET');

  const second = new Client(proxy.port);
  second.socket.write('x');
  await second.waitFor(1);
  served[1]!.resetAndDestroy();
  await second.closed;
  expect(second.error?.code).toBe('ECONNRESET');
});

test('half-open: both ends stay open, hear nothing, and are not told that the other is gone', async () => {
  const { proxy, served } = await openEcho();
  const client = new Client(proxy.port);
  client.socket.write('before');
  await client.waitFor(6);
  proxy.swallowAll();
  client.socket.write('after');
  served[0]!.write('from the other end');
  // A second connection is not silent, and outlives what the first one was sent.
  const other = new Client(proxy.port);
  other.socket.write('here');
  await other.waitFor(4);
  expect(client.received.toString()).toBe('before');
  expect(client.socket.readyState).toBe('open');
  client.socket.destroy();
  other.socket.write('again');
  await other.waitFor(9);
  expect(served[0]!.readyState).toBe('open');
  await proxy.heal();
  expect(served[0]!.readyState).toBe('open');
});

test('refused, then taken again on the same port; open connections stay', async () => {
  const { proxy } = await openEcho();
  const { port } = proxy;
  const open = new Client(port);
  open.socket.write('x');
  await open.waitFor(1);
  await proxy.refuse();
  const refused = new Client(port);
  await refused.closed;
  expect(refused.error?.code).toBe('ECONNREFUSED');
  open.socket.write('y');
  await open.waitFor(2);
  await proxy.heal();
  expect(proxy.port).toBe(port);
  const taken = new Client(port);
  taken.socket.write('z');
  await taken.waitFor(1);
});
