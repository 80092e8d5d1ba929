import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type TestConsole, openConsole, removeFolders, until } from '../../tests/fakes/console-process.ts';
import { type TestAgent, type TestRelay, startRelay } from '../../tests/fakes/start-relay.ts';
import type { Fetch } from './sync/relay-http.ts';

// Real files and sockets, on a machine that may be busy with something else.
const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  removeFolders();
});

async function desk() {
  const relay = await startRelay();
  closers.push(() => relay.stop());
  await relay.putQueue('sales');
  await relay.putChannel('web', 'sales');
  const lan = await relay.addAgent('lan', { queueIds: ['sales'] });
  const minh = await relay.addAgent('minh', { queueIds: ['sales'] });
  const { conversationId } = await relay.receive({ channelId: 'web', customerId: 'hoa', text: 'gửi em ảnh' });
  return { relay, lan, minh, conversationId };
}

async function consoleOf(relay: TestRelay, agent: TestAgent, options: { fetch?: Fetch; dataDir?: string } = {}) {
  const opened = await openConsole({
    signIn: { relayUrl: relay.url, email: agent.email, password: agent.password },
    ...options,
  });
  closers.push(() => opened.close());
  await until('it is online', async () => (await opened.request('sync.status')).state === 'online');
  return opened;
}

const unsent = async (console: TestConsole) => (await console.request('outbox.list')).entries.length;

/** Hands a file over as a view does. */
async function add(console: TestConsole, name: string, content: Buffer) {
  const { uploadId, chunkSize } = await console.request('file.begin', { name, size: content.length });
  for (let offset = 0; offset < content.length; offset += chunkSize) {
    const piece = content.subarray(offset, offset + chunkSize).toString('base64');
    await console.request('file.append', { uploadId, offset, content: piece });
  }
  return (await console.request('file.finish', { uploadId })).attachment;
}

async function read(console: TestConsole, fileId: string, conversationId: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let offset = 0, size = 1; offset < size; offset += 200_000) {
    const piece = await console.request('file.read', { fileId, conversationId, offset, length: 200_000 });
    pieces.push(Buffer.from(piece.content, 'base64'));
    size = piece.size;
  }
  return Buffer.concat(pieces);
}

test('SYNC-A1 a file added offline goes up before its message, through cut uploads, and a colleague reads it', async () => {
  const { relay, lan, minh, conversationId } = await desk();
  let cuts = 0;
  const flaky: Fetch = async (url, init) => {
    // Every other piece of an upload breaks off after it left: whether it arrived is not known.
    if (init?.method === 'PUT' && (cuts += 1) % 2 === 1) {
      const content = init.body as Buffer;
      await fetch(url, { ...init, body: new Uint8Array(content.subarray(0, cuts === 1 ? 1000 : content.length)) });
      throw new TypeError('cut');
    }
    return fetch(url, init);
  };
  const console = await consoleOf(relay, lan, { fetch: flaky });
  await console.request('sync.setOnline', { isOnline: false });
  const content = Buffer.concat([
    Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
    Buffer.from(Array.from({ length: 1_300_000 }, (_, index) => (index * 7 + (index >> 8)) & 0xff)),
  ]);
  const attachment = await add(console, 'ảnh <b>1</b>.png', content);
  expect(attachment).toMatchObject({
    fileId: createHash('sha256').update(content).digest('hex'),
    mediaType: 'image/png',
    size: content.length,
  });
  expect(await read(console, attachment.fileId, conversationId)).toEqual(content);
  await console.request('message.send', { conversationId, text: '', attachments: [attachment] });
  expect(await unsent(console)).toBe(1);
  await console.request('sync.setOnline', { isOnline: true });
  await until('it was sent', async () => (await unsent(console)) === 0);
  expect(cuts).toBeGreaterThan(3);

  const colleague = await consoleOf(relay, minh);
  const { messages } = await colleague.request('message.list', { conversationId });
  const received = messages.find(({ attachments }) => attachments.length > 0)!.attachments[0]!;
  expect(received).toMatchObject({ fileId: attachment.fileId, size: content.length });
  expect(await read(colleague, received.fileId, conversationId)).toEqual(content);
  // Fetched once: it can be read without a relay now.
  await colleague.request('sync.setOnline', { isOnline: false });
  expect((await read(colleague, received.fileId, conversationId)).length).toBe(content.length);
});

test('a file that is too large, incomplete or out of order is refused', async () => {
  const { relay, lan } = await desk();
  const console = await consoleOf(relay, lan);
  await expect(console.request('file.begin', { name: 'x', size: 10 * 1024 * 1024 + 1 })).rejects.toMatchObject({
    kind: 'too_large',
  });
  const { uploadId } = await console.request('file.begin', { name: 'x', size: 10 });
  const piece = { uploadId, content: Buffer.from('12345').toString('base64') };
  await expect(console.request('file.append', { ...piece, offset: 5 })).rejects.toMatchObject({ kind: 'invalid' });
  await console.request('file.append', { ...piece, offset: 0 });
  await expect(console.request('file.finish', { uploadId })).rejects.toMatchObject({ kind: 'invalid' });
});

test('signing out deletes the cache and keeps what was not sent for the same agent', async () => {
  const { relay, lan, minh, conversationId } = await desk();
  const console = await consoleOf(relay, lan);
  await console.request('sync.setOnline', { isOnline: false });
  await console.request('message.send', { conversationId, text: 'để sau' });
  await console.request('draft.save', { conversationId, kind: 'note', text: 'nháp', caret: 0, attachments: [] });
  await expect(console.request('session.signOut')).rejects.toMatchObject({ kind: 'conflict' });
  await console.request('session.signOut', { force: true });
  expect((await console.request('session.current')).agent).toBeNull();
  expect((await console.request('sync.status')).state).toBe('signed-out');
  await expect(console.request('conversation.list', { filter: { view: 'open' } })).rejects.toMatchObject({
    kind: 'unauthenticated',
  });
  const files = fs.readdirSync(path.join(console.dataDir, 'accounts'), { recursive: true }).map(String);
  expect(files.some((name) => name.includes('cache'))).toBe(false);
  expect(files.some((name) => name.endsWith('outbox.db'))).toBe(true);

  const relayUrl = relay.url;
  await expect(
    console.request('session.signIn', { relayUrl, email: lan.email, password: 'wrong' }),
  ).rejects.toMatchObject({
    kind: 'unauthenticated',
  });
  // Somebody else at this desk sees and sends nothing of it.
  const other = await console.request('session.signIn', { relayUrl, email: minh.email, password: minh.password });
  expect(other.agent?.id).toBe('minh');
  expect(await unsent(console)).toBe(0);
  expect((await console.request('draft.get', { conversationId })).note).toBeNull();
  await console.request('session.signOut');
  await console.request('session.signIn', { relayUrl, email: lan.email, password: lan.password });
  expect((await console.request('draft.get', { conversationId })).note?.text).toBe('nháp');
  await until('what waited was sent', async () => {
    const events = await relay.eventLog.readEvents(0, 1000);
    return events.some(({ changes }) => changes.some(({ type }) => type === 'message-sent'));
  });
});

test('SYNC-O1 nothing is written in the clear, and a damaged outbox is moved aside, never deleted', async () => {
  const { relay, lan, conversationId } = await desk();
  const console = await consoleOf(relay, lan);
  await console.request('sync.setOnline', { isOnline: false });
  await console.request('message.send', { conversationId, text: 'zzsecretreply' });
  const [account] = fs.readdirSync(path.join(console.dataDir, 'accounts'));
  const folder = path.join(console.dataDir, 'accounts', account!);
  for (const name of fs.readdirSync(folder)) {
    const content = fs.readFileSync(path.join(folder, name));
    expect([name, content.includes('zzsecretreply') || content.includes('SQLite format')]).toEqual([name, false]);
  }
  await console.close();
  const damaged = Buffer.alloc(50_000, 'noise');
  fs.writeFileSync(path.join(folder, 'outbox.db'), damaged);
  const again = await consoleOf(relay, lan, { dataDir: console.dataDir });
  expect((await again.request('sync.status')).notice?.reason).toBe('outbox-damaged');
  const aside = fs.readdirSync(folder).find((name) => name.startsWith('outbox.db.damaged-'))!;
  expect(fs.readFileSync(path.join(folder, aside))).toEqual(damaged);
});
