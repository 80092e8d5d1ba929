import { hkdfSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Conversation } from '../../shared/domain/conversation/conversation.ts';
import type { Message } from '../../shared/domain/conversation/message.ts';
import { OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION } from '../../shared/relay-protocol/protocol-version.ts';
import { toRelay } from '../../shared/relay-protocol/to-relay.ts';
import { ProtocolClient } from '../../tests/fakes/protocol-client.ts';
import {
  type TestAgent,
  type TestRelay,
  clockOfLimits,
  makeId,
  signIn,
  startRelay,
} from '../../tests/fakes/start-relay.ts';
import { createSystemClock } from '../system-clock.ts';
import { signAccessToken } from '../auth/access-token.ts';

let relay: TestRelay;
let lan: TestAgent;
let minh: TestAgent;
const tokens = new Map<string, string>();
const clients: ProtocolClient[] = [];

beforeAll(async () => {
  relay = await startRelay();
  await relay.putQueue('sales');
  await relay.putQueue('complaints');
  await relay.putChannel('web', 'sales');
  lan = await relay.addAgent('lan', { queueIds: ['sales'] });
  minh = await relay.addAgent('minh', { queueIds: ['sales', 'complaints'], role: 'lead' });
  for (const agent of [lan, minh]) tokens.set(agent.id, (await signIn(relay, agent)).accessToken);
});
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
afterAll(() => relay.stop());

async function connectAs(agent: TestAgent, options: Partial<ConstructorParameters<typeof ProtocolClient>[0]> = {}) {
  const client = await ProtocolClient.connect({ url: relay.url, token: tokens.get(agent.id)!, ...options });
  clients.push(client);
  return client;
}

function openAs(token: string): ProtocolClient {
  const client = new ProtocolClient({ url: relay.url, token });
  clients.push(client);
  return client;
}

async function customerWrites(text: string, conversationId: string | null = null): Promise<string> {
  const received = await relay.receive({ channelId: 'web', customerId: 'an', text, conversationId });
  return received.conversationId;
}

test('a handshake without a good token is refused with an ErrorBody', async () => {
  const { accessToken, sessionId } = await signIn(relay, lan);
  const key = new Uint8Array(hkdfSync('sha256', new Uint8Array(32).fill(7), '', 'liendesk access-tokens', 32));
  const sign = async (ageMs: number) => {
    const clock = { ...createSystemClock(), now: () => Date.now() - ageMs };
    return (await signAccessToken({ agentId: 'lan', sessionId }, key, clock)).accessToken;
  };
  const [header, payload, signature] = accessToken.split('.');
  const forged = [header, Buffer.from(`{"sub":"minh"}`).toString('base64url'), signature].join('.');
  for (const token of ['', 'nonsense', `${header}.${payload}.`, forged, await sign(60 * 60 * 1000), 'x'.repeat(5000)]) {
    await expect(openAs(token).opened(), token).rejects.toMatchObject({ kind: 'unauthenticated', retryable: false });
  }
  // The same but for its age, so that it was the age.
  await openAs(await sign(0)).opened();
});

test('SYNC-P1 versions that do not fit together are told so', async () => {
  for (const protocol of [
    [PROTOCOL_VERSION + 1, PROTOCOL_VERSION + 3],
    [0, 0],
  ] as const) {
    const client = openAs(tokens.get('lan')!);
    await client.opened();
    client.hello(0, { protocol: [...protocol] });
    expect(await client.ended()).toMatchObject({ error: { kind: 'incompatible', retryable: false } });
  }
});

test('SYNC-P1 a console of the version before is served, and told nothing that it does not know', async () => {
  const client = openAs(tokens.get('lan')!);
  await client.opened();
  client.hello(0, { protocol: [OLDEST_PROTOCOL_VERSION, OLDEST_PROTOCOL_VERSION] });
  await client.until(() => client.isAtHead);
  expect(client.welcome.protocol).toBe(PROTOCOL_VERSION - 1);
  expect(Object.keys(client.welcome)).not.toContain('lineages');
  expect(Object.keys(client.welcome.limits)).toEqual(['credit', 'lanes']);
  const conversationId = await customerWrites('to an old console');
  const subject = `conversation:${conversationId}` as const;
  await client.until(() => client.replica.root(subject) !== null);
  const args = { conversationId, messageId: makeId(), text: 'from an old console', writtenAt: 1 };
  expect(await client.submit('note.add', args)).toMatchObject({ ok: true });

  const current = await connectAs(minh);
  expect(current.welcome).toMatchObject({ protocol: PROTOCOL_VERSION, lineages: [{ since: 0 }] });
  const known = new Set(['welcome', 'frame', 'page', 'results', 'wanted', 'tick', 'ephemeral', 'bye']);
  expect(client.received.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([]);
});

test('SYNC-S7 a catch-up is packed, and is the same as one that is not', async () => {
  const conversationId = await customerWrites('long talk');
  for (let index = 0; index < 150; index += 1) {
    await customerWrites(`câu thứ ${index}: dạ anh chị cho em hỏi đơn hàng của em ạ`, conversationId);
  }
  const packed = await connectAs(lan);
  const plain = openAs(tokens.get('lan')!);
  await plain.opened();
  plain.hello(0, { protocol: [1, 1] });
  await plain.until(() => plain.isAtHead);
  expect(plain.packed).toEqual([]);
  expect(packed.packed.map(({ name }) => name)).toContain('page');
  expect(packed.replica.subjects).toEqual(plain.replica.subjects);
  const text = JSON.stringify(packed.messages('page'));
  const bytes = packed.packed.reduce((sum, one) => sum + one.bytes, 0);
  expect(bytes / text.length).toBeLessThan(0.35);
  // What goes to many at once is packed and unpacked by one text; each still gets it as its own.
  expect(packed.messages('page').every(({ session }) => session === packed.session)).toBe(true);
});

test('malformed messages end the connection with a reason, and nothing else', async () => {
  const bystander = await connectAs(minh);
  const hostile: unknown[] = [
    null,
    undefined,
    7,
    'text',
    [],
    {},
    { session: 'no uuid' },
    { session: makeId(), n: Number.NaN },
    JSON.parse('{"__proto__":{"session":1},"constructor":{"prototype":{}}}'),
    { session: makeId(), submissions: [] },
    { session: makeId(), submissions: Array.from({ length: 65 }, () => ({})) },
    { session: makeId(), ephemeral: { kind: 'typing' } },
    { session: makeId(), id: makeId(), subject: 'Conversation:1', before: null, limit: 1 },
    { session: makeId(), id: makeId(), subject: 'conversation:1', before: null, limit: 10_000 },
    { session: makeId(), kind: 'x', ids: Array.from({ length: 6001 }, () => 'x'), isLast: true },
    Buffer.from('binary'),
  ];
  for (const name of Object.keys(toRelay)) {
    for (const message of hostile) {
      if (toRelay[name as keyof typeof toRelay].safeParse(message).success) continue;
      const client = openAs(tokens.get('lan')!);
      await client.opened();
      client.socket.emit(name, message);
      expect(await client.ended()).toMatchObject({ error: { kind: 'invalid', reason: 'malformed-message' } });
    }
  }
  const head = relay.eventLog.head();
  await customerWrites('still here?');
  await bystander.until(() => bystander.replica.cursor > head);
});

test('unknown event names, events with callbacks and stale sessions are ignored', async () => {
  const client = await connectAs(lan);
  client.socket.emit('no-such-event', { anything: true });
  client.socket.emit('toString', 1);
  client.socket.emit('constructor', {}, () => {});
  client.send('credit', { session: makeId(), cursor: 0 });
  client.send('submit', {
    session: makeId(),
    submissions: [{ command: makeCommand('conversation.reopen', { conversationIds: ['x'] }), isDelayed: false }],
    ackedN: 0,
  });
  const answer = await client.want('conversation:none');
  expect(answer).toMatchObject({ ok: false, error: { kind: 'not_found' } });
  expect(client.messages('results')).toEqual([]);
});

test('a frame over the size limit ends that connection only', async () => {
  const bystander = await connectAs(minh);
  const client = await connectAs(lan);
  client.socket.emit('submit', { session: client.session, filler: 'x'.repeat(1_100_000) });
  await client.ended();
  expect(client.socket.connected).toBe(false);
  const subject = `conversation:${await customerWrites('after the flood')}` as const;
  await bystander.until(() => bystander.replica.root(subject) !== null);
});

test('a command over its size limit is refused, and one within it is decided', async () => {
  const client = await connectAs(lan);
  const conversationId = await customerWrites('hello');
  const big = { conversationId, messageId: makeId(), text: 'x'.repeat(300_000), writtenAt: 1 };
  expect(await client.submit('note.add', big)).toMatchObject({
    ok: false,
    error: { kind: 'too_large', reason: 'command-too-large' },
  });
  const long = { conversationId, messageId: makeId(), text: 'x'.repeat(150_000), writtenAt: 1 };
  expect(await client.submit('note.add', long)).toMatchObject({
    ok: false,
    error: { kind: 'too_large', reason: 'text-too-long' },
  });
});

test('a revoked sign-in and a deactivated agent lose their connections; others keep theirs', async () => {
  const first = await signIn(relay, lan);
  const second = await signIn(relay, lan);
  const revoked = await connectAs(lan, { token: first.accessToken });
  const kept = await connectAs(lan, { token: second.accessToken });
  relay.auth.revokeSession('lan', first.sessionId);
  expect(await revoked.ended()).toMatchObject({ error: { kind: 'unauthenticated' } });
  expect(kept.socket.connected).toBe(true);
  await expect(openAs(first.accessToken).opened()).rejects.toMatchObject({ kind: 'unauthenticated' });

  const hoa = await relay.addAgent('hoa', { queueIds: ['sales'] });
  const leaving = await connectAs(hoa, { token: (await signIn(relay, hoa)).accessToken });
  await relay.addAgent('hoa', { queueIds: ['sales'], isActive: false });
  expect(await leaving.ended()).toMatchObject({ error: { kind: 'unauthenticated' } });
});

test('SYNC-C2 a command that is submitted again has one effect and the same result', async () => {
  const client = await connectAs(lan);
  const conversationId = await customerWrites('once, please');
  const id = makeId();
  const args = { conversationId, messageId: makeId(), text: 'a note', writtenAt: 1 };
  const first = await client.submit('note.add', args, { id, n: 1 });
  // Its frame may come after the result; the other connection goes on with the same replica.
  await client.until(() => client.replica.cursor >= (first.ok ? first.seq : 0));
  const again = await connectAs(lan, { device: client.device, replica: client.replica });
  const second = await again.submit('note.add', args, { id, n: 1 });
  expect(second).toEqual(first);
  const other = await again.submit('note.add', { ...args, text: 'another' }, { id, n: 1 });
  expect(other).toMatchObject({ ok: false, error: { kind: 'id_reuse' } });
  const notes = again.replica.items<Message>(`conversation:${conversationId}`).filter(({ kind }) => kind === 'note');
  expect(notes.map(({ text }) => text)).toEqual(['a note']);
});

test('SYNC-D1 two devices of one agent are two consoles', async () => {
  const desk = await connectAs(lan);
  const laptop = await connectAs(lan);
  const conversationId = await customerWrites('to both');
  const subject = `conversation:${conversationId}` as const;
  const result = await desk.submit(
    'conversation.assign',
    { conversationIds: [conversationId], assigneeId: 'lan' },
    { base: { versions: { [conversationId]: '' } } },
  );
  expect(result.ok).toBe(true);
  for (const client of [desk, laptop]) {
    await client.until(() => client.replica.root<Conversation>(subject)?.assigneeId === 'lan');
  }
  expect(desk.socket.connected && laptop.socket.connected).toBe(true);
});

test('SYNC-D2 a device that connects anew supersedes its old connection, whose late end harms nothing', async () => {
  const old = await connectAs(lan);
  const fresh = await connectAs(lan, { device: old.device, replica: old.replica });
  expect(await old.ended()).toMatchObject({ error: { kind: 'retry', reason: 'superseded' } });
  old.close();
  const subject = `conversation:${await customerWrites('to the newer one')}` as const;
  await fresh.until(() => fresh.replica.root(subject) !== null);
});

test('SYNC-N2 commands beyond the burst are put off, none is lost', async () => {
  const limited = await startRelay({ clock: clockOfLimits() });
  await limited.putQueue('sales');
  await limited.putChannel('web', 'sales');
  const { accessToken } = await signIn(limited, await limited.addAgent('lan', { queueIds: ['sales'] }));
  const { conversationId } = await limited.receive({ channelId: 'web', customerId: 'an', text: 'many notes' });
  const client = await ProtocolClient.connect({ url: limited.url, token: accessToken });
  const ids = Array.from({ length: 260 }, () => makeId());
  for (const [index, id] of ids.entries()) {
    const args = { conversationId, messageId: makeId(), text: `note ${index}`, writtenAt: 1 };
    client.submitOnly('note.add', args, { id });
  }
  await client.until(() => ids.every((id) => client.resultsOf(id).length === 1));
  const results = ids.map((id) => client.resultsOf(id)[0]!);
  const putOff = results.filter((result) => !result.ok);
  expect(putOff.length).toBe(60);
  for (const result of putOff) {
    expect(result).toMatchObject({ error: { kind: 'retry', retryable: true } });
    expect(!result.ok && result.error.retryAfterMs).toBeGreaterThan(0);
  }
  client.close();
  await limited.stop();
});

test('SYNC-C3 the relay remembers which results a device has, and says so', async () => {
  const client = await connectAs(lan);
  client.send('submit', {
    session: client.session,
    submissions: [{ command: makeCommand('conversation.reopen', { conversationIds: ['none'] }), isDelayed: false }],
    ackedN: 41,
  });
  await client.until(() => client.messages('results').length > 0);
  const again = await connectAs(lan, { device: client.device, replica: client.replica, ackedN: 3 });
  expect(again.welcome.ackedN).toBe(41);
});

test('SYNC-E1 typing reaches those who hold the conversation, as whom it is, and not its sender', async () => {
  const conversationId = await customerWrites('who types?');
  const hidden = await relay.addAgent('hidden', { queueIds: ['complaints'] });
  const writer = await connectAs(lan);
  const reader = await connectAs(minh);
  const outsider = await connectAs(hidden, { token: (await signIn(relay, hidden)).accessToken });
  const typing = (id: string) => ({
    kind: 'typing' as const,
    conversationId,
    by: { kind: 'agent' as const, id },
    isTyping: true,
    isNote: false,
  });
  writer.send('ephemeral', { session: writer.session, ephemeral: typing('minh') });
  outsider.send('ephemeral', { session: outsider.session, ephemeral: typing('hidden') });
  writer.send('ephemeral', { session: writer.session, ephemeral: typing('lan') });
  const typed = (client: ProtocolClient) =>
    client.messages('ephemeral').flatMap(({ ephemeral }) => (ephemeral.kind === 'typing' ? [ephemeral.by.id] : []));
  await reader.until(() => typed(reader).length > 0);
  // A round trip of each, so that what was on its way has arrived.
  for (const client of [writer, reader, outsider]) await client.want('conversation:none');
  expect([typed(reader), typed(writer), typed(outsider)]).toEqual([['lan'], [], []]);
});

test('SYNC-E1 presence: who comes learns of who is there; away is told; somebody available staffs a queue', async () => {
  const first = await connectAs(lan);
  const second = await connectAs(minh);
  const presence = (client: ProtocolClient, agentId: string) =>
    client
      .messages('presences')
      .flatMap((lists) => (['available', 'away', 'offline'] as const).filter((is) => lists[is].includes(agentId)))
      .at(-1);
  await second.until(() => presence(second, 'lan') === 'available');
  await first.until(() => presence(first, 'minh') === 'available');
  second.send('ephemeral', {
    session: second.session,
    ephemeral: { kind: 'presence', agentId: 'minh', status: 'away' },
  });
  await first.until(() => presence(first, 'minh') === 'away');
  // Nobody speaks for another.
  second.send('ephemeral', {
    session: second.session,
    ephemeral: { kind: 'presence', agentId: 'lan', status: 'away' },
  });
  await second.want('conversation:none');
  expect(presence(first, 'lan')).toBe('available');
});

test('SYNC-V1 a conversation that is moved away leaves, and comes back whole', async () => {
  const client = await connectAs(lan);
  const conversationId = await customerWrites('move me');
  const subject = `conversation:${conversationId}` as const;
  await client.until(() => client.replica.root(subject) !== null);
  await relay.submitAsSystem('conversation.move', { conversationIds: [conversationId], queueId: 'complaints' });
  await client.until(() => client.replica.root(subject) === null);
  await customerWrites('said while away', conversationId);
  await relay.submitAsSystem('conversation.move', { conversationIds: [conversationId], queueId: 'sales' });
  await client.until(() => client.replica.root(subject) !== null);
  const texts = client.replica.items<Message>(subject).flatMap(({ kind, text }) => (kind === 'public' ? [text] : []));
  expect(texts).toEqual(['move me', 'said while away']);
  expect(await client.want(subject)).toMatchObject({ ok: true });
});

test('SYNC-V1 a change of queues brings and takes whole queues at once', async () => {
  const thu = await relay.addAgent('thu', { queueIds: ['complaints'] });
  const client = await connectAs(thu, { token: (await signIn(relay, thu)).accessToken });
  const subject = `conversation:${await customerWrites('whose is it?')}` as const;
  await client.want(subject);
  expect(client.replica.root(subject)).toBeNull();
  await relay.addAgent('thu', { queueIds: ['sales'] });
  await client.until(() => client.replica.root(subject) !== null);
  await relay.addAgent('thu', { queueIds: [] });
  await client.until(() => client.replica.root(subject) === null);
  expect([...client.replica.subjects.keys()].filter((held) => held.startsWith('conversation:'))).toEqual([]);
});

test('a second hello on the same connection begins a new session', async () => {
  const client = await connectAs(lan);
  const former = client.session;
  client.hello();
  await client.until(() => client.isAtHead);
  expect(client.session).not.toBe(former);
  expect(client.welcome.mode).toBe('tail');
  const subject = `conversation:${await customerWrites('in the new session')}` as const;
  await client.until(() => client.replica.root(subject) !== null);
});

function makeCommand(type: string, args: unknown) {
  return { id: makeId(), n: 1, type, v: 1, subjects: ['conversation:none' as const], args, after: null, clientAt: 1 };
}
