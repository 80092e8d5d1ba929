import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { ManualClock } from '../../../tests/fakes/manual-clock.ts';
import { settle } from '../../../tests/fakes/scripted-relay.ts';
import { type Fetch, RelayHttp } from './relay-http.ts';

const PIECE = Buffer.from('một phần');
const WHOLE = Buffer.concat([PIECE, PIECE, PIECE]);

function idOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A relay whose file comes as the test says. */
function slowRelay() {
  const clock = new ManualClock();
  let body: ReadableStreamDefaultController<Uint8Array>;
  const fetch: Fetch = async (_url, init) =>
    new Response(
      new ReadableStream<Uint8Array>({
        start: (controller) => {
          body = controller;
          init!.signal!.addEventListener('abort', () => controller.error(init!.signal!.reason));
        },
      }),
    );
  const http = new RelayHttp('http://relay.test', fetch, clock);
  return { clock, http, send: () => body.enqueue(PIECE), end: () => body.close() };
}

test('SYNC-A1 a file comes over a slow line however long it takes, as long as something of it comes', async () => {
  const { clock, http, send, end } = slowRelay();
  const downloading = http.download(idOf(WHOLE), 'token');
  for (let pieces = 0; pieces < 3; pieces += 1) {
    await settle();
    clock.advance(20_000);
    send();
  }
  await settle();
  end();
  expect(Buffer.from(await downloading)).toEqual(WHOLE);
});

test('SYNC-A1 one of which nothing comes any more is given up as a connection that is lost', async () => {
  const { clock, http, send } = slowRelay();
  const downloading = http.download(idOf(WHOLE), 'token');
  await settle();
  send();
  await settle();
  clock.advance(30_000);
  await expect(downloading).rejects.toMatchObject({ kind: 'offline' });
});

/** Runs `ask` with a relay whose answers break off. */
async function breakingOff(ask: (http: RelayHttp) => Promise<unknown>): Promise<void> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': WHOLE.length });
    response.write(PIECE, () => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await ask(new RelayHttp(`http://127.0.0.1:${port}`, fetch, new ManualClock()));
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

test('SYNC-A1 so is one that breaks off', async () => {
  await breakingOff(async (http) => {
    await expect(http.download(idOf(WHOLE), 'token')).rejects.toMatchObject({ kind: 'offline' });
  });
});

test('a sign-in whose answer breaks off is no proof that there is no relay', async () => {
  await breakingOff(async (http) => {
    await expect(http.refresh('token')).rejects.toMatchObject({ kind: 'offline' });
  });
  const portal: Fetch = async () => new Response('<title>Wi-Fi: please sign in</title>');
  const other = new RelayHttp('http://relay.test', portal, new ManualClock());
  await expect(other.refresh('token')).rejects.toMatchObject({ details: { reason: 'not-a-relay' } });
});

test('SYNC-A1 what something else answers in the place of a file is not taken for it', async () => {
  const portal: Fetch = async () => new Response('<title>Wi-Fi: please sign in</title>');
  const http = new RelayHttp('http://relay.test', portal, new ManualClock());
  await expect(http.download(idOf(WHOLE), 'token')).rejects.toMatchObject({ details: { reason: 'not-a-relay' } });
});
