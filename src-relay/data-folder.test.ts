import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDataFolder, readRelayFile } from './data-folder.ts';
import { createSystemRandom } from './system-clock.ts';

const random = createSystemRandom();
let folder: string;

beforeEach(() => {
  folder = path.join(mkdtempSync(path.join(tmpdir(), 'liendesk-folder-')), 'Liên desk');
});

afterEach(() => rmSync(path.dirname(folder), { recursive: true }));

test('makes keys once, private to the user, and keeps them over restarts', () => {
  const first = openDataFolder(folder, random);
  first.announce('http://127.0.0.1:4600', 'https://chat.example.org', null);
  expect(readRelayFile(folder)).toEqual({
    url: 'http://127.0.0.1:4600',
    publicUrl: 'https://chat.example.org',
    certificate: null,
    adminToken: first.adminToken,
  });
  first.close();
  expect(readRelayFile(folder)).toEqual({
    url: null,
    publicUrl: 'https://chat.example.org',
    certificate: null,
    adminToken: first.adminToken,
  });
  const second = openDataFolder(folder, random);
  expect(Buffer.from(second.signingKey).equals(first.signingKey)).toBe(true);
  expect(second.signingKey).toHaveLength(32);
  expect(second.adminToken).toBe(first.adminToken);
  second.close();
  if (process.platform === 'win32') return;
  for (const name of ['relay.json', 'signing.key']) expect(statSync(path.join(folder, name)).mode & 0o777).toBe(0o600);
});

test('is for one relay at a time, and free again when that one was killed', async () => {
  const program = `
    const { openDataFolder } = await import(${JSON.stringify(new URL('./data-folder.ts', import.meta.url).href)});
    openDataFolder(process.argv[1], { bytes: (n) => new Uint8Array(n).fill(1) });
    console.log('open'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  expect(() => openDataFolder(folder, random)).toThrow(/Another relay is running/);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
  openDataFolder(folder, random).close();
});

test('says clearly what is wrong with a folder', () => {
  openDataFolder(folder, random).close();
  writeFileSync(path.join(folder, 'signing.key'), 'damaged');
  expect(() => openDataFolder(folder, random)).toThrow(/signing\.key is damaged/);
  expect(() => openDataFolder(path.join(folder, 'signing.key', 'below'), random)).toThrow(/cannot be used/);
  writeFileSync(path.join(folder, 'relay.json'), readFileSync(path.join(folder, 'relay.json'), 'utf8').slice(0, 9));
  expect(readRelayFile(folder)).toBeNull();
});
