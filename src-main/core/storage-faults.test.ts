import fs from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { TEST_KEYS, until } from '../../tests/fakes/console-process.ts';
import { useScriptedConsoles } from '../../tests/fakes/scripted-consoles.ts';
import { settle } from '../../tests/fakes/scripted-relay.ts';
import { Ballast } from './ballast.ts';
import { openEncryptedDatabase } from './encrypted-database.ts';
import { SqliteDeviceStore } from './outbox/device-store.ts';
import { SqliteOutbox } from './outbox/sqlite-outbox.ts';

const { keep, signedInWithOutbox: signedIn } = useScriptedConsoles();

test('SYNC-A1 a fault of this device during an upload is no refusal: the message waits and goes out later', async () => {
  const { relay, console, database } = await signedIn();
  const content = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
  const { uploadId } = await console.request('file.begin', { name: 'a.png', size: content.length });
  await console.request('file.append', { uploadId, offset: 0, content: content.toString('base64') });
  const { attachment } = await console.request('file.finish', { uploadId });
  const grant = relay.http;
  let uploads = 0;
  relay.http = async (url, init) => {
    if (!url.includes('/files/uploads/')) return grant(url, init);
    uploads += 1;
    return new Response(null, { headers: { 'upload-offset': String(content.length), 'upload-complete': '?1' } });
  };
  const upload = relay.http;
  relay.http = async () => new Response('Sign in to this network', { status: 404 });
  database.exec("CREATE TEMP TRIGGER broken BEFORE UPDATE ON file BEGIN SELECT RAISE(ABORT, 'broken'); END");
  const message = { conversationId: 'k1', text: 'ảnh đây', attachments: [attachment] };
  const { commandId } = await console.request('message.send', message);
  await relay.advance(1000);
  relay.http = upload;
  await relay.advance(5000);
  expect(uploads).toBeGreaterThan(1);
  expect((await console.request('attention.list')).items).toEqual([]);
  expect((await console.request('outbox.list')).entries).toMatchObject([{ commandId, state: 'waiting' }]);
  expect(relay.link.submitted()).toEqual([]);

  database.exec('DROP TRIGGER broken');
  // The relay is heard from meanwhile, or the connection would be given up.
  relay.link.say('tick', { head: relay.world.seq, serverNow: relay.clock.now() });
  await relay.advance(5000);
  expect(relay.link.submitted()).toMatchObject([{ id: commandId }]);
});

test('a full disk is said as such before anything is shown as sent; with room again the same command goes out once', async () => {
  const { relay, console, database } = await signedIn();
  expect(database.pragma('freelist_count', { simple: true })).toBe(0);
  database.pragma(`max_page_count = ${String(database.pragma('page_count', { simple: true }))}`);
  const note = {
    conversationId: 'k1',
    text: 'dài '.repeat(1200),
    commandId: '01a20115-58d8-7daa-bdaf-769957897501',
  };
  const full = { kind: 'storage', details: { reason: 'disk-full' } };
  await expect(console.request('note.add', note)).rejects.toMatchObject(full);
  await expect(
    console.request('draft.save', { ...note, kind: 'note', caret: 0, attachments: [] }),
  ).rejects.toMatchObject(full);
  await settle();
  expect((await console.request('message.list', { conversationId: 'k1' })).messages.at(-1)!.text).toBe('alo k1');
  expect((await console.request('outbox.list')).entries).toEqual([]);
  expect(relay.link.submitted()).toEqual([]);

  database.pragma('max_page_count = 100000');
  await console.request('note.add', note);
  await settle();
  expect(relay.link.submitted().map(({ id }) => id)).toEqual([note.commandId]);
});

test('a command that is in the outbox is not said to have failed; what cannot be marked as sent goes out later', async () => {
  const { relay, console, database } = await signedIn();
  database.exec("CREATE TEMP TRIGGER broken BEFORE UPDATE ON command BEGIN SELECT RAISE(ABORT, 'broken'); END");
  const { commandId } = await console.request('message.send', { conversationId: 'k1', text: 'dạ' });
  await relay.advance(3000);
  expect(relay.link.submitted()).toEqual([]);
  expect((await console.request('outbox.list')).entries).toMatchObject([{ commandId, state: 'waiting' }]);
  database.exec('DROP TRIGGER broken');
  await relay.advance(3000);
  expect(relay.link.submitted()).toMatchObject([{ id: commandId }]);
});

test('SYNC-F1 on a full disk the ballast makes room for what the agent writes, nothing more is cached, and with room all goes on', async () => {
  const { relay, console, database } = await signedIn({ ballastBytes: 300_000 });
  const [account] = fs.readdirSync(path.join(relay.dataDir, 'accounts'));
  const ballast = path.join(relay.dataDir, 'accounts', account!, 'ballast');
  const size = () => fs.statSync(ballast, { throwIfNoEntry: false })?.size ?? null;
  await until('the ballast is there', () => size() === 300_000);
  const pages = Number(database.pragma('page_count', { simple: true }));
  database.pragma(`max_page_count = ${pages}`);
  const giveUp = Ballast.prototype.giveUp;
  vi.spyOn(Ballast.prototype, 'giveUp').mockImplementation(function (this: Ballast) {
    const hasMadeRoom = giveUp.call(this);
    if (hasMadeRoom) database.pragma(`max_page_count = ${pages + 10}`);
    return hasMadeRoom;
  });
  const status = () => console.request('sync.status');
  const note = (text: string) => console.request('note.add', { conversationId: 'k1', text });
  expect((await status()).storage).toBe('ok');
  await note('dài '.repeat(1200));
  expect([size(), (await status()).storage]).toEqual([0, 'full']);
  expect((await console.request('outbox.list')).entries).toHaveLength(1);
  // Files would take the room that is left for texts.
  const { uploadId } = await console.request('file.begin', { name: 'a.txt', size: 2 });
  await console.request('file.append', { uploadId, offset: 0, content: 'aGk=' });
  const full = { kind: 'storage', details: { reason: 'disk-full' } };
  await expect(console.request('file.finish', { uploadId })).rejects.toMatchObject(full);

  const before = relay.world.seq;
  relay.customerWrites('k2', 'đến khi đĩa đầy');
  relay.link.frame(before, relay.world.seq, { events: relay.eventsAfter(before) });
  await settle();
  expect(await status()).toMatchObject({ state: 'offline', cursor: before, error: { kind: 'storage' } });
  expect((await console.request('message.list', { conversationId: 'k2' })).messages.at(-1)!.text).toBe('alo k2');
  // What the agent may not see any more goes all the same, and is not there when all the rest still waits.
  await relay.advance(31_000);
  relay.link.open();
  await settle();
  relay.link.welcome({ head: relay.world.seq, serverNow: relay.clock.now() });
  relay.link.frame(before, relay.world.seq, { leave: ['conversation:k3'], events: relay.eventsAfter(before) });
  await settle();
  expect(await status()).toMatchObject({ state: 'offline', cursor: before, storage: 'full' });
  await expect(console.request('conversation.get', { conversationId: 'k3' })).rejects.toMatchObject({
    kind: 'not_found',
  });
  expect((await console.request('message.list', { conversationId: 'k2' })).messages.at(-1)!.text).toBe('alo k2');

  // What is left goes to texts until that is full as well; what was taken stays.
  let taken = 1;
  await expect(
    (async () => {
      for (; taken < 50; taken += 1) await note('dài '.repeat(1200));
    })(),
  ).rejects.toMatchObject(full);
  expect(taken).toBeGreaterThan(1);
  expect((await console.request('outbox.list')).entries).toHaveLength(taken);

  database.pragma('max_page_count = 100000');
  await relay.advance(60_000);
  await until('the ballast is back', () => size() === 300_000);
  await until('it says so', async () => (await status()).storage === 'ok');
  await relay.advance(31_000);
  await relay.tail();
  expect(await status()).toMatchObject({ state: 'online', cursor: relay.world.seq });
  expect(relay.link.submitted().map(({ type }) => type)).toContain('note.add');
});

test('a disk that fails while a session is begun ends neither the core nor its tries', async () => {
  const { relay, console } = await signedIn();
  const status = () => console.request('sync.status');
  vi.spyOn(SqliteDeviceStore.prototype, 'id').mockImplementationOnce(() => {
    throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_READ' });
  });
  const tried = relay.links.length;
  relay.link.break();
  await relay.advance(500);
  expect(relay.links).toHaveLength(tried);
  expect(await status()).toMatchObject({ state: 'offline', error: { kind: 'storage' } });
  await relay.advance(3000);
  await relay.tail();
  expect((await status()).state).toBe('online');
});

test('an outbox that can only be read stops the start with a clear error, and is left as it is', async () => {
  const { relay, console } = await signedIn();
  await console.request('note.add', { conversationId: 'k1', text: 'chưa gửi' });
  await console.close();
  vi.restoreAllMocks();
  const open = SqliteOutbox.open.bind(SqliteOutbox);
  const spy = vi
    .spyOn(SqliteOutbox, 'open')
    .mockImplementation((parts) =>
      open({ ...parts, open: (file) => openEncryptedDatabase(file, TEST_KEYS.outbox, 'read') }),
    );
  await expect(relay.openConsole()).rejects.toMatchObject({ kind: 'storage', details: { reason: 'disk-full' } });
  spy.mockRestore();
  const again = keep(await relay.openConsole());
  expect((await again.request('outbox.list')).entries).toMatchObject([{ text: 'chưa gửi' }]);
});
