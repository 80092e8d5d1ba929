import { EventEmitter } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { coreRequests } from '../../shared/core-api/requests.ts';
import { toErrorBody, AppError } from '../../shared/errors.ts';
import type { FromCoreProcess, ToCoreProcess } from '../../shared/host-api/core-process.ts';
import { CoreProcess } from './core-process.ts';
import { type HostParts, answerHostRequests, makeHostFeatures } from './host-features.ts';
import { PAGE_ORIGIN, answerPage } from './pages.ts';
import { PORT_CHANNEL, brokerPorts, isOwnPage } from './port.ts';
import { readOrMakeSealedKeys } from './secret-store.ts';
import { tellOfWaking } from './tell-of-waking.ts';
import { lockDown, openInBrowser, readBounds, rememberBounds, windowOptions } from './window.ts';

// Electron itself is not here: these are stand-ins for the few of its objects that the host uses, typed against its
// own declarations where they are handed over.

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'liendesk-electron-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const keychain = {
  isEncryptionAvailable: () => true,
  encryptString: (text: string) => Buffer.from(text).map((byte) => byte ^ 0x5a) as Buffer,
  decryptString: (sealed: Buffer) => Buffer.from(sealed.map((byte) => byte ^ 0x5a)).toString('utf8'),
};

test('keys are made once, sealed by the keychain, and read again', () => {
  const keys = readOrMakeSealedKeys(folder, keychain);
  expect(keys.cache).toMatch(/^[0-9a-f]{64}$/u);
  expect(keys.outbox).not.toBe(keys.cache);
  expect(readFileSync(path.join(folder, 'keys.sealed'), 'utf8')).not.toContain(keys.cache);
  expect(readOrMakeSealedKeys(folder, keychain)).toEqual(keys);
});

test('keys that the keychain cannot open are an error and stay where they are', () => {
  readOrMakeSealedKeys(folder, keychain);
  const before = readFileSync(path.join(folder, 'keys.sealed'));
  const stranger = {
    ...keychain,
    decryptString: () => {
      throw new Error('wrong user');
    },
  };
  expect(() => readOrMakeSealedKeys(folder, stranger)).toThrow(/cannot open/u);
  expect(readFileSync(path.join(folder, 'keys.sealed'))).toEqual(before);
  expect(() => readOrMakeSealedKeys(folder, { ...keychain, isEncryptionAvailable: () => false })).toThrow(/keychain/u);
});

class StandInUtility extends EventEmitter {
  told: ToCoreProcess[] = [];
  postMessage(message: ToCoreProcess): void {
    this.told.push(message);
    if (message.type === 'start') queueMicrotask(() => this.say({ type: 'started' }));
    if (message.type === 'stop') queueMicrotask(() => this.emit('exit', 0));
  }
  kill(): boolean {
    this.emit('exit', 1);
    return true;
  }
  say(message: FromCoreProcess): void {
    this.emit('message', message);
  }
}

const options = { dataDir: '/data', keys: { cache: 'a'.repeat(64), outbox: 'b'.repeat(64) } };

test('frames of a window travel to the core and back under its own number; the core’s end ends its port', async () => {
  const utility = new StandInUtility();
  const core = await CoreProcess.start(utility as never, options);
  const frames: unknown[] = [];
  let hasEnded = false;
  const line = core.attach({ onFrame: (frame) => frames.push(frame), onEnd: () => (hasEnded = true) });
  line.send({ id: 1, request: 'sync.status' });
  utility.say({ type: 'frame', client: 1, frame: { id: 1, ok: true, output: {} } });
  utility.say({ type: 'frame', client: 2, frame: { id: 9, ok: true, output: {} } });
  expect(utility.told.slice(1)).toEqual([
    { type: 'attach', client: 1 },
    { type: 'frame', client: 1, frame: { id: 1, request: 'sync.status' } },
  ]);
  expect(frames).toEqual([{ id: 1, ok: true, output: {} }]);
  await core.stop();
  expect(hasEnded).toBe(true);
});

test('SYNC-N1 the core is told when the machine wakes, by a request of its own API', async () => {
  const utility = new StandInUtility();
  const core = await CoreProcess.start(utility as never, options);
  const powerMonitor = new EventEmitter();
  tellOfWaking(powerMonitor as never, core);
  powerMonitor.emit('suspend');
  powerMonitor.emit('resume');
  powerMonitor.emit('unlock-screen');
  const requests = utility.told.flatMap((message) => (message.type === 'frame' ? [message.frame] : []));
  expect(requests).toEqual([1, 2].map((id) => ({ id, request: 'sync.networkBack', input: {} })));
  for (const frame of requests as { request: keyof typeof coreRequests; input: unknown }[]) {
    expect(coreRequests[frame.request].input.safeParse(frame.input).success).toBe(true);
  }
});

test('a core that cannot start says why', async () => {
  const utility = new StandInUtility();
  utility.postMessage = () =>
    queueMicrotask(() =>
      utility.say({ type: 'failed', error: toErrorBody(new AppError('storage', 'Disk is full.'), 'console') }),
    );
  await expect(CoreProcess.start(utility as never, options)).rejects.toMatchObject({
    kind: 'storage',
    message: 'Disk is full.',
  });
});

test('only the main frame of our own page gets a port', async () => {
  const ipcMain = new EventEmitter();
  const attached: unknown[] = [];
  const core = {
    attach: () => {
      attached.push(1);
      return { send: (frame: unknown) => attached.push(frame), detach: () => undefined };
    },
  };
  const channel = new MessageChannel();
  brokerPorts(ipcMain as never, () => channel as never, core);
  const posted: unknown[] = [];
  const frame = (url: string, parent: unknown) => ({
    url,
    parent,
    postMessage: (...args: unknown[]) => posted.push(args),
  });
  ipcMain.emit(PORT_CHANNEL, { senderFrame: frame('https://evil.example/', null) });
  ipcMain.emit(PORT_CHANNEL, { senderFrame: frame(`${PAGE_ORIGIN}/index.html`, {}) });
  ipcMain.emit(PORT_CHANNEL, { senderFrame: null });
  expect(posted).toEqual([]);
  ipcMain.emit(PORT_CHANNEL, { senderFrame: frame(`${PAGE_ORIGIN}/index.html`, null) });
  expect(posted).toHaveLength(1);
  expect(attached).toEqual([1]);
  channel.port1.close();
  expect(isOwnPage(null)).toBe(false);
});

test('a window is sandboxed, isolated and cannot be led elsewhere', () => {
  expect(windowOptions('/preload.cjs', {}).webPreferences).toMatchObject({
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    webSecurity: true,
    webviewTag: false,
  });
  const contents = new EventEmitter() as EventEmitter & { setWindowOpenHandler(handler: unknown): void };
  let openWindow: (details: { url: string }) => unknown = () => undefined;
  contents.setWindowOpenHandler = (handler) => (openWindow = handler as typeof openWindow);
  const opened: string[] = [];
  let ask: (contents: unknown, permission: string, answer: (isGranted: boolean) => void) => void = () => undefined;
  let check: () => boolean = () => true;
  const session = {
    setPermissionRequestHandler: (handler: never) => (ask = handler),
    setPermissionCheckHandler: (handler: never) => (check = handler),
  };
  lockDown(contents as never, session as never, { openExternal: async (url) => void opened.push(url) });
  const navigate = (url: string): boolean => {
    let isPrevented = false;
    contents.emit('will-navigate', { url, preventDefault: () => (isPrevented = true) });
    return !isPrevented;
  };
  expect(navigate('https://evil.example/')).toBe(false);
  expect(navigate('file:///etc/passwd')).toBe(false);
  expect(navigate(`${PAGE_ORIGIN}/index.html`)).toBe(true);
  expect(openWindow({ url: 'https://mocan.example/' })).toEqual({ action: 'deny' });
  expect(openWindow({ url: 'file:///bin/sh' })).toEqual({ action: 'deny' });
  expect(opened).toEqual(['https://mocan.example/']);
  let isGranted = true;
  ask(null, 'media', (granted) => (isGranted = granted));
  expect([isGranted, check()]).toEqual([false, false]);
  expect(openInBrowser({ openExternal: async () => undefined }, 'ms-calculator:')).toBe(false);
});

test('the window comes back where it was, unless that place is gone', () => {
  const file = path.join(folder, 'window.json');
  const screens = [{ x: 0, y: 0, width: 1920, height: 1080 }];
  expect(readBounds(file, screens)).toEqual({ width: 1280, height: 800 });
  writeFileSync(file, JSON.stringify({ x: 100, y: 50, width: 1500, height: 900 }));
  expect(readBounds(file, screens)).toEqual({ x: 100, y: 50, width: 1500, height: 900 });
  writeFileSync(file, JSON.stringify({ x: 4000, y: 50, width: 1500, height: 900 }));
  expect(readBounds(file, screens)).toEqual({ width: 1280, height: 800 });
  writeFileSync(file, 'noise');
  expect(readBounds(file, screens)).toEqual({ width: 1280, height: 800 });
});

test('a window closes also where its place cannot be kept', () => {
  const window = Object.assign(new EventEmitter(), {
    getNormalBounds: () => ({ x: 1, y: 2, width: 900, height: 600 }),
  });
  rememberBounds(path.join(folder, 'window.json'), window as never);
  window.emit('close');
  expect(JSON.parse(readFileSync(path.join(folder, 'window.json'), 'utf8'))).toMatchObject({ x: 1, width: 900 });
  const other = Object.assign(new EventEmitter(), { getNormalBounds: window.getNormalBounds });
  rememberBounds(path.join(folder, 'gone', 'window.json'), other as never);
  expect(other.emit('close')).toBe(true);
});

test('pages come from their folder only, under the strict policy', async () => {
  mkdirSync(path.join(folder, 'pages'));
  writeFileSync(path.join(folder, 'pages/index.html'), '<!doctype html>');
  writeFileSync(path.join(folder, 'secret.json'), '{}');
  const pages = path.join(folder, 'pages');
  const answer = await answerPage(pages, `${PAGE_ORIGIN}/index.html`);
  expect(answer.headers.get('content-security-policy')).toContain("script-src 'self'");
  expect((await answerPage(pages, `${PAGE_ORIGIN}/..%2fsecret.json`)).status).toBe(404);
  expect((await answerPage(pages, `${PAGE_ORIGIN}/nothing.js`)).status).toBe(404);
});

function hostParts() {
  const calls: unknown[] = [];
  const notification = new EventEmitter() as EventEmitter & { show(): void };
  notification.show = () => calls.push('show notification');
  const parts: HostParts = {
    app: { getVersion: () => '0.1.0', setBadgeCount: (count) => calls.push(['badge', count]) > 0 },
    shell: { openExternal: async (url) => void calls.push(['open', url]) },
    dialog: { showSaveDialog: (async () => ({ canceled: false, filePath: path.join(folder, 'saved.pdf') })) as never },
    makeNotification: () => notification as never,
    window: {
      show: () => calls.push('show'),
      focus: () => calls.push('focus'),
      isFocused: () => false,
      webContents: { send: (...args: unknown[]) => void calls.push(args) },
    },
    platform: 'win32',
  };
  return { parts, calls, notification };
}

test('the one door answers what it knows, checked, and refuses the rest in words', async () => {
  const { parts, calls, notification } = hostParts();
  let handle: (
    event: unknown,
    name: unknown,
    input: unknown,
  ) => Promise<{ ok: boolean; output?: unknown; error?: { kind: string } }> = async () => ({ ok: false });
  answerHostRequests({ handle: (_channel, handler) => (handle = handler as never) }, makeHostFeatures(parts));
  const own = { senderFrame: { url: `${PAGE_ORIGIN}/index.html`, parent: null } };
  expect(await handle(own, 'host.describe', {})).toEqual({
    ok: true,
    output: { kind: 'electron', version: '0.1.0', platform: 'win32' },
  });
  expect(await handle(own, 'host.setBadge', { count: -1 })).toMatchObject({ ok: false, error: { kind: 'invalid' } });
  expect(await handle(own, '__proto__', {})).toMatchObject({ ok: false, error: { kind: 'unsupported' } });
  expect(
    await handle({ senderFrame: { url: 'https://evil.example/', parent: null } }, 'host.describe', {}),
  ).toMatchObject({
    ok: false,
    error: { kind: 'forbidden' },
  });
  expect(await handle(own, 'host.openExternal', { url: 'file:///etc/passwd' })).toMatchObject({ ok: false });
  expect(
    await handle(own, 'host.saveFile', { name: 'a.pdf', content: Buffer.from('hello').toString('base64') }),
  ).toEqual({
    ok: true,
    output: { isSaved: true },
  });
  expect(readFileSync(path.join(folder, 'saved.pdf'), 'utf8')).toBe('hello');
  await handle(own, 'host.notify', { title: 'Lan', body: 'xin chào', conversationId: 'c1' });
  notification.emit('click');
  expect(calls).toEqual([
    'show notification',
    'show',
    'focus',
    ['liendesk:host-push', { push: 'openConversation', payload: { conversationId: 'c1' } }],
  ]);
});
