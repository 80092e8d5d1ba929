import type { Database } from 'better-sqlite3';
import { afterEach, expect, test, vi } from 'vitest';
import { type TestConsole, removeFolders } from '../../tests/fakes/console-process.ts';
import { ScriptedRelay, settle } from '../../tests/fakes/scripted-relay.ts';
import { SqliteOutbox } from './outbox/sqlite-outbox.ts';

// Real files, on a machine that may be busy with something else.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const consoles: TestConsole[] = [];

afterEach(async () => {
  vi.restoreAllMocks();
  for (const one of consoles.splice(0)) await one.close();
  removeFolders();
});

/** A console at the head, and the very connection by which it writes its outbox. */
async function signedIn(): Promise<{ relay: ScriptedRelay; console: TestConsole; database: Database }> {
  let database: Database | null = null;
  const open = SqliteOutbox.open.bind(SqliteOutbox);
  vi.spyOn(SqliteOutbox, 'open').mockImplementation((parts) =>
    open({ ...parts, open: (file) => (database = parts.open(file)) }),
  );
  const relay = new ScriptedRelay();
  const console = await relay.signedIn();
  consoles.push(console);
  return { relay, console, database: database! };
}

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
