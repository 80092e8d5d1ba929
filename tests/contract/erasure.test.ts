import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rememberErased } from '../../src-relay/backup/erased-list.ts';
import { restoreBackup } from '../../src-relay/backup/restore-backup.ts';
import { identityHash } from '../../src-relay/channels/web-chat/identity.ts';
import { MAX_ERASED_AT_ONCE } from '../../src-relay/event-log/plan-erasure.ts';
import { createSystemClock, createSystemRandom } from '../../src-relay/system-clock.ts';
import type { Conversation } from '../../shared/domain/conversation/conversation.ts';
import { type WidgetClient, createWidgetClient } from '../../src-widget/client/widget-client.ts';
import { TEST_ADMIN_TOKEN, type TestRelay, makeId, startRelay } from '../fakes/start-relay.ts';
import { until } from '../fakes/web-chat-rig.ts';

// Erasure of a customer on a whole relay: its log, its channel, its files, its backups.

const ORIGIN = 'https://shop.example';
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex');
/** Every string of the customer: name, address, texts, file name, content of a file, what an agent wrote of her. */
const STRINGS = ['zzname', 'zzmail', 'zzfirst', 'zzreply', 'zznote', 'zzreason', 'zztag', 'zzfilename', 'zzcontent'];

let folder: string;
let dataFolder: string;
let relay: TestRelay;
let widgetKey: string;
const clients: WidgetClient[] = [];

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'liendesk-erasure-'));
  dataFolder = path.join(folder, 'data');
  mkdirSync(dataFolder);
  relay = await startRelay({ dataFolder });
  await relay.putQueue('queue-1');
  await relay.addAgent('lan', { queueIds: ['queue-1'] });
  const channel = { id: 'web', name: 'Web', queue: 'queue-1', allowedOrigins: [ORIGIN], rateLimits: null };
  const { body } = await call('POST', '/channels', channel);
  widgetKey = (body as { channel: { widgetKey: string } }).channel.widgetKey;
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await relay.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function call(method: string, route: string, body?: object) {
  const response = await fetch(`${relay.url}/api/v1${route}`, {
    method,
    headers: { authorization: `Bearer ${TEST_ADMIN_TOKEN}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as unknown };
}

function openClient(identity?: { id: string; name: string; email: string }): WidgetClient {
  const client = createWidgetClient({
    ...{ baseUrl: relay.url, widgetKey, origin: ORIGIN, locale: 'vi' },
    ...(identity === undefined ? {} : { identity }),
  });
  clients.push(client);
  return client;
}

async function asAgent(type: string, args: object): Promise<void> {
  const command = { id: makeId(), type, v: 1, args, base: { foreignPublicSeq: relay.eventLog.head() } };
  const { base, ...withoutBase } = command;
  const result = await relay.eventLog.submit({
    command: type === 'message.send' ? { ...withoutBase, base } : withoutBase,
    by: { kind: 'agent', agentId: 'lan' },
    isDelayed: false,
  });
  expect(result, type).toMatchObject({ ok: true });
}

/** Of these strings, those that some file in a folder contains, but for files below `except`. */
function found(where: string, strings: readonly string[], except = '-'): string[] {
  const contents = readdirSync(where, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(where, name))
    .filter((file) => statSync(file).isFile() && !file.startsWith(except))
    .map((file) => Buffer.concat([readFileSync(file), Buffer.from(path.basename(file))]));
  return strings.filter((one) => contents.some((content) => content.includes(one)));
}

/** A customer with a conversation of all kinds of content. @returns the ids */
async function writeMuch(): Promise<{ client: WidgetClient; customerId: string; conversationId: string }> {
  const client = openClient({ id: 'zzid', name: 'zzname', email: 'zzmail@example.org' });
  await client.open();
  const own = await client.upload(new Blob([PNG, 'zzcontent']), 'zzfilename.png');
  const shared = await client.upload(new Blob([PNG, 'shared']), 'shared.png');
  // Uploaded, and never sent.
  await client.upload(new Blob([PNG, 'zzcontent', '2']), 'zzfilename2.png');
  const attachments = [own.uploadId, shared.uploadId];
  const { conversationId } = await client.send({ text: 'zzfirst', attachments });
  const at = { conversationId, writtenAt: 1 };
  await asAgent('message.send', { ...at, messageId: makeId(), text: 'zzreply '.repeat(300) });
  await asAgent('note.add', { ...at, messageId: makeId(), text: 'zznote' });
  await asAgent('conversation.tag', { conversationId, add: ['zztag'] });
  await asAgent('conversation.escalate', { conversationId, escalationId: makeId(), reason: 'zzreason' });
  const root = relay.eventLog.read(`conversation:${conversationId}`).root() as unknown as { customerId: string };
  await until(() => relay.eventLog.deliveries.countOpen().size === 0, 'all delivered');
  return { client, customerId: root.customerId, conversationId };
}

test('SYNC-L7 after an erasure no file of the relay, and no backup made after, contains a string of the customer', async () => {
  const { client, customerId } = await writeMuch();
  const other = openClient();
  await other.open();
  const { uploadId } = await other.upload(new Blob([PNG, 'shared']), 'shared.png');
  const kept = await other.send({ text: 'kept', attachments: [uploadId] });
  expect(found(dataFolder, STRINGS)).toEqual(STRINGS);

  // A page that is open would begin anew at once, and say again who is there.
  client.close();
  expect(await call('DELETE', '/customers/zzmail@example.org')).toEqual({
    status: 200,
    body: { customerIds: [customerId] },
  });
  expect(found(dataFolder, STRINGS)).toEqual([]);
  expect(found(dataFolder, ['kept', 'shared'])).toEqual(['kept', 'shared']);
  const fileIds = kept.entry.attachments.map(({ fileId }) => fileId);
  expect((await other.fetchFile(fileIds[0]!)).size).toBeGreaterThan(0);
  expect(await call('DELETE', `/customers/${customerId}`)).toMatchObject({ status: 404 });

  const after = path.join(folder, 'after');
  expect(await call('POST', '/backups', { to: after })).toMatchObject({ status: 200 });
  expect(found(after, STRINGS)).toEqual([]);
  expect(found(after, ['kept'])).toEqual(['kept']);

  // Who comes back is nobody who was here before.
  const again = openClient({ id: 'zzid', name: 'back', email: 'back@example.org' });
  await again.open();
  const fresh = await again.send({ text: 'hello again' });
  expect(fresh.entry.seq).toBe(1);
});

test('SYNC-L7 a restore of a backup that was made before erases again what was erased since', async () => {
  const { client, customerId, conversationId } = await writeMuch();
  // A page that is open would say again at once who is there.
  client.close();
  const other = openClient();
  await other.open();
  const kept = await other.send({ text: 'kept' });
  const before = path.join(dataFolder, 'backups', 'before');
  expect(await call('POST', '/backups', { to: before })).toMatchObject({ status: 200 });
  expect(await call('DELETE', `/customers/${customerId}`)).toMatchObject({ status: 200 });
  expect(found(dataFolder, STRINGS, before)).toEqual([]);
  expect(found(before, STRINGS)).toEqual(STRINGS);
  // Another relay keeps its backups there too, and erased somebody whom it knew under the same id.
  const { customerId: keptId } = relay.eventLog.read<Conversation>(`conversation:${kept.conversationId}`).root()!;
  const foreign = { subject: `customer:${keptId}`, at: 1, seq: 900, epoch: 'another', log: 'another' };
  await rememberErased(path.dirname(before), [foreign]);
  await relay.stop();

  const restored = path.join(folder, 'restored');
  const { erasedAgain, erasedLists, mayHoldErased } = await restore(before, restored);
  expect({ erasedAgain, mayHoldErased }).toEqual({ erasedAgain: 1, mayHoldErased: false });
  expect(erasedLists).toEqual([path.join(before, 'erased.jsonl'), path.join(before, '..', 'erased.jsonl')]);
  relay = await startRelay({ dataFolder: restored });
  // Files and what the channel kept go when the relay starts.
  await until(() => found(restored, STRINGS).length === 0, 'nothing left');
  expect(relay.eventLog.read(`conversation:${conversationId}`).root()).toBeNull();
  expect(relay.eventLog.read(`conversation:${kept.conversationId}`).root()).not.toBeNull();
});

test('SYNC-L7 a backup elsewhere knows by itself whom it must not bring back, whatever the clock said; without, the restore says so', async () => {
  const [first, second] = [await writeMuch(), await writeMuch()];
  for (const { client } of [first, second]) client.close();
  expect(first.customerId).not.toBe(second.customerId);
  await relay.submitAsSystem('customer.erase', { customerId: second.customerId });
  const [before, later] = [path.join(folder, 'disk', 'before'), path.join(folder, 'disk', 'later')];
  expect(await call('POST', '/backups', { to: before })).toMatchObject({ status: 200 });
  // Made on a machine whose clock was ahead by a day.
  const manifest = path.join(before, 'manifest.json');
  const { createdAt } = JSON.parse(readFileSync(manifest, 'utf8')) as { createdAt: number };
  const ahead = String(createdAt + 86_400_000);
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(String(createdAt), ahead));
  expect(await call('DELETE', `/customers/${first.customerId}`)).toMatchObject({ status: 200 });
  expect(await call('POST', '/backups', { to: later })).toMatchObject({ status: 200 });
  await relay.stop();

  // Copied somewhere else by itself.
  const alone = path.join(folder, 'alone', 'before');
  cpSync(before, alone, { recursive: true });
  expect(await restore(alone, path.join(folder, 'restored-1'))).toMatchObject({
    ...{ erasedAgain: 1, mayHoldErased: false, erasedLists: [path.join(alone, 'erased.jsonl')] },
  });
  // As it is, but for its list.
  rmSync(path.join(alone, 'erased.jsonl'));
  expect(await restore(alone, path.join(folder, 'restored-2'))).toMatchObject({
    ...{ erasedAgain: 0, mayHoldErased: true, erasedLists: [] },
  });
  expect(await restore(later, path.join(folder, 'restored-3'))).toMatchObject({ erasedAgain: 0, mayHoldErased: false });
  relay = await startRelay({ dataFolder: path.join(folder, 'restored-1') });
  await until(() => found(path.join(folder, 'restored-1'), STRINGS).length === 0, 'nothing left');
});

const restore = (from: string, to: string) =>
  restoreBackup({ from, dataFolder: to, clock: createSystemClock(), random: createSystemRandom() });

/** A bare call of a browser. */
async function browse(route: string, body: object, token?: string) {
  const headers = {
    'content-type': 'application/json',
    origin: ORIGIN,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const response = await fetch(`${relay.url}/w/v1${route}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

/** Has `first` go into the log right before the next command of this type. */
function putBefore(type: string, first: () => Promise<unknown>): void {
  const { submit } = relay.eventLog;
  relay.eventLog.submit = (submission) => {
    if (submission.command.type !== type) return submit(submission);
    relay.eventLog.submit = submit;
    void first();
    return submit(submission);
  };
}

test('SYNC-L7 a message that is on its way while its customer is erased is refused, and leaves nothing of who said it', async () => {
  const identity = { id: 'zzid', name: 'zzname', email: 'zzmail@example.org' };
  const { body: session } = await browse(`/${widgetKey}/session`, { identity });
  const token = session['token']!;
  const say = (text: string) => browse('/messages', { clientId: makeId(), text, attachments: [] }, token);
  const { body } = await say('zzfirst');
  const conversationId = body['conversationId']!;
  const root = relay.eventLog.read(`conversation:${conversationId}`).root() as unknown as { customerId: string };
  putBefore('message.receive', () => relay.submitAsSystem('customer.erase', { customerId: root.customerId }));
  // The browser is to begin anew, and to say it again as somebody else.
  expect(await say('zzsecond')).toMatchObject({ status: 401, body: { reason: 'session-over' } });
  expect(await relay.eventLog.listRoots('customer')).toEqual([]);
  expect(await relay.eventLog.listRoots('conversation')).toEqual([]);
  await until(() => found(dataFolder, ['zzname', 'zzfirst', 'zzsecond']).length === 0, 'nothing left');
  expect(await say('zzthird')).toMatchObject({ status: 401 });
});

test('SYNC-L7 a message that is erased before its browser was answered is not told as taken, and not kept by the channel', async () => {
  const { body: session } = await browse(`/${widgetKey}/session`, { identity: { id: 'zzid', name: 'zzname' } });
  const token = session['token']!;
  const { submit } = relay.eventLog;
  relay.eventLog.submit = (submission) => {
    const taken = submit(submission);
    if (submission.command.type !== 'message.receive') return taken;
    relay.eventLog.submit = submit;
    const { customer } = submission.command.args as { customer: { id: string } };
    void relay.submitAsSystem('customer.erase', { customerId: customer.id });
    return taken;
  };
  const said = await browse('/messages', { clientId: makeId(), text: 'zzfirst', attachments: [] }, token);
  expect(said).toMatchObject({ status: 410, body: { reason: 'customer-erased' } });
  await until(() => found(dataFolder, ['zzname', 'zzfirst']).length === 0, 'nothing left');
});

test('SYNC-L7 a file that another visitor has uploaded and not sent yet stays theirs', async () => {
  const { client, customerId } = await writeMuch();
  client.close();
  const other = openClient();
  await other.open();
  const { uploadId } = await other.upload(new Blob([PNG, 'zzcontent']), 'mine.png');
  expect(await call('DELETE', `/customers/${customerId}`)).toMatchObject({ status: 200 });
  const { entry } = await other.send({ text: 'here it is', attachments: [uploadId] });
  expect((await other.fetchFile(entry.attachments[0]!.fileId)).size).toBe(PNG.length + 'zzcontent'.length);
});

test('SYNC-L7 an administrator’s console erases all of a customer as well: more than one event carries, under every id', async () => {
  await relay.addAgent('chu', { role: 'admin' });
  const identity = { channelId: 'web', externalId: 'zzid', isVerified: false };
  const customer = { id: 'busy', identity, profile: { name: 'zzname' } };
  const rest = { channelId: 'web', customer, conversationId: null, text: 'zzfirst', writtenAt: 1 };
  await Promise.all(
    Array.from({ length: MAX_ERASED_AT_ONCE * 2 + 1 }, (_, index) =>
      relay.submitAsSystem('message.receive', { ...rest, newConversationId: `c${index}`, messageId: `m${index}` }),
    ),
  );
  // As the relay has it from a console.
  const result = await relay.eventLog.submit({
    command: { id: makeId(), type: 'customer.erase', v: 1, args: { customerId: 'busy' } },
    by: { kind: 'agent', agentId: 'chu' },
    isDelayed: false,
  });
  expect(result).toMatchObject({ ok: true, output: { remaining: MAX_ERASED_AT_ONCE + 2 } });
  await until(() => relay.eventLog.read('customer:busy').root() === null, 'all erased');
  expect(await relay.eventLog.listRoots('conversation')).toEqual([]);
});

test('SYNC-L7 who turned out to be somebody known is erased with them', async () => {
  const secret = await call('GET', '/channels/web');
  expect(secret.status).toBe(200);
  const hash = identityHash((secret.body as { identitySecret: string }).identitySecret, 'zzid', null);
  const open = async (body: object) => (await browse(`/${widgetKey}/session`, body)).body;
  const known = await open({ identity: { id: 'zzid', hash } });
  await browse('/messages', { clientId: makeId(), text: 'zzfirst', attachments: [] }, known['token']);
  // On another browser: first as nobody, then as the same.
  const nobody = await open({});
  await browse('/messages', { clientId: makeId(), text: 'zzreply', attachments: [] }, nobody['token']);
  expect(await relay.eventLog.listRoots('customer')).toHaveLength(2);
  await open({ visitorToken: nobody['visitorToken'], identity: { id: 'zzid', hash } });
  const [customer] = (await relay.eventLog.listRoots('customer')).filter(({ id }) => id.startsWith('wc-'));
  await relay.submitAsSystem('customer.erase', { customerId: customer!.id });
  expect(await relay.eventLog.listRoots('customer')).toEqual([]);
  expect(await relay.eventLog.listRoots('conversation')).toEqual([]);
});

test('SYNC-L7 a relay that stopped right after an erasure does the rest when it comes back', async () => {
  const { customerId } = await writeMuch();
  const stopped = relay;
  await Promise.all([relay.submitAsSystem('customer.erase', { customerId }), stopped.stop()]);
  relay = await startRelay({ dataFolder });
  await until(() => found(dataFolder, STRINGS).length === 0, 'nothing left');
});
