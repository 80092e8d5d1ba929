import fs from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { makeFolder } from '../../tests/fakes/console-process.ts';
import { receive } from '../../tests/fakes/desk-writes.ts';
import type { HubRig } from '../../tests/fakes/hub-rig.ts';
import type { LinkedCore } from '../../tests/fakes/linked-core.ts';
import { useLinkedCores } from '../../tests/fakes/linked-cores.ts';
import { LeasedKey } from './leased-key.ts';
import { createSystemRandom } from './system-clock.ts';

const { openRig: openBareRig, openCore, kill } = useLinkedCores();
const HOUR_MS = 60 * 60_000;

afterEach(() => vi.restoreAllMocks());

async function openRig(): Promise<HubRig> {
  const rig = await openBareRig();
  await receive(rig, { text: 'bí mật', newConversationId: 'k1' });
  return rig;
}

function cacheFiles(core: LinkedCore): string[] {
  const names = fs.readdirSync(path.join(core.dataDir, 'accounts'), { recursive: true }).map(String);
  return names.filter((name) => /cache\..*db/u.test(name)).map((name) => path.join(core.dataDir, 'accounts', name));
}

const total = async (core: LinkedCore) => (await core.request('conversation.list', { filter: { view: 'open' } })).total;

/** From here on no file of a cache can be deleted or renamed. */
function holdCacheFiles(): void {
  const { rmSync, renameSync } = fs;
  const isHeld = (file: fs.PathLike) => /cache\.(?:next\.|ready\.)?db/u.test(String(file)) && fs.existsSync(file);
  const refuse = (): never => {
    throw Object.assign(new Error('EBUSY: resource busy or locked'), { code: 'EBUSY' });
  };
  vi.spyOn(fs, 'rmSync').mockImplementation((file, options) => (isHeld(file) ? refuse() : rmSync(file, options)));
  vi.spyOn(fs, 'renameSync').mockImplementation((from, to) => (isHeld(from) ? refuse() : renameSync(from, to)));
}

test('SYNC-V3 when the lease is over a cache that cannot be deleted cannot be read either', async () => {
  const rig = await openRig();
  const core = await openCore(rig);
  core.cut();
  await core.request('message.send', { conversationId: 'k1', text: 'chưa gửi' });
  expect(await total(core)).toBe(1);
  holdCacheFiles();
  core.clockSkewMs = 73 * HOUR_MS;
  await core.pass(120_000);
  // The files are all still there; what opens them has no key any more, whatever the clock says by now.
  expect(cacheFiles(core).some((file) => file.endsWith('cache.db') && fs.statSync(file).size > 0)).toBe(true);
  core.clockSkewMs = 0;
  await expect(total(core)).rejects.toThrow();
  await expect(core.request('message.list', { conversationId: 'k1' })).rejects.toThrow();
  expect(await core.request('sync.status')).toMatchObject({ cursor: 0, pendingCount: 1 });

  // It is tried again, and everything goes on.
  vi.restoreAllMocks();
  await core.pass(120_000);
  expect(await total(core)).toBe(0);
  expect((await core.request('sync.status')).notice).toMatchObject({ reason: 'lease-over' });
  core.reconnect();
  await core.pass(60_000);
  expect(await total(core)).toBe(1);
  expect(await core.request('sync.status')).toMatchObject({ state: 'online', pendingCount: 0 });
});

test('SYNC-V3 killed between the end of its key and that of its files: nothing is read, they go, unsent work is sent', async () => {
  const rig = await openRig();
  const core = await openCore(rig);
  core.cut();
  await core.request('message.send', { conversationId: 'k1', text: 'chưa gửi' });
  holdCacheFiles();
  core.clockSkewMs = 73 * HOUR_MS;
  await core.pass(120_000);
  const left = cacheFiles(core).find((file) => file.endsWith('cache.db'))!;
  const before = fs.readFileSync(left);
  vi.restoreAllMocks();

  // Also with a clock that is right again: it is the key that is gone.
  const next = await kill(core, { clockSkewMs: 0, isOffline: true });
  expect(await total(next)).toBe(0);
  expect((await next.request('outbox.list')).entries).toMatchObject([{ text: 'chưa gửi' }]);
  for (const file of cacheFiles(next)) expect(fs.readFileSync(file).includes(before.subarray(0, 4096))).toBe(false);
  next.reconnect();
  await next.pass(60_000);
  const { messages } = await next.request('message.list', { conversationId: 'k1' });
  expect(messages.filter(({ kind }) => kind === 'public').map(({ text }) => text)).toEqual(['bí mật', 'chưa gửi']);
});

test('SYNC-V3 a cache that was copied while it could be read is unreadable under the key of the next one', async () => {
  const rig = await openRig();
  const core = await openCore(rig);
  core.cut();
  const kept = cacheFiles(core).map((file) => ({ file, content: fs.readFileSync(file) }));
  expect(kept.some(({ file }) => file.endsWith('cache.db'))).toBe(true);
  core.clockSkewMs = 73 * HOUR_MS;
  await core.pass(120_000);
  for (const { file, content } of kept) if (!file.endsWith('-shm')) fs.writeFileSync(`${file}.kept`, content);
  const next = await kill(core, { clockSkewMs: 73 * HOUR_MS, isOffline: true, prepare: putBack });
  expect(await total(next)).toBe(0);
});

function putBack(dataDir: string): void {
  const names = fs.readdirSync(path.join(dataDir, 'accounts'), { recursive: true }).map(String);
  const files = names.map((name) => path.join(dataDir, 'accounts', name));
  for (const file of files.filter((name) => /cache\.db(?:-wal)?$/u.test(name))) fs.rmSync(file);
  for (const file of files.filter((name) => name.endsWith('.kept'))) fs.renameSync(file, file.replace(/\.kept$/u, ''));
}

test('SYNC-V3 of a key that was dropped nothing is left, and the next cache has another', () => {
  const folder = makeFolder('liendesk-key-');
  const key = new LeasedKey(folder, 'a1'.repeat(32), createSystemRandom());
  const file = path.join(folder, 'cache.key');
  const first = key.current();
  expect(key.current()).toBe(first);
  expect(new LeasedKey(folder, 'a1'.repeat(32), createSystemRandom()).current()).toBe(first);
  // The host's half is needed as well.
  expect(new LeasedKey(folder, 'b2'.repeat(32), createSystemRandom()).current()).not.toBe(first);
  expect(fs.statSync(file).mode & 0o077).toBe(0);

  // A second name for the same content, as an undeleter would find it.
  fs.linkSync(file, path.join(folder, 'found'));
  key.drop();
  expect(fs.existsSync(file)).toBe(false);
  expect(fs.readFileSync(path.join(folder, 'found'))).toEqual(Buffer.alloc(32));
  key.drop();
  const second = key.current();
  expect(second).not.toBe(first);

  // A process that died in the middle of dropping it.
  fs.writeFileSync(file, Buffer.alloc(32));
  expect([first, second]).not.toContain(key.current());
});

test('SYNC-V3 on Windows, which flushes no folders', () => {
  const { fsyncSync } = fs;
  vi.spyOn(fs, 'fsyncSync').mockImplementation((handle) => {
    if (!fs.fstatSync(handle).isDirectory()) return fsyncSync(handle);
    throw Object.assign(new Error('EPERM: operation not permitted, fsync'), { code: 'EPERM' });
  });
  const folder = makeFolder('liendesk-key-');
  const key = new LeasedKey(folder, 'a1'.repeat(32), createSystemRandom());
  expect(key.current()).toBe(key.current());
  key.drop();
  expect(fs.readdirSync(folder)).toEqual([]);
});
