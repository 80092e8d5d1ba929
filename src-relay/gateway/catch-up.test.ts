import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Conversation } from '../../shared/domain/conversation/conversation.ts';
import type { Message } from '../../shared/domain/conversation/message.ts';
import { ProtocolClient } from '../../tests/fakes/protocol-client.ts';
import { type TestAgent, type TestRelay, signIn, startRelay } from '../../tests/fakes/start-relay.ts';

const relays: TestRelay[] = [];
const clients: ProtocolClient[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const relay of relays.splice(0)) await relay.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

interface Scene {
  relay: TestRelay;
  lan: TestAgent;
  token: string;
}

async function openScene(dataFolder?: string): Promise<Scene> {
  const relay = await startRelay(dataFolder === undefined ? {} : { dataFolder });
  relays.push(relay);
  await relay.putQueue('sales');
  await relay.putQueue('complaints');
  await relay.putChannel('web', 'sales');
  const lan = await relay.addAgent('lan', { queueIds: ['sales'] });
  return { relay, lan, token: (await signIn(relay, lan)).accessToken };
}

async function connect(scene: Scene, former?: ProtocolClient): Promise<ProtocolClient> {
  const { relay, token } = scene;
  const options = former === undefined ? {} : { device: former.device, replica: former.replica };
  const client = await ProtocolClient.connect({ url: relay.url, token, ...options });
  clients.push(client);
  return client;
}

async function write(scene: Scene, customerId: string, text: string, conversationId: string | null = null) {
  return (await scene.relay.receive({ channelId: 'web', customerId, text, conversationId })).conversationId;
}

function texts(client: ProtocolClient, conversationId: string): string[] {
  return client.replica.items<Message>(`conversation:${conversationId}`).map(({ text }) => text);
}

test('SYNC-S1 a console that holds what it should sends no ids, and gets only what is new', async () => {
  const scene = await openScene();
  const known = await write(scene, 'an', 'before');
  const first = await connect(scene);
  first.close();
  await write(scene, 'an', 'meanwhile', known);
  const born = await write(scene, 'binh', 'a new one');
  const second = await connect(scene, first);
  expect(second.welcome).toMatchObject({ mode: 'tail', needHeld: false });
  expect([texts(second, known), texts(second, born)]).toEqual([['before', 'meanwhile'], ['a new one']]);
  // What was born meanwhile comes by its events, nothing as a snapshot.
  expect(second.messages('frame').flatMap(({ enter, leave }) => [...enter, ...leave])).toEqual([]);
});

test('SYNC-S1 SYNC-V1 a console that holds something else is set right by its ids', async () => {
  const scene = await openScene();
  const kept = await write(scene, 'an', 'kept');
  const lost = await write(scene, 'binh', 'lost from the cache');
  const moved = await write(scene, 'chi', 'moved away meanwhile');
  const first = await connect(scene);
  first.close();
  const { replica } = first;
  replica.subjects.delete(`conversation:${lost}`);
  replica.subjects.set('conversation:never-was', replica.subjects.get(`conversation:${kept}`)!);
  replica.subjects.set('no-such-kind:1', replica.subjects.get(`conversation:${kept}`)!);
  await scene.relay.submitAsSystem('conversation.move', { conversationIds: [moved], queueId: 'complaints' });
  const second = await connect(scene, first);
  expect(second.welcome).toMatchObject({ mode: 'tail', needHeld: true });
  const held = [...replica.subjects.keys()].filter((subject) => /^(conversation|no-such)/.test(subject));
  expect(held.toSorted()).toEqual([`conversation:${kept}`, `conversation:${lost}`].toSorted());
  expect(texts(second, lost)).toEqual(['lost from the cache']);
});

test('SYNC-V1 INV-6 rights lost and regained while offline leave nothing out', async () => {
  const scene = await openScene();
  const conversationId = await write(scene, 'an', 'one');
  const first = await connect(scene);
  first.close();
  await scene.relay.submitAsSystem('conversation.move', { conversationIds: [conversationId], queueId: 'complaints' });
  await write(scene, 'an', 'two', conversationId);
  await scene.relay.submitAsSystem('conversation.move', { conversationIds: [conversationId], queueId: 'sales' });
  const second = await connect(scene, first);
  const isPublic = ({ kind }: Message) => kind === 'public';
  const items = second.replica.items<Message>(`conversation:${conversationId}`).filter(isPublic);
  expect(items.map(({ text }) => text)).toEqual(['one', 'two']);
});

test('SYNC-S2 frames follow on one another without a gap, also where nothing concerns the console', async () => {
  const scene = await openScene();
  await scene.relay.putChannel('other', 'complaints');
  const client = await connect(scene);
  const mine = await write(scene, 'an', 'mine');
  for (let index = 0; index < 30; index += 1) {
    await scene.relay.receive({ channelId: 'other', customerId: 'x', text: 'not theirs' });
  }
  await write(scene, 'an', 'mine again', mine);
  const head = scene.relay.eventLog.head();
  await client.until(() => client.replica.cursor === head);
  let cursor: number | null = null;
  for (const frame of client.messages('frame')) {
    expect(frame.from).toBe(cursor ?? frame.from);
    expect(frame.to).toBeGreaterThanOrEqual(frame.from);
    cursor = frame.to;
    const subjects = frame.events.flatMap(({ changes }) => changes.map(({ subject }) => subject));
    const foreign = subjects.filter((one) => one.startsWith('conversation:') && one !== `conversation:${mine}`);
    expect(foreign).toEqual([]);
  }
});

test('SYNC-R3 a result whose fact does not concern the console still moves its cursor there', async () => {
  const scene = await openScene();
  const client = await connect(scene);
  const conversationId = await write(scene, 'an', 'take me away');
  const result = await client.submit('conversation.move', { conversationIds: [conversationId], queueId: 'complaints' });
  expect(result).toMatchObject({ ok: true });
  await client.until(() => client.replica.cursor >= (result.ok ? result.seq : Number.POSITIVE_INFINITY));
  expect(client.replica.root(`conversation:${conversationId}`)).toBeNull();
});

test('SYNC-S3 no more than two frames of a catch-up are under way, none over its size', async () => {
  const scene = await openScene();
  const conversationId = await write(scene, 'an', 'long story');
  const first = await connect(scene);
  first.close();
  const text = 'x'.repeat(3000);
  await Promise.all(Array.from({ length: 400 }, (_, index) => write(scene, 'an', `${index} ${text}`, conversationId)));
  const { relay, token } = scene;
  const client = new ProtocolClient({
    url: relay.url,
    token,
    device: first.device,
    replica: first.replica,
    isCrediting: false,
  });
  clients.push(client);
  await client.opened();
  client.hello();
  const frames = () => client.messages('frame');
  await client.until(() => frames().length === 2);
  // Time for a third one, if there were one: a round trip after a commit.
  await write(scene, 'an', 'later', conversationId);
  await client.want('conversation:none');
  expect(frames().length).toBe(2);
  client.isCrediting = true;
  for (const { to } of frames()) client.send('credit', { session: client.session, cursor: to });
  await client.until(() => client.replica.cursor === relay.eventLog.head());
  expect(frames().length).toBeGreaterThan(4);
  for (const frame of frames()) {
    expect(frame.events.length).toBeLessThanOrEqual(1000);
    expect(JSON.stringify(frame).length).toBeLessThan(260 * 1024);
  }
  expect(texts(client, conversationId).length).toBe(402);
});

test('SYNC-V1 SYNC-S7 what comes as bytes of the log is every change that the console may see, and no other', async () => {
  const dataFolder = mkdtempSync(path.join(tmpdir(), 'liendesk-catch-up-'));
  folders.push(dataFolder);
  const scene = await openScene(dataFolder);
  await scene.relay.putChannel('other', 'complaints');
  const mine = await write(scene, 'an', 'mine');
  const { conversationId: theirs } = await scene.relay.receive({ channelId: 'other', customerId: 'x', text: 'theirs' });
  const first = await connect(scene);
  first.close();
  const conversationIds = [mine, theirs];
  for (let index = 0; index < 120; index += 1) {
    await write(scene, 'an', `đơn hàng ${index} "${'ạ'.repeat(50)}"`, mine);
    // One event for the two of them, each.
    await scene.relay.submitAsSystem('conversation.wait', { conversationIds });
    await scene.relay.submitAsSystem('conversation.reopen', { conversationIds });
  }
  const logged = await scene.relay.eventLog.readEvents(first.replica.cursor, 1000);
  // Only the newest are in memory after a start.
  await relays.pop()!.stop();
  const relay = await startRelay({ dataFolder });
  relays.push(relay);
  const second = await connect({ ...scene, relay }, first);
  expect(second.packed.length).toBeGreaterThan(0);

  const visible = logged.map((event) => ({
    ...event,
    changes: event.changes.filter(({ subject }) => subject !== `conversation:${theirs}`),
  }));
  expect(second.messages('frame').flatMap(({ events }) => events)).toEqual(visible);
  expect(JSON.stringify(second.received)).not.toContain(theirs);
  expect(visible.filter(({ changes }, index) => changes.length < logged[index]!.changes.length).length).toBe(240);
});

test('SYNC-S4 a reset comes in pages, and what happens meanwhile is not lost', async () => {
  const scene = await openScene();
  const text = 'x'.repeat(20_000);
  const ids = await Promise.all(Array.from({ length: 40 }, (_, index) => write(scene, `c${index}`, text)));
  const { relay, token } = scene;
  const client = new ProtocolClient({ url: relay.url, token, isCrediting: false });
  clients.push(client);
  await client.opened();
  client.hello();
  await client.until(() => client.messages('page').length === 2);
  const [moved, answered] = [ids[0]!, ids[39]!];
  await relay.submitAsSystem('conversation.move', { conversationIds: [moved], queueId: 'complaints' });
  await write(scene, 'c39', 'and one more', answered);
  const late = await write(scene, 'late', 'born meanwhile');
  client.isCrediting = true;
  for (let page = 0; page < 2; page += 1) client.send('credit', { session: client.session, cursor: 0 });
  await client.until(() => client.replica.cursor === relay.eventLog.head());
  const pages = client.messages('page');
  expect(pages.map(({ page }) => page)).toEqual(pages.map((_, index) => index));
  expect(pages.filter(({ isLast }) => isLast)).toEqual([pages.at(-1)]);
  const kinds = pages.flatMap(({ subjects }) => subjects.map(({ subject }) => subject.split(':')[0]));
  expect(kinds.lastIndexOf('queue')).toBeLessThan(kinds.indexOf('conversation'));
  expect(client.replica.root(`conversation:${moved}`)).toBeNull();
  expect(texts(client, answered).at(-1)).toBe('and one more');
  expect(texts(client, late)).toEqual(['born meanwhile']);
  expect([...client.replica.subjects.keys()].filter((one) => one.startsWith('conversation:')).length).toBe(40);
});

test('SYNC-L4 a console below the floor begins anew', async () => {
  const scene = await openScene();
  const first = await connect(scene);
  first.close();
  const conversationId = await write(scene, 'an', 'kept as a row');
  await write(scene, 'an', 'and this', conversationId);
  await scene.relay.eventLog.truncate(scene.relay.eventLog.head());
  const second = await connect(scene, first);
  expect(second.welcome.mode).toBe('reset');
  expect(texts(second, conversationId)).toEqual(['kept as a row', 'and this']);
});

test('SYNC-L3 a console that is ahead of the log, or of another lineage, begins anew', async () => {
  const scene = await openScene();
  const conversationId = await write(scene, 'an', 'hello');
  const first = await connect(scene);
  const bystander = await connect(scene);
  const { epoch } = scene.relay.eventLog;
  first.close();
  first.replica.cursor += 1000;
  const second = await connect(scene, first);
  // It saw what this log has not: a backup was put back, and nobody else may go on from the old positions either.
  expect(second.welcome.mode).toBe('reset');
  expect(second.welcome.epoch).not.toBe(epoch);
  expect(await bystander.ended()).toMatchObject({ error: { kind: 'retry' } });
  const third = await connect(scene, bystander);
  expect(third.welcome.mode).toBe('reset');
  expect(texts(third, conversationId)).toEqual(['hello']);
  // Once: no console may make the others begin anew at will.
  second.close();
  second.replica.cursor += 1000;
  await connect(scene, second);
  expect(third.socket.connected).toBe(true);
});

test('SYNC-L3 SYNC-O6 a console of a history that the log does not know shows that the log is an older copy; nothing counts as shared', async () => {
  const scene = await openScene();
  const conversationId = await write(scene, 'an', 'hello');
  const bystander = await connect(scene);
  const { eventLog } = scene.relay;
  const { epoch } = eventLog;
  // Known lineages are in order: a restore by the tool made them.
  eventLog.rotateEpoch();
  const known = await connect(scene, bystander);
  expect([known.welcome.mode, eventLog.lineages().length]).toEqual(['reset', 2]);
  const foreign = await connect(scene);
  foreign.close();
  foreign.replica.epoch = '00000000-0000-7000-8000-0000000000ff';
  foreign.replica.cursor = 1;
  const back = await connect(scene, foreign);
  expect(back.welcome.mode).toBe('reset');
  expect(texts(back, conversationId)).toEqual(['hello']);
  expect(eventLog.lineages()).toMatchObject([{ epoch, since: 0 }, {}, { epoch: back.welcome.epoch, since: 0 }]);
  expect(await known.ended()).toMatchObject({ error: { kind: 'retry' } });
});

test('SYNC-L3 a console that others have overtaken shows an older copy by the newest result it has', async () => {
  const scene = await openScene();
  const conversationId = await write(scene, 'an', 'hello');
  const first = await connect(scene);
  const noted = await first.submit('note.add', {
    ...{ conversationId, messageId: '00000000-0000-7000-8000-000000000001', text: 'gọi lại', writtenAt: 0 },
    ...{ attachments: [], mentions: [] },
  });
  if (!noted.ok) throw new Error(noted.error.message);
  await first.until(() => first.replica.cursor === scene.relay.eventLog.head());
  first.close();
  const { epoch } = scene.relay.eventLog;
  const newest = { commandId: noted.id, n: 1, seq: noted.seq };
  const greet = async (fields: object) => {
    const client = new ProtocolClient({ url: scene.relay.url, token: scene.token, ...first });
    clients.push(client);
    await client.opened();
    client.hello(0, fields);
    await client.until(() => client.isAtHead);
    return client.welcome;
  };
  expect(await greet({ newest })).toMatchObject({ mode: 'tail', epoch });
  // The same place in the log, and another's.
  const foreign = { ...newest, commandId: '00000000-0000-7000-8000-0000000000fe' };
  expect(await greet({ newest: foreign, epoch, cursor: first.replica.cursor })).toMatchObject({ mode: 'reset' });
  expect(scene.relay.eventLog.epoch).not.toBe(epoch);
});

test('SYNC-S5 an old closed conversation is not held until it is wanted, and from then on it is', async () => {
  const scene = await openScene();
  const { relay } = scene;
  await relay.putChannel('other', 'complaints');
  const { conversationId } = await relay.receive({ channelId: 'other', customerId: 'an', text: 'theirs' });
  const client = await connect(scene);
  expect(await client.want(`conversation:${conversationId}`)).toMatchObject({ ok: false });
  const mine = await write(scene, 'binh', 'one');
  await client.until(() => client.replica.root(`conversation:${mine}`) !== null);
  for (let index = 0; index < 40; index += 1) await write(scene, 'binh', `line ${index}`, mine);
  await client.until(() => client.replica.cursor === relay.eventLog.head());
  const fresh = await connect(scene);
  expect(texts(fresh, mine).length).toBe(30);
  const [oldest] = fresh.replica.items<Message>(`conversation:${mine}`);
  const older = await fresh.want(`conversation:${mine}`, oldest!.position, 20);
  expect(older).toMatchObject({ ok: true, snapshot: { isComplete: true } });
  expect(texts(fresh, mine)).toEqual(['one', ...Array.from({ length: 40 }, (_, index) => `line ${index}`)]);
});

test('the conversation an agent holds beyond the default goes on by events', async () => {
  const scene = await openScene();
  const { relay } = scene;
  const client = await connect(scene);
  const conversationId = await write(scene, 'an', 'one');
  const subject = `conversation:${conversationId}` as const;
  const base = { customerSeqs: { [conversationId]: relay.eventLog.head() } };
  await client.until(() => client.replica.root(subject) !== null);
  const closed = await client.submit('conversation.close', { conversationIds: [conversationId] }, { base });
  expect(closed).toMatchObject({ ok: true });
  await client.until(() => client.replica.root<Conversation>(subject)?.state === 'closed');
  await write(scene, 'an', 'reopened', conversationId);
  await client.until(() => client.replica.root<Conversation>(subject)?.state === 'open');
});

test('SYNC-N2 a socket that is not read is left alone, the others are served, and it catches up from the log', async () => {
  const scene = await openScene();
  const conversationId = await write(scene, 'an', 'first');
  const slow = await connect(scene);
  const quick = await connect(scene);
  const underlying = (slow.socket.io.engine.transport as unknown as { ws: { _socket: Socket } }).ws._socket;
  underlying.pause();
  // More than the kernel takes on its own.
  const text = 'x'.repeat(30_000);
  for (let round = 0; round < 40; round += 1) {
    await Promise.all(Array.from({ length: 10 }, () => write(scene, 'an', text, conversationId)));
    const head = scene.relay.eventLog.head();
    await quick.until(() => quick.replica.cursor >= head);
  }
  expect(slow.replica.cursor).toBeLessThan(scene.relay.eventLog.head());
  underlying.resume();
  await slow.until(() => slow.replica.cursor === scene.relay.eventLog.head());
  expect(texts(slow, conversationId)).toEqual(texts(quick, conversationId));
  const late = slow.messages('frame').filter(({ isCatchUp, events }) => isCatchUp && events.length > 0);
  expect(late.length).toBeGreaterThan(0);
});
