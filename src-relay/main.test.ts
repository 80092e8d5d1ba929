import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ProtocolClient } from '../tests/fakes/protocol-client.ts';
import { makeId } from '../tests/fakes/start-relay.ts';
import { untilPortIsFree } from '../tests/fakes/until-port-is-free.ts';

const children: ChildProcess[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await new Promise((resolve) => void child.once('exit', resolve));
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function makeFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'liendesk-main-'));
  folders.push(folder);
  return folder;
}

interface Run {
  child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Resolves to the address once it is ready. */
  url: Promise<string>;
  exit: Promise<number | null>;
}

function run(...args: string[]): Run {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'main.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] },
  });
  children.push(child);
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const exit = new Promise<number | null>((resolve) => void child.once('close', (code) => resolve(code)));
  const url = new Promise<string>((resolve) => {
    child.stdout.on('data', (data: Buffer) => {
      stdout += data.toString();
      const match = /^Liendesk relay: (\S+)\n/u.exec(stdout);
      if (match) resolve(match[1]!);
    });
  });
  return { child, stdout: () => stdout, stderr: () => stderr, url, exit };
}

async function administer(url: string, folder: string, route: string, body: unknown): Promise<void> {
  const { adminToken } = JSON.parse(readFileSync(path.join(folder, 'relay.json'), 'utf8')) as { adminToken: string };
  const response = await fetch(`${url}/api/v1${route}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${route}: ${await response.text()}`);
}

test('it says where it is in one line, and SIGTERM ends it with 0', async () => {
  const folder = makeFolder();
  const relay = run('--port', '0', '--data-dir', folder);
  const url = await relay.url;
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ status: 'ready', seq: 0 });
  expect(JSON.parse(readFileSync(path.join(folder, 'relay.json'), 'utf8'))).toMatchObject({ url });
  relay.child.kill('SIGTERM');
  expect(await relay.exit).toBe(0);
  expect(relay.stdout()).toBe(`Liendesk relay: ${url}\n`);
  for (const line of relay.stderr().trim().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow();
  expect(JSON.parse(readFileSync(path.join(folder, 'relay.json'), 'utf8'))).toMatchObject({ url: null });
});

test('what it cannot do it says in one line, with exit code 1', async () => {
  const folder = makeFolder();
  const relay = run('--port', '0', '--data-dir', folder);
  const url = await relay.url;
  const occupied = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => void occupied.once('listening', resolve));
  const { port } = occupied.address() as { port: number };
  const file = path.join(makeFolder(), 'a-file');
  writeFileSync(file, 'not a folder');
  const cases: [string[], RegExp][] = [
    [['--port', '0', '--data-dir', folder], /Another relay is running on/],
    [['--port', String(port), '--data-dir', makeFolder()], /Port \d+ is in use; choose another with --port/],
    [['--port', '0', '--data-dir', file], /cannot be used/],
    [['--colour', 'red'], /Unknown option '--colour'/],
  ];
  for (const [args, message] of cases) {
    const refused = run(...args);
    expect(await refused.exit, args.join(' ')).toBe(1);
    expect(refused.stdout()).toBe('');
    const lines = refused.stderr().trim().split('\n');
    expect(lines.filter((line) => !line.startsWith('{'))).toEqual([expect.stringMatching(message)]);
  }
  occupied.close();
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test('ROW-C3 INV-3 kill −9 and start again: the same cursor goes on, nothing lost, nothing twice', async () => {
  const folder = makeFolder();
  const first = run('--port', '0', '--data-dir', folder);
  const url = await first.url;
  const { port } = new URL(url);
  const lan = { name: 'Lan', email: 'lan@example.org', role: 'lead', password: 'a long password' };
  await administer(url, folder, '/agents', lan);
  const signedIn = await fetch(`${url}/api/v1/auth/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      email: 'lan@example.org',
      password: 'a long password',
      deviceId: makeId(),
      deviceName: 'x',
    }),
  });
  const { accessToken: token } = (await signedIn.json()) as { accessToken: string };
  const client = await ProtocolClient.connect({ url, token });
  const ids = Array.from({ length: 60 }, () => makeId());
  const submitAll = (by: ProtocolClient) => {
    for (const [index, id] of ids.entries()) {
      const fields = { shortcut: `s${index}`, title: `Reply ${index}`, texts: { vi: 'x' }, queueIds: [] };
      by.submitOnly('canned-reply.put', { id: `reply-${index}`, fields }, { id, n: index + 1 });
    }
  };
  submitAll(client);
  await client.until(() => client.messages('results').length > 0);
  first.child.kill('SIGKILL');
  await first.exit;
  const answered = client.messages('results').flatMap(({ results }) => results);

  await untilPortIsFree(Number(port));
  const second = run('--port', port, '--data-dir', folder);
  expect(await second.url).toBe(url);
  const { cursor } = client.replica;
  const again = await ProtocolClient.connect({ url, token, device: client.device, replica: client.replica });
  expect(again.welcome).toMatchObject({ mode: 'tail', needHeld: false });
  expect(again.replica.cursor).toBeGreaterThanOrEqual(cursor);
  submitAll(again);
  await again.until(() => ids.every((id) => again.resultsOf(id).length === 1));
  for (const result of answered) expect(again.resultsOf(result.id)).toEqual([result]);
  const seqs = ids.map((id) => again.resultsOf(id)[0]!).flatMap((result) => (result.ok ? [result.seq] : []));
  expect(new Set(seqs).size).toBe(60);
  const head = Math.max(...seqs);
  await again.until(() => again.replica.cursor >= head);
  // The workspace had one event before: the agent. Each command made exactly one more.
  expect(head).toBe(61);
  expect([...again.replica.subjects.keys()].filter((one) => one.startsWith('canned-reply:')).length).toBe(60);
  again.close();
});
