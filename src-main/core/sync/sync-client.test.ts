import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { TEST_KEYS } from '../../../tests/fakes/console-process.ts';
import { putAgent, putQueue, receive as receiveMessage, sentTexts } from '../../../tests/fakes/desk-writes.ts';
import type { HubRig } from '../../../tests/fakes/hub-rig.ts';
import { LinkedCore } from '../../../tests/fakes/linked-core.ts';
import { useLinkedCores } from '../../../tests/fakes/linked-cores.ts';
import { createAgentCore } from '../agent-core.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const { openRig, openCore, kill, atEnd } = useLinkedCores();

/** A customer's message. @returns the conversation it went into */
function receive(rig: HubRig, customerId: string, text: string, conversationId: string | null = null) {
  return receiveMessage(rig, { customerId, text, conversationId });
}

async function stateOf(core: LinkedCore): Promise<string> {
  return (await core.request('sync.status')).state;
}

test('SYNC-S1 SYNC-O2 after a short cut a console that holds more than the default sends what waits, at once', async () => {
  const rig = await openRig();
  const old = await receive(rig, 'hoa', 'năm ngoái');
  await rig.submit('conversation.close', { conversationIds: [old] }, { customerSeqs: { [old]: rig.eventLog.head() } });
  rig.clock.jumpTo(rig.clock.now() + 60 * DAY_MS);
  const open = await receive(rig, 'mai', 'alo');
  const core = await openCore(rig);
  // Fetched by hand: from now on it is held beyond the default, so that the next hello needs the ids.
  await core.request('conversation.get', { conversationId: old });
  expect(await stateOf(core)).toBe('online');

  core.cut();
  await core.pass(2000);
  await core.request('message.send', { conversationId: open, text: 'dạ có em' });
  core.reconnect();
  await core.pass(10_000);
  expect(core.heard.filter(({ name }) => name === 'welcome').at(-1)?.message).toMatchObject({ needHeld: true });
  expect(await sentTexts(rig)).toEqual(['dạ có em']);
  expect((await core.request('outbox.list')).entries).toEqual([]);
});

test('SYNC-D1 a second core on the same folder is refused, until the first has ended', async () => {
  const rig = await openRig();
  const core = await openCore(rig);
  await expect(LinkedCore.open(rig, 'lan', { dataDir: core.dataDir })).rejects.toMatchObject({
    kind: 'conflict',
    details: { reason: 'data-folder-in-use' },
  });
  await core.close();
  const next = await openCore(rig, 'lan', { dataDir: core.dataDir });
  expect(await stateOf(next)).toBe('online');
});

test('SYNC-D1 of two consoles on copies of one folder, one takes another device id, and both go on', async () => {
  const rig = await openRig();
  const conversationId = await receive(rig, 'hoa', 'alo');
  const core = await openCore(rig);
  await core.request('message.send', { conversationId, text: 'trước khi sao chép' });
  await core.pass(2000);
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'liendesk-copy-'));
  atEnd(async () => fs.rmSync(dataDir, { recursive: true }));
  fs.cpSync(core.dataDir, dataDir, { recursive: true, filter: (file) => !/-shm$|core\.lock/u.test(file) });
  const copy = await openCore(rig, 'lan', { dataDir });
  await core.pass(60_000);
  const devicesOf = (one: LinkedCore) =>
    new Set(one.said.flatMap(({ name, message }) => (name === 'hello' ? [message.device] : [])));
  expect(devicesOf(core).size).toBe(2);
  expect(devicesOf(copy).size).toBe(1);
  for (const one of [core, copy]) {
    const hellos = one.said.filter(({ name }) => name === 'hello').length;
    await one.pass(60_000);
    expect(one.said.filter(({ name }) => name === 'hello')).toHaveLength(hellos);
    expect(await stateOf(one)).toBe('online');
  }
  await core.request('message.send', { conversationId, text: 'của bản gốc' });
  await copy.request('message.send', { conversationId, text: 'của bản sao' });
  await core.pass(5000);
  expect((await sentTexts(rig)).toSorted()).toEqual(['của bản gốc', 'của bản sao', 'trước khi sao chép'].toSorted());
  for (const one of [core, copy]) {
    expect(await one.request('sync.status')).toMatchObject({ pendingCount: 0, attentionCount: 0 });
  }
});

test('a cache that a sign-out could not delete any more is deleted by the next start', async () => {
  const rig = await openRig();
  const core = await openCore(rig);
  const caches = (folder: string): string[] =>
    (fs.readdirSync(folder, { recursive: true }) as string[]).filter((file) =>
      path.basename(file).startsWith('cache.'),
    );
  // As the process leaves it that is killed right after it noted that nobody is signed in.
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'liendesk-copy-'));
  atEnd(async () => fs.rmSync(copy, { recursive: true }));
  fs.cpSync(core.dataDir, copy, { recursive: true, filter: (file) => !/-shm$|core\.lock/u.test(file) });
  const file = path.join(copy, 'console.json');
  fs.writeFileSync(file, JSON.stringify({ ...JSON.parse(fs.readFileSync(file, 'utf8')), lastAccount: null }));
  expect(caches(copy).length).toBeGreaterThan(0);
  const next = await createAgentCore({
    dataDir: copy,
    ...{ keys: TEST_KEYS, clock: rig.clock, random: rig.random, workerScript: null },
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  expect(caches(copy)).toEqual([]);
  await next.close();
});

test('SYNC-D2 a sign-in while one session lives ends that session', async () => {
  const rig = await openRig();
  const core = await openCore(rig);
  await core.request('session.signIn', {
    relayUrl: 'http://relay.example',
    email: 'lan@example.org',
    password: 'some password',
  });
  await core.pass(1000);
  expect(core.openWires).toBe(1);
  expect(await stateOf(core)).toBe('online');
  // And that is all: the end of the old one is no reason for a third.
  const hellos = core.said.filter(({ name }) => name === 'hello').length;
  await core.pass(40_000);
  expect(core.said.filter(({ name }) => name === 'hello')).toHaveLength(hellos);
});

test('a reply that was written just before the machine fell asleep is not sent blindly hours later', async () => {
  const rig = await openRig();
  const conversationId = await receive(rig, 'hoa', 'alo');
  const core = await openCore(rig);
  core.cutSilently();
  await core.request('message.send', { conversationId, text: 'dạ, còn hàng ạ' });
  // Asleep: hours pass on every wall clock, and none on this machine's monotonic one.
  rig.clock.jumpTo(rig.clock.now() + 5 * 60 * 60 * 1000);
  await receive(rig, 'hoa', 'thôi em mua chỗ khác rồi', conversationId);
  await core.pass(60_000);
  expect(await stateOf(core)).toBe('online');
  expect(await sentTexts(rig)).toEqual([]);
  expect((await core.request('attention.list')).items).toMatchObject([
    { text: 'dạ, còn hàng ạ', error: { kind: 'stale' }, meanwhile: [{ text: 'thôi em mua chỗ khác rồi' }] },
  ]);
});

test('SYNC-O4 a half-open socket: no answer in 15 s, a new connection, the command once', async () => {
  const rig = await openRig();
  const conversationId = await receive(rig, 'hoa', 'alo');
  const core = await openCore(rig);
  core.cutSilently();
  await core.request('message.send', { conversationId, text: 'dạ' });
  await core.pass(10_000);
  expect(await sentTexts(rig)).toEqual([]);
  await core.pass(10_000);
  expect(await sentTexts(rig)).toEqual(['dạ']);
  expect((await core.request('outbox.list')).entries).toEqual([]);
});

test('SYNC-R4 INV-9 what is refused is on the screen at every moment, pending or refused', async () => {
  const rig = await openRig();
  const conversationId = await receive(rig, 'hoa', 'alo');
  const core = await openCore(rig);
  core.cut();
  await core.request('message.send', { conversationId, text: 'dạ' });
  await receive(rig, 'hoa', 'còn đó không?', conversationId);
  core.reconnect();
  const seen = new Set<string>();
  for (let turn = 0; turn < 400; turn += 1) {
    const { messages } = await core.request('message.list', { conversationId });
    const own = messages.find(({ text }) => text === 'dạ');
    seen.add(own === undefined ? 'gone' : (own.state ?? 'none'));
  }
  expect([...seen]).toEqual(['waiting', 'refused']);
});

test('SYNC-D3 the status never says online at a head that the relay has left behind', async () => {
  const rig = await openRig();
  const core = await openCore(rig);
  core.dropFrames = true;
  await receive(rig, 'hoa', 'alo');
  await core.pass(21_000);
  const { cursor, head } = await core.request('sync.status');
  expect(head).toBeGreaterThan(cursor);
  core.dropFrames = false;
  // A catch-up whose frames were lost as well is given up after a minute.
  await core.pass(90_000);
  expect(await core.request('sync.status')).toMatchObject({ state: 'online', cursor: rig.eventLog.head() });
});

test('INV-6 an attachment whose conversation was taken away while it was being fetched is not kept', async () => {
  const rig = await openRig();
  await putQueue(rig, 'other');
  const conversationId = await receive(rig, 'hoa', 'alo');
  const core = await openCore(rig);
  core.onDownload = async () => {
    await putAgent(rig, 'lan', { queueIds: ['other'] });
    await core.pass(200);
    return Buffer.from('mật');
  };
  const fileId = createHash('sha256').update('mật').digest('hex');
  const read = () => core.request('file.read', { fileId, conversationId, offset: 0, length: 100 });
  await read();
  await expect(core.request('conversation.get', { conversationId })).rejects.toMatchObject({ kind: 'not_found' });
  let downloads = 0;
  core.onDownload = async () => {
    downloads += 1;
    return Buffer.from('mật');
  };
  await read();
  expect(downloads).toBe(1);
});

test('SYNC-S4 when a snapshot cannot be put in place, views go on reading what there was', async () => {
  const rig = await openRig();
  const conversationId = await receive(rig, 'hoa', 'alo');
  const core = await openCore(rig);
  core.cut();
  rig.eventLog.rotateEpoch();
  const rename = vi.spyOn(fs, 'renameSync').mockImplementation(() => {
    throw Object.assign(new Error('EPERM: operation not permitted, rename'), { code: 'EPERM' });
  });
  core.reconnect();
  await core.pass(3000);
  expect(rename).toHaveBeenCalled();
  expect((await core.request('message.list', { conversationId })).messages).toMatchObject([{ text: 'alo' }]);
  rename.mockRestore();
  await core.pass(90_000);
  expect(await stateOf(core)).toBe('online');
  expect((await core.request('message.list', { conversationId })).messages).toMatchObject([{ text: 'alo' }]);
});

test('SYNC-R2 a prediction that cannot be made costs neither the command nor the view, nor the next start', async () => {
  const rig = await openRig();
  const conversationId = await receive(rig, 'hoa', 'alo');
  // A clock that gives what no column takes: deciding goes well, writing the predicted row does not.
  const core = await openCore(rig, 'lan', { clockSkewMs: 0.5 });
  core.cut();
  await core.request('message.send', { conversationId, text: 'dạ' });
  const list = { filter: { view: 'open' } } as const;
  expect(await core.request('conversation.list', list)).toMatchObject({ total: 1, items: [{ id: conversationId }] });
  const next = await kill(core);
  expect(await next.request('conversation.list', list)).toMatchObject({ total: 1, items: [{ id: conversationId }] });
  await next.pass(40_000);
  expect(await sentTexts(rig)).toEqual(['dạ']);
});

test('SYNC-C1 what is too much for one command is refused before it gets into the outbox', async () => {
  const rig = await openRig();
  const conversationId = await receive(rig, 'hoa', 'alo');
  const core = await openCore(rig);
  core.cut();
  const text = 'đ'.repeat(20_000);
  await expect(core.request('message.send', { conversationId, text })).rejects.toMatchObject({ kind: 'too_large' });
  expect((await core.request('outbox.list')).entries).toEqual([]);
});
