import type { AddressInfo } from 'node:net';
import { type RawData, WebSocket, WebSocketServer } from 'ws';

/** Of one peer: what it fetches, and what it sends in how many steps, each of which waits for an answer. */
export interface PlainWork {
  bytesDown: number;
  bytesUp: number;
  rounds: number;
}

const CHUNK_BYTES = 64 * 1024;
/** Chunks under way without an answer, as many as a console's credits. */
const CREDITS = 2;

/** A bare ws server that gives each peer bytes from where it stands, chunk by chunk, and answers what peers send. */
export class PlainServer {
  readonly #server: WebSocketServer;

  private constructor(server: WebSocketServer) {
    this.#server = server;
  }

  static async open(): Promise<PlainServer> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
    await new Promise<void>((resolve) => server.once('listening', resolve));
    server.on('connection', (socket) => serve(socket));
    return new PlainServer(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** First a text `from to`: bytes of that range follow, two chunks ahead of the acks. Then each message gets an answer. */
function serve(socket: WebSocket): void {
  let from = 0;
  let to = 0;
  let credits = CREDITS;
  const send = (): void => {
    while (credits > 0 && from < to) {
      const length = Math.min(CHUNK_BYTES, to - from);
      socket.send(Buffer.alloc(length));
      from += length;
      credits -= 1;
    }
  };
  socket.on('error', () => undefined);
  socket.on('message', (data: RawData, isBinary: boolean) => {
    const text = isBinary ? '' : toText(data);
    if (isBinary) socket.send('done');
    else if (text === 'ack') {
      credits += 1;
      send();
    } else {
      [from, to] = text.split(' ').map(Number) as [number, number];
      send();
    }
  });
}

/** Does its work over a line that may be cut: comes back at once, and goes on where it stood. */
export async function transferPlainly(url: string, work: PlainWork): Promise<void> {
  const progress = { received: 0, round: 0 };
  while (progress.received < work.bytesDown || progress.round < work.rounds) {
    await connectOnce(url, work, progress);
  }
}

/** Resolves when all is done, or when the connection ended. */
function connectOnce(url: string, work: PlainWork, progress: { received: number; round: number }): Promise<void> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url.replace('http', 'ws'), { perMessageDeflate: false });
    const step = Buffer.alloc(Math.ceil(work.bytesUp / Math.max(1, work.rounds)));
    const goOn = (): void => {
      if (progress.received < work.bytesDown) return;
      if (progress.round < work.rounds) socket.send(step);
      else socket.close();
    };
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    socket.on('open', () => {
      if (progress.received < work.bytesDown) socket.send(`${progress.received} ${work.bytesDown}`);
      else goOn();
    });
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (isBinary) {
        progress.received += (data as Buffer).length;
        socket.send('ack');
      } else progress.round += 1;
      goOn();
    });
  });
}

function toText(data: RawData): string {
  return (data as Buffer).toString('utf8');
}
