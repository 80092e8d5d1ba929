import fs from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { TEST_KEYS, makeFolder, removeFolders } from '../../../tests/fakes/console-process.ts';
import { furnish, receive as receiveMessage } from '../../../tests/fakes/desk-writes.ts';
import { type HubRig, openHubRig } from '../../../tests/fakes/hub-rig.ts';
import { LinkedCore } from '../../../tests/fakes/linked-core.ts';
import { openEncryptedDatabase } from '../encrypted-database.ts';

// Real files, on a machine that may be busy with something else.
afterEach(removeFolders);

const HOUR_MS = 60 * 60_000;
const CONVERSATION = 'c1';

async function desk(): Promise<HubRig> {
  const rig = await openHubRig(1);
  await furnish(rig);
  await receive(rig, 'alo');
  return rig;
}

async function receive(rig: HubRig, text: string): Promise<void> {
  await receiveMessage(rig, { text, customerId: 'hoa', newConversationId: CONVERSATION });
}

function accountOf(dataDir: string): string {
  const [name] = fs.readdirSync(path.join(dataDir, 'accounts'));
  return path.join(dataDir, 'accounts', name!);
}

/** A backup of the outbox, as a tool makes it that copies files of a running process. */
function backUp(core: LinkedCore): string {
  const copy = makeFolder('liendesk-backup-');
  for (const suffix of ['', '-wal']) {
    const file = path.join(accountOf(core.dataDir), `outbox.db${suffix}`);
    if (fs.existsSync(file)) fs.copyFileSync(file, path.join(copy, `outbox.db${suffix}`));
  }
  return copy;
}

/** Puts an old outbox in the place of the one there is; nobody has it open. */
function restore(dataDir: string, backup: string): void {
  const folder = accountOf(dataDir);
  for (const suffix of ['', '-wal', '-shm']) fs.rmSync(path.join(folder, `outbox.db${suffix}`), { force: true });
  fs.cpSync(backup, folder, { recursive: true });
}

function deviceIn(dataDir: string): string {
  const database = openEncryptedDatabase(path.join(accountOf(dataDir), 'outbox.db'), TEST_KEYS.outbox, 'write');
  const id = database.prepare<[], string>('SELECT id FROM device').pluck().get()!;
  database.close();
  return id;
}

/** Texts of agents in the log, in its order. */
async function sentTexts(rig: HubRig): Promise<string[]> {
  const snapshot = await rig.eventLog.readItemsBefore(`conversation:${CONVERSATION}`, Number.MAX_SAFE_INTEGER, 1000);
  const messages = snapshot!.items.map(
    ({ row }) => row as unknown as { kind: string; text: string; author: { kind: string } },
  );
  return messages.filter(({ kind, author }) => kind === 'public' && author.kind === 'agent').map(({ text }) => text);
}

const write = (core: LinkedCore, text: string) => core.request('message.send', { conversationId: CONVERSATION, text });

test('SYNC-C3 INV-3 INV-10 an outbox that is set back by an hour repeats nothing and loses nothing', async () => {
  const rig = await desk();
  const before = await LinkedCore.open(rig, 'lan');
  await before.pass(1000);
  await write(before, 'một');
  await before.pass(1000);
  before.cut();
  for (const text of ['hai', 'ba']) await write(before, text);
  await before.request('draft.save', {
    conversationId: CONVERSATION,
    kind: 'note',
    text: 'nháp',
    caret: 0,
    attachments: [],
  });
  const backup = backUp(before);

  // The hour that the backup does not know.
  before.reconnect();
  await before.pass(90_000);
  await write(before, 'bốn');
  await before.pass(1000);
  before.cut();
  await write(before, 'năm, lỡ');
  await receive(rig, 'khách chen vào');
  before.reconnect();
  await before.pass(HOUR_MS);
  expect(await sentTexts(rig)).toEqual(['một', 'hai', 'ba', 'bốn']);
  expect((await before.request('attention.list')).items.map(({ text }) => text)).toEqual(['năm, lỡ']);
  expect((await before.request('sync.status')).pendingCount).toBe(0);
  const { dataDir } = before;
  await before.close();
  const device = deviceIn(dataDir);

  restore(dataDir, backup);
  expect(deviceIn(dataDir)).toBe(device);
  const after = await LinkedCore.open(rig, 'lan', { dataDir });
  await after.pass(5000);
  // It counts from where it was, under numbers that were given before; under another id that is nothing.
  for (const text of ['sáu', 'bảy']) await write(after, text);
  await after.pass(90_000);
  expect(await sentTexts(rig)).toEqual(['một', 'hai', 'ba', 'bốn', 'sáu', 'bảy']);
  expect(await after.request('sync.status')).toMatchObject({ state: 'online', pendingCount: 0 });
  // What was refused in that hour is in no file any more, but nobody is told that it was sent.
  expect((await after.request('attention.list')).items).toEqual([]);
  expect((await after.request('draft.get', { conversationId: CONVERSATION })).note?.text).toBe('nháp');
  const { messages } = await after.request('message.list', { conversationId: CONVERSATION, limit: 50 });
  const own = messages.filter(({ kind, author }) => kind === 'public' && author.kind === 'agent');
  expect(own.map(({ text, isPending }) => [text, isPending])).toEqual(
    ['một', 'hai', 'ba', 'bốn', 'sáu', 'bảy'].map((text) => [text, false]),
  );
  await after.close();
  expect(deviceIn(dataDir)).not.toBe(device);
  await rig.close();
});

test('SYNC-C3 SYNC-R4 what the old copy still wants to send, and the relay had refused, comes back to the agent with its text', async () => {
  const rig = await desk();
  const before = await LinkedCore.open(rig, 'lan');
  await before.pass(1000);
  before.cut();
  await write(before, 'viết lúc mất mạng');
  const backup = backUp(before);
  await receive(rig, 'khách chen vào');
  before.reconnect();
  await before.pass(90_000);
  const [refused] = (await before.request('attention.list')).items;
  expect(refused).toMatchObject({ text: 'viết lúc mất mạng', error: { kind: 'stale' } });
  await before.request('attention.resolve', { commandId: refused!.commandId, action: 'discard' });
  await before.pass(HOUR_MS);
  const { dataDir } = before;
  await before.close();
  restore(dataDir, backup);
  const after = await LinkedCore.open(rig, 'lan', { dataDir });
  await after.pass(90_000);
  expect((await after.request('attention.list')).items).toMatchObject([
    { commandId: refused!.commandId, text: 'viết lúc mất mạng' },
  ]);
  expect(await sentTexts(rig)).toEqual([]);
  expect((await after.request('sync.status')).pendingCount).toBe(0);
  await after.close();
  await rig.close();
});
