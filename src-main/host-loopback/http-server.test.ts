import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect as netConnect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type LoopbackServer, startLoopbackServer } from './http-server.ts';

const token = 'a-token-of-this-launch';
let folder: string;
let server: LoopbackServer;
let port: number;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'liendesk-loopback-'));
  mkdirSync(path.join(folder, 'pages/assets'), { recursive: true });
  writeFileSync(path.join(folder, 'pages/index.html'), '<!doctype html><title>console</title>');
  writeFileSync(path.join(folder, 'pages/assets/app-1a2b.js'), 'export {};');
  writeFileSync(path.join(folder, 'secret.json'), '{}');
  server = await startLoopbackServer({
    port: 0,
    token,
    pages: path.join(folder, 'pages'),
    onSocket: (socket) => socket.send('welcome'),
  });
  port = Number(new URL(server.url).port);
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function get(target: string, headers: Record<string, string> = {}, method = 'GET') {
  return new Promise<{ status: number; headers: Record<string, string | string[] | undefined>; text: string }>(
    (resolve, reject) => {
      const sent = request(
        { host: '127.0.0.1', port, path: target, method, headers: { host: `127.0.0.1:${port}`, ...headers } },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => (text += part));
          response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
        },
      );
      sent.on('error', reject).end();
    },
  );
}

const cookie = () => `liendesk_${port}=${token}`;

test('the printed address is exchanged for a cookie that scripts and other sites cannot use, and leaves the address bar', async () => {
  const answer = await get(`/?token=${token}`);
  expect(answer.status).toBe(303);
  expect(answer.headers['location']).toBe('/');
  expect(String(answer.headers['set-cookie'])).toBe(`liendesk_${port}=${token}; HttpOnly; SameSite=Strict; Path=/`);
  // The token stays good while the process lives: a second window may open the same address.
  expect((await get(`/?token=${token}`)).status).toBe(303);
});

test('without the cookie, with a wrong one, or with a wrong token nothing is served', async () => {
  for (const answer of [
    await get('/'),
    await get('/assets/app-1a2b.js'),
    await get('/', { cookie: `liendesk_${port}=other` }),
    await get('/', { cookie: `liendesk_${port + 1}=${token}` }),
    await get('/?token=other'),
    await get(`/?token=${token}x`),
  ]) {
    expect(answer.status).toBe(401);
    expect(answer.text).not.toContain('<!doctype');
  }
});

test('pages come under a policy that runs no script but our own files', async () => {
  const answer = await get('/', { cookie: cookie() });
  expect(answer.status).toBe(200);
  const policy = String(answer.headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain('unsafe');
  expect(policy).toContain("frame-ancestors 'none'");
  expect((await get('/assets/app-1a2b.js', { cookie: cookie() })).headers['content-type']).toContain('text/javascript');
});

test('a request under another name for this address (DNS rebinding) or from another page is refused', async () => {
  expect((await get('/', { cookie: cookie(), host: 'evil.example' })).status).toBe(403);
  expect((await get('/', { cookie: cookie(), host: `evil.example:${port}` })).status).toBe(403);
  expect((await get('/', { cookie: cookie(), origin: 'https://evil.example' })).status).toBe(403);
  expect((await get('/', { cookie: cookie(), origin: `http://127.0.0.1:${port + 1}` })).status).toBe(403);
  expect((await get('/', { cookie: cookie(), host: `localhost:${port}` })).status).toBe(200);
});

test('no path leaves the folder of pages, and only GET is answered', async () => {
  for (const target of [
    '/../secret.json',
    '/%2e%2e/secret.json',
    '/..%2fsecret.json',
    '/assets/%00',
    '/%zz',
    '//etc/passwd',
  ]) {
    const answer = await get(target, { cookie: cookie() });
    expect([target, answer.status === 404 || answer.text.includes('<title>console')]).toEqual([target, true]);
  }
  expect((await get('/', { cookie: cookie() }, 'POST')).status).toBe(405);
});

function connect(headers: Record<string, string>, target = '/port'): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${target}`, { headers });
    socket.on('message', (data: Buffer) => {
      resolve(data.toString());
      socket.close();
    });
    socket.on('error', () => resolve('refused'));
    socket.on('unexpected-response', () => resolve('refused'));
  });
}

test('the socket is opened by our own page with the cookie, and by nobody else', async () => {
  const origin = `http://127.0.0.1:${port}`;
  expect(await connect({ cookie: cookie(), origin })).toBe('welcome');
  expect(await connect({ cookie: cookie() })).toBe('refused');
  expect(await connect({ origin })).toBe('refused');
  expect(await connect({ cookie: cookie(), origin: 'https://evil.example' })).toBe('refused');
  expect(await connect({ cookie: cookie(), origin, host: 'evil.example' })).toBe('refused');
  expect(await connect({ cookie: cookie(), origin }, '/other')).toBe('refused');
});

test('an address that is none is refused, and the host goes on', async () => {
  const origin = `http://127.0.0.1:${port}`;
  expect(await connect({ cookie: cookie(), origin }, '//')).toBe('refused');
  expect((await get('//', { cookie: cookie() })).status).toBe(400);
  expect(await connect({ cookie: cookie(), origin })).toBe('welcome');
});

test('who is refused and goes away without waiting for the answer does not end the host', async () => {
  const upgrade = 'Host: other\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  for (let times = 0; times < 5; times += 1) {
    await new Promise<void>((resolve) => {
      const socket = netConnect(port, '127.0.0.1', () => {
        socket.write(`GET /port HTTP/1.1\r\n${upgrade}`);
        socket.resetAndDestroy();
      });
      socket.on('close', () => resolve());
    });
  }
  expect(await connect({ cookie: cookie(), origin: `http://127.0.0.1:${port}` })).toBe('welcome');
});

test('a port that is in use is said in words', async () => {
  const again = startLoopbackServer({ port, token, pages: folder, onSocket: () => undefined });
  await expect(again).rejects.toMatchObject({
    kind: 'conflict',
    message: expect.stringContaining(`Port ${port} is in use`),
  });
});
