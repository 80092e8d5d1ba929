import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from '@playwright/test';
import type { AgentConsole } from './agent-console.ts';
import { test } from './console-test.ts';
import type { Desk } from './desk.ts';

// Of this host alone: Electron has no server to be reached.

let desk: Desk;
let lan: AgentConsole;

test.beforeAll(async ({ openDesk }) => {
  desk = await openDesk();
  await desk.addAgent('lan', 'Trần Thị Lan');
  lan = await desk.openConsole('lan');
});

test.afterAll(() => desk.close());

test('who opens the address without its token is let in nowhere', async ({ browser }) => {
  const { origin } = new URL(lan.url!);
  // The token is not left in the address bar.
  await expect(lan.page).toHaveURL(`${origin}/`);
  const context = await browser.newContext();
  const page = await context.newPage();
  for (const path of ['/', '/index.html', '/?token=', '/?token=guess', `/?token=${'A'.repeat(43)}`]) {
    const answer = await page.goto(`${origin}${path}`);
    expect(answer?.status()).toBe(401);
    await expect(page.locator('body')).toContainText('Open the address that Liendesk printed');
  }
  expect(await openSocket(page.url(), origin)).toBe('refused');
  await context.close();

  async function openSocket(_from: string, target: string): Promise<string> {
    return page.evaluate(tryToConnect, `${target.replace('http', 'ws')}/port`);
  }
});

test('a page of another origin neither reads the console nor reaches its port, in the same browser', async () => {
  const { origin, port } = new URL(lan.url!);
  const other = http.createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><title>x</title><iframe src="${origin}/"></iframe>`);
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const otherPort = (other.address() as AddressInfo).port;
  try {
    // Same site, same profile, same cookies: only the origin differs.
    for (const name of ['127.0.0.1', 'localhost']) {
      const page = await lan.page.context().newPage();
      await page.goto(`http://${name}:${otherPort}/`);
      const outcome = await page.evaluate(async (target) => {
        const read = async (mode: RequestMode) => {
          const answer = await fetch(`${target}/`, { mode, credentials: 'include' }).catch(() => null);
          return answer === null ? 'failed' : `${answer.type} ${(await answer.text()).length}`;
        };
        const post = await fetch(`${target}/`, { method: 'POST', mode: 'no-cors', credentials: 'include' }).catch(
          () => null,
        );
        return { cors: await read('cors'), noCors: await read('no-cors'), post: post?.type ?? 'failed' };
      }, origin);
      expect(outcome.cors).toBe('failed');
      // Whatever came is closed to the page.
      expect(['failed', 'opaque 0']).toContain(outcome.noCors);
      expect(await page.evaluate(tryToConnect, `ws://127.0.0.1:${port}/port`)).toBe('refused');
      expect(await page.evaluate(tryToConnect, `ws://localhost:${port}/port`)).toBe('refused');
      const frame = page.frames()[1];
      expect(frame === undefined || !(await frame.content()).includes('Liendesk</title>')).toBe(true);
      await page.close();
    }
  } finally {
    other.closeAllConnections();
    other.close();
  }
});

test('a name that only points here does not pass for this host', async () => {
  const { port } = new URL(lan.url!);
  const cookies = await lan.page.context().cookies();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  expect(cookies.map(({ name }) => name)).toContain(`liendesk_${port}`);
  expect(cookies.every(({ httpOnly, sameSite }) => httpOnly && sameSite === 'Strict')).toBe(true);
  const ask = (headers: Record<string, string>) =>
    new Promise<number>((resolve, reject) => {
      http
        .get({ host: '127.0.0.1', port, path: '/', headers: { cookie, ...headers } }, (response) => {
          response.resume();
          resolve(response.statusCode!);
        })
        .on('error', reject);
    });
  expect(await ask({})).toBe(200);
  expect(await ask({ host: `evil.example:${port}` })).toBe(403);
  expect(await ask({ origin: 'https://evil.example' })).toBe(403);
  expect(await ask({ origin: 'null' })).toBe(403);
});

test('the page runs nothing but its own files', async () => {
  const answer = await lan.page.reload();
  const policy = answer?.headers()['content-security-policy'] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toMatch(/unsafe|\*/u);
  await lan.expectOnline();
  const violation = lan.page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective));
        const script = document.createElement('script');
        script.textContent = 'window.wasRun = true';
        document.body.append(script);
      }),
  );
  expect(await violation).toBe('script-src-elem');
  expect(await lan.page.evaluate(() => 'wasRun' in window)).toBe(false);
  // That one was ours; it is reported on a way of its own.
  const reported: string[] = [];
  await expect.poll(() => reported.push(...desk.takeProblems())).toBeGreaterThan(0);
  expect(reported.every((problem) => problem.includes('Content Security Policy'))).toBe(true);
});

function tryToConnect(address: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(address);
    socket.addEventListener('open', () => resolve('open'));
    socket.addEventListener('error', () => resolve('refused'));
  });
}
