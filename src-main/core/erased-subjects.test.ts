import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { TEST_KEYS, cacheKeyIn } from '../../tests/fakes/console-process.ts';
import { receive } from '../../tests/fakes/desk-writes.ts';
import type { HubRig } from '../../tests/fakes/hub-rig.ts';
import type { LinkedCore } from '../../tests/fakes/linked-core.ts';
import { useLinkedCores } from '../../tests/fakes/linked-cores.ts';
import { openEncryptedDatabase } from './encrypted-database.ts';

const { openRig, openCore, kill } = useLinkedCores();

const SECRET = 'zzsecretword';
const PHOTO = Buffer.from(`GIF89a ${SECRET}`);

/** Whether a text is in a database file of a console, under its encryption: in freed pages and logs as well. */
function keeps({ dataDir }: LinkedCore, text: string): boolean {
  const files = fs.readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.db'));
  return files.some((name) => decryptedFile(dataDir, name).includes(Buffer.from(text)));
}

function decryptedFile(dataDir: string, name: string): Buffer {
  const file = path.join(dataDir, name);
  const folder = path.dirname(file);
  const key = path.basename(name) === 'outbox.db' ? TEST_KEYS.outbox : cacheKeyIn(folder);
  const plain = path.join(dataDir, 'plain.db');
  fs.copyFileSync(file, plain);
  if (fs.existsSync(`${file}-wal`)) fs.copyFileSync(`${file}-wal`, `${plain}-wal`);
  const copy = openEncryptedDatabase(plain, key, 'write');
  copy.pragma('wal_checkpoint(TRUNCATE)');
  copy.pragma('journal_mode = DELETE');
  copy.pragma("rekey = ''");
  copy.close();
  const content = fs.readFileSync(plain);
  for (const suffix of ['', '-wal', '-shm']) fs.rmSync(plain + suffix, { force: true });
  return content;
}

async function erase(rig: HubRig, customerId: string): Promise<void> {
  const result = await rig.submit('customer.erase', { customerId });
  if (!result.ok) throw new Error(result.error.message);
}

const reply = (conversationId: string, text: string) => ({
  ...{ conversationId, text, attachments: [], cannedReplyId: null },
});

test('SYNC-L7 on an erasure a console forgets rows, index, files, settled commands and drafts, down to the bytes', async () => {
  const rig = await openRig();
  const core = await openCore(rig);
  core.onDownload = async () => PHOTO;
  const conversationId = await receive(rig, { text: `Em tên là ${SECRET}`, customerId: 'mai' });
  const other = await receive(rig, { text: 'Shop còn hàng không?', customerId: 'other' });
  await core.pass(1000);
  await core.request('message.send', reply(conversationId, `Dạ chào ${SECRET}`));
  await core.request('message.send', reply(other, 'Dạ còn ạ'));
  const draft = { conversationId, kind: 'reply' as const, text: `gửi ${SECRET}`, caret: 0, attachments: [] };
  await core.request('draft.save', draft);
  await core.request('draft.save', { ...draft, conversationId: other, text: 'của người khác' });
  await core.pass(3000);
  expect(keeps(core, SECRET)).toBe(true);

  await erase(rig, 'mai');
  await core.pass(3000);
  expect(keeps(core, SECRET)).toBe(false);
  expect(keeps(core, 'của người khác')).toBe(true);
  const refusal = await core.request('conversation.get', { conversationId }).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ kind: 'gone', details: { reason: 'customer-erased' } });
  expect((await core.request('draft.get', { conversationId })).reply).toBeNull();
  expect((await core.request('draft.get', { conversationId: other })).reply?.text).toBe('của người khác');
  // A window that still shows the text saves it no more.
  await core.request('draft.save', draft);
  expect(keeps(core, SECRET)).toBe(false);
  expect(core.mistakes).toEqual([]);
});

test('SYNC-L7 SYNC-R4 a console that was away forgets too; what it had not sent is gone, with its text to be looked at', async () => {
  const rig = await openRig();
  const core = await openCore(rig);
  const conversationId = await receive(rig, { text: `Em tên là ${SECRET}`, customerId: 'mai' });
  await core.pass(1000);
  await core.request('message.send', reply(conversationId, `xong: ${SECRET}`));
  await core.pass(1000);
  core.cut();
  await core.request('message.send', reply(conversationId, 'Dạ em kiểm tra rồi báo chị ngay'));
  await erase(rig, 'mai');
  const again = await kill(core);
  again.reconnect();
  await again.pass(70_000);
  const { items } = await again.request('attention.list', {});
  expect(items).toMatchObject([
    { text: 'Dạ em kiểm tra rồi báo chị ngay', error: { kind: 'gone', reason: 'customer-erased' } },
  ]);
  expect(keeps(again, SECRET)).toBe(false);
  await again.request('attention.resolve', { commandId: items[0]!.commandId, action: 'discard' });
  expect(keeps(again, 'báo chị ngay')).toBe(false);
  expect((await again.request('attention.list', {})).items).toEqual([]);
  expect(again.mistakes).toEqual([]);
});

test('SYNC-L7 what was refused before the erasure keeps its text and says why; an erasure that came in a snapshot counts', async () => {
  const rig = await openRig();
  const core = await openCore(rig);
  const conversationId = await receive(rig, { text: `Em tên là ${SECRET}`, customerId: 'mai' });
  await core.pass(1000);
  core.cut();
  await core.request('message.send', reply(conversationId, 'câu trả lời cũ'));
  await receive(rig, { text: 'thôi khỏi', customerId: 'mai', conversationId });
  core.reconnect();
  await core.pass(70_000);
  const list = () => core.request('attention.list', {});
  expect((await list()).items).toMatchObject([{ error: { kind: 'stale' } }]);
  core.cut();
  await erase(rig, 'mai');
  await rig.eventLog.truncate(rig.eventLog.head() + 1);
  core.reconnect();
  await core.pass(70_000);
  expect(core.heard.some(({ name }) => name === 'page')).toBe(true);
  expect((await list()).items).toMatchObject([
    { text: 'câu trả lời cũ', meanwhile: [], error: { kind: 'gone', reason: 'customer-erased' } },
  ]);
  expect(keeps(core, SECRET)).toBe(false);
});
