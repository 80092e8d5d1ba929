import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

/** A line between two programs: so wide, and with a meter for what comes from the far end. */
export interface MeteredProxy {
  port: number;
  /** Bytes that came from the target so far, over all connections. */
  receivedBytes(): number;
  close(): Promise<void>;
}

export interface MeteredProxyOptions {
  /** On which 127.0.0.1 port to listen; 0: a free one. */
  port: number;
  targetPort: number;
  /** Of the direction from the target. */
  bitsPerSecond: number;
}

const TURN_MS = 5;

/** Passes on whatever comes, as it comes, at most so fast. */
export async function startMeteredProxy(options: MeteredProxyOptions): Promise<MeteredProxy> {
  const bytesPerMs = options.bitsPerSecond / 8 / 1000;
  const sockets = new Set<Socket>();
  let received = 0;
  /** When the line is free again; shared by all connections. */
  let freeAt = 0;
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: options.targetPort, host: '127.0.0.1', noDelay: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    near.on('data', (data) => far.write(data));
    near.on('close', () => far.destroy());
    let chain = Promise.resolve();
    far.on('data', (data) => {
      received += data.length;
      const now = performance.now();
      freeAt = Math.max(now, freeAt) + data.length / bytesPerMs;
      // As a narrow line does: who sends more than fits has to wait.
      if (freeAt - now > TURN_MS) {
        far.pause();
        setTimeout(() => far.resume(), freeAt - now);
      }
      chain = chain.then(() => deliver(near, data, freeAt));
    });
    far.on('close', () => void chain.then(() => near.destroy()));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    receivedBytes: () => received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function deliver(to: Socket, data: Buffer, at: number): Promise<void> {
  const waitMs = at - performance.now();
  if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
  if (!to.destroyed) to.write(data);
}
