import fs from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { useScriptedConsoles } from '../../tests/fakes/scripted-consoles.ts';
import { RELAY_URL, ScriptedRelay } from '../../tests/fakes/scripted-relay.ts';
import { Cache } from './cache/cache.ts';

const { signedIn, keep } = useScriptedConsoles();

const LAN = { relayUrl: RELAY_URL, email: 'lan@shop.example', password: 'x' };

/** The disk takes nothing more of `console.json`, until the mocks are restored. */
function fillDisk(): void {
  const write = fs.writeFileSync;
  vi.spyOn(fs, 'writeFileSync').mockImplementation((file, ...rest) => {
    if (String(file).includes('console.json')) throw Object.assign(new Error('disk full'), { code: 'ENOSPC' });
    write(file, ...rest);
  });
}

function accountFolder(dataDir: string): string {
  const [account] = fs.readdirSync(path.join(dataDir, 'accounts'));
  return path.join(dataDir, 'accounts', account!);
}

test('a file that something else left among the accounts does not keep a console from starting', async () => {
  const { relay, console } = await signedIn();
  await console.close();
  fs.writeFileSync(path.join(relay.dataDir, 'accounts', '.DS_Store'), 'of a file manager');
  const again = keep(await relay.openConsole());
  expect((await again.request('session.current')).agent?.id).toBe('lan');
});

test("another account's cache that cannot be deleted does not keep a console from starting, and the rest of it goes", async () => {
  const { relay, console } = await signedIn();
  await console.close();
  const other = path.join(relay.dataDir, 'accounts', 'of-somebody-else');
  fs.mkdirSync(path.join(other, 'cache.db'), { recursive: true });
  fs.writeFileSync(path.join(other, 'cache.key'), 'half');
  const again = keep(await relay.openConsole());
  expect((await again.request('session.current')).agent?.id).toBe('lan');
  expect(fs.readdirSync(other)).toEqual(['cache.db']);
});

test('SYNC-F1 a sign-out that the disk has no room for did not happen', async () => {
  const { relay, console } = await signedIn();
  fillDisk();
  await expect(console.request('session.signOut')).rejects.toMatchObject({ kind: 'storage' });
  vi.restoreAllMocks();
  expect((await console.request('session.current')).agent?.id).toBe('lan');
  expect(relay.link.isClosed).toBe(false);
  await console.request('session.signOut');
  expect((await console.request('sync.status')).state).toBe('signed-out');
});

test('SYNC-F1 a sign-in that the disk has no room for leaves nothing open behind it', async () => {
  const relay = new ScriptedRelay();
  const console = keep(await relay.openConsole());
  const close = vi.spyOn(Cache.prototype, 'close');
  fillDisk();
  await expect(console.request('session.signIn', LAN)).rejects.toMatchObject({ kind: 'storage' });
  expect(close).toHaveBeenCalledTimes(1);
  expect(relay.links).toEqual([]);
  expect((await console.request('sync.status')).state).toBe('signed-out');
});

test('a cache that cannot be deleted does not keep anybody signed in, and every view hears of it', async () => {
  const { relay, console } = await signedIn();
  const folder = accountFolder(relay.dataDir);
  fs.mkdirSync(path.join(folder, 'cache.damaged.db'));
  await console.request('session.signOut');
  expect(console.pushes('signedOut')).toEqual([{ reason: 'signed-out' }]);
  expect(console.pushes('status').at(-1)?.state).toBe('signed-out');
  expect((await console.request('session.current')).agent).toBeNull();
  // What is left cannot be read.
  expect(fs.existsSync(path.join(folder, 'cache.key'))).toBe(false);
});
