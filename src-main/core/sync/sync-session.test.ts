import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { SubjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import { type TestConsole, cacheKeyIn } from '../../../tests/fakes/console-process.ts';
import { send, stateOf, textsOf, useScriptedConsoles } from '../../../tests/fakes/scripted-consoles.ts';
import { RELAY_URL, type ScriptedRelay, settle } from '../../../tests/fakes/scripted-relay.ts';
import { openEncryptedDatabase } from '../encrypted-database.ts';

const { signedIn, keep } = useScriptedConsoles();

test('SYNC-S2 a frame that moves no cursor is missed by the next one, or by a tick', async () => {
  const { relay, console } = await signedIn();
  const again = async (): Promise<number> => {
    relay.link.break();
    await relay.advance(1000);
    await relay.tail({ protocol: 2 });
    return relay.links.length;
  };
  const tick = (still: number) => {
    relay.link.say('tick', { head: relay.world.seq, serverNow: relay.clock.now(), still });
    return settle();
  };
  const { seq } = relay.world;
  const leaves = (subject: SubjectRef) => relay.link.frame(seq, seq, { leave: [subject] });
  let sessions = await again();
  // The one that ends a catch-up moved nothing either.
  leaves('conversation:k1');
  await tick(2);
  expect(relay.links).toHaveLength(sessions);
  await tick(3);
  await relay.advance(1000);
  expect(relay.links.length).toBeGreaterThan(sessions);
  await relay.tail({ protocol: 2 });

  sessions = await again();
  relay.link.frame(seq, seq, { leave: ['conversation:k2'], still: 3 });
  await relay.advance(1000);
  expect(relay.links.length).toBeGreaterThan(sessions);
  await relay.tail({ protocol: 2 });

  sessions = await again();
  relay.customerWrites('k3', 'và nữa');
  relay.link.frame(seq, relay.world.seq, { events: relay.eventsAfter(seq), still: 2 });
  await relay.advance(1000);
  expect(relay.links.length).toBeGreaterThan(sessions);
  // Of an older relay, which counts none, nothing is missed.
  await relay.tail();
  sessions = relay.links.length;
  relay.link.frame(relay.world.seq, relay.world.seq, { leave: ['conversation:k3'], still: 7 });
  await settle();
  expect([relay.links.length, await stateOf(console)]).toEqual([sessions, 'online']);
});

test('signs in, takes a snapshot, and is at the head', async () => {
  const { relay, console } = await signedIn();
  expect(await stateOf(console)).toBe('online');
  expect(relay.link.hello).toMatchObject({ epoch: null, cursor: 0, held: { count: 0 }, ackedN: 0 });
  expect(relay.link.all('credit').map(({ cursor }) => cursor)).toEqual([relay.world.seq, relay.world.seq]);
  expect((await console.request('conversation.list', { filter: { view: 'open' } })).total).toBe(3);
});

test('SYNC-S2 a frame that leaves a gap is not applied; the console resumes from its cursor', async () => {
  const { relay, console } = await signedIn();
  const before = relay.world.seq;
  relay.customerWrites('k1', 'một');
  relay.customerWrites('k1', 'hai');
  relay.link.frame(before + 1, before + 2, { events: relay.eventsAfter(before + 1) });
  await settle();
  expect(relay.link.isClosed).toBe(true);
  await relay.advance(1000);
  expect(relay.links).toHaveLength(2);
  await relay.tail();
  expect(relay.link.hello).toMatchObject({ cursor: before });
  expect(await textsOf(console, 'k1')).toEqual(['alo k1', 'một', 'hai']);
  expect(await stateOf(console)).toBe('online');
});

test('SYNC-D2 what an old socket still says or does has no effect on the new session', async () => {
  const { relay, console } = await signedIn();
  const old = relay.link;
  old.break();
  await relay.advance(1000);
  await relay.tail();
  const before = relay.world.seq;
  relay.customerWrites('k1', 'vào socket cũ');
  old.frame(before, before + 1, { events: relay.eventsAfter(before) });
  old.say('bye', { afterMs: 0, error: null });
  old.break();
  await settle();
  expect(await stateOf(console)).toBe('online');
  expect(await textsOf(console, 'k1')).toEqual(['alo k1']);
  // Nor does what is said for another session over the right socket.
  relay.link.sayRaw('frame', {
    ...{ session: old.hello.session, from: before, to: before + 1 },
    ...{ leave: [], enter: [], events: relay.eventsAfter(before), isCatchUp: false },
  });
  await settle();
  expect(await textsOf(console, 'k1')).toEqual(['alo k1']);
});

test('SYNC-S1 asked for what it holds, it sends its ids by kind, the last chunk marked', async () => {
  const { relay } = await signedIn();
  relay.link.break();
  await relay.advance(1000);
  relay.link.open();
  await settle();
  relay.link.welcome({ head: relay.world.seq, needHeld: true });
  await settle();
  const held = relay.link.all('held');
  expect(held.map(({ isLast }) => isLast)).toEqual([...held.slice(1).map(() => false), true]);
  expect(Object.fromEntries(held.map(({ kind, ids }) => [kind, ids]))).toMatchObject({
    queue: ['experts', 'returns', 'sales'],
    conversation: ['k1', 'k2', 'k3'],
  });
  expect(held.flatMap(({ ids }) => ids)).toHaveLength(relay.link.hello.held.count);
});

test('a malformed message ends the session, not the console', async () => {
  const { relay, console } = await signedIn();
  relay.link.sayRaw('frame', { session: relay.link.hello.session, from: 'x' });
  relay.link.sayRaw('unheard-of', {});
  await settle();
  expect(relay.link.isClosed).toBe(true);
  await relay.advance(1000);
  await relay.tail();
  expect(await stateOf(console)).toBe('online');
});

test('a refused refresh signs out and loses nothing', async () => {
  const { relay, console } = await signedIn();
  const grant = relay.http;
  const id = await send(console, 'k1', 'chưa gửi');
  relay.http = async () =>
    new Response(
      JSON.stringify({
        kind: 'unauthenticated',
        origin: 'relay',
        message: 'no',
        retryable: false,
        reason: 'session-revoked',
      }),
      { status: 401 },
    );
  relay.link.break({ kind: 'unauthenticated', origin: 'relay', message: 'old token', retryable: false });
  await settle();
  expect(await stateOf(console)).toBe('signed-out');
  expect(console.pushes('signedOut')).toEqual([{ reason: 'session-revoked' }]);
  expect((await console.request('outbox.list')).entries).toMatchObject([{ commandId: id, text: 'chưa gửi' }]);
  expect((await console.request('session.current')).agent).toBeNull();

  relay.http = grant;
  await signInAgain(relay, console);
  expect(relay.link.submitted()).toMatchObject([{ id }]);
});

test.each(['session-revoked', 'session-ended', 'agent-inactive'])(
  'after %s nothing of the cache is answered or kept, also after a restart; signing in again brings it back',
  async (reason) => {
    const { relay, console } = await signedIn();
    const grant = relay.http;
    const id = await send(console, 'k1', 'chưa gửi');
    const draft = { conversationId: 'k2', kind: 'reply' as const, caret: 0, attachments: [] };
    await console.request('draft.save', { ...draft, text: 'nháp' });
    expect(cachedCustomers(relay)).toBe(3);
    const body = { kind: 'unauthenticated', origin: 'relay', message: 'no', retryable: false, reason } as const;
    relay.http = async () => new Response(JSON.stringify(body), { status: 401 });
    relay.link.break(body);
    await settle();
    expect(console.pushes('signedOut')).toEqual([{ reason }]);
    await onlyOwnWork(console, id);
    await console.request('draft.save', { ...draft, text: 'nháp nữa' });
    // Not a way around it.
    await console.request('sync.setOnline', { isOnline: false });
    await onlyOwnWork(console, id);
    expect(cachedCustomers(relay)).toBe(0);

    await console.close();
    const again = keep(await relay.openConsole());
    await onlyOwnWork(again, id);
    await settle();
    await onlyOwnWork(again, id);
    relay.http = grant;
    await signInAgain(relay, again);
    expect(relay.link.hello).toMatchObject({ epoch: null, cursor: 0, held: { count: 0 } });
    expect(relay.link.submitted()).toMatchObject([{ id }, { type: 'draft.write' }]);
    expect(await textsOf(again, 'k1')).toEqual(['alo k1', 'chưa gửi']);
    expect((await again.request('draft.get', { conversationId: 'k2' })).reply?.text).toBe('nháp nữa');
  },
);

/** As it lies on the disk. */
function cachedCustomers(relay: ScriptedRelay): unknown {
  const accounts = path.join(relay.dataDir, 'accounts');
  const file = path.join(accounts, fs.readdirSync(accounts)[0]!, 'cache.db');
  const database = openEncryptedDatabase(file, cacheKeyIn(path.dirname(file)), 'read');
  try {
    return database.prepare('SELECT count(*) FROM customer').pluck().get();
  } finally {
    database.close();
  }
}

async function onlyOwnWork(console: TestConsole, unsentId: string): Promise<void> {
  const refused = { kind: 'unauthenticated', details: { reason: 'not-signed-in' } };
  await expect(console.request('conversation.list', { filter: { view: 'open' } })).rejects.toMatchObject(refused);
  await expect(console.request('message.list', { conversationId: 'k1' })).rejects.toMatchObject(refused);
  await expect(console.request('search.run', { text: 'alo' })).rejects.toMatchObject(refused);
  await expect(console.request('message.send', { conversationId: 'k1', text: 'x' })).rejects.toMatchObject(refused);
  expect((await console.request('outbox.list')).entries).toMatchObject([{ commandId: unsentId, text: 'chưa gửi' }]);
  expect((await console.request('attention.list')).items).toEqual([]);
  expect((await console.request('draft.get', { conversationId: 'k2' })).reply?.text).toMatch(/^nháp/u);
  expect((await console.request('session.current')).agent).toBeNull();
}

/** As the first time: there is nothing to go on from. */
async function signInAgain(relay: ScriptedRelay, console: TestConsole): Promise<void> {
  const signingIn = console.request('session.signIn', {
    relayUrl: RELAY_URL,
    email: 'lan@shop.example',
    password: 'x',
  });
  await settle();
  await relay.reset();
  await relay.advance(100);
  expect((await signingIn).agent?.id).toBe('lan');
}

test('the access token is renewed before it ends', async () => {
  const { relay } = await signedIn();
  expect(relay.refreshes).toBe(0);
  relay.link.break();
  await relay.advance(1000);
  await relay.tail();
  expect(relay.refreshes).toBe(0);
  for (let minute = 0; minute < 11; minute += 1) {
    await relay.advance(30_000);
    relay.link.say('tick', { head: relay.world.seq, serverNow: relay.clock.now() });
    await relay.advance(30_000);
    relay.link.say('tick', { head: relay.world.seq, serverNow: relay.clock.now() });
  }
  relay.link.break();
  await relay.advance(1000);
  expect(relay.refreshes).toBe(1);
});

test('offline on purpose stays so, and online again is at once', async () => {
  const { relay, console } = await signedIn();
  expect((await console.request('sync.setOnline', { isOnline: false })).state).toBe('paused');
  await relay.advance(60_000);
  expect(relay.links).toHaveLength(1);
  const id = await send(console, 'k1');
  await console.request('sync.setOnline', { isOnline: true });
  await settle();
  expect(relay.links).toHaveLength(2);
  await relay.tail();
  expect(relay.link.submitted()).toMatchObject([{ id, isDelayed: true }]);
});

test('older messages are fetched on demand, and their absence is told while there is no relay', async () => {
  const { relay, console } = await signedIn();
  for (let index = 0; index < 4; index += 1) relay.customerWrites('k9', `tin ${index}`);
  const whole = relay.subjects().find(({ subject }) => subject === 'conversation:k9')!;
  const from = relay.world.seq - 4;
  relay.link.frame(from, relay.world.seq, { enter: [{ ...whole, items: whole.items.slice(2), isComplete: false }] });
  await settle();
  const newest = await console.request('message.list', { conversationId: 'k9' });
  expect(newest).toMatchObject({ hasOlder: true, isOlderMissing: false });
  expect(newest.messages.map(({ text }) => text)).toEqual(['tin 2', 'tin 3']);

  const before = newest.messages[0]!.position;
  const asking = console.request('message.list', { conversationId: 'k9', before });
  await settle();
  const [want] = relay.link.all('want');
  expect(want).toMatchObject({ subject: 'conversation:k9', before });
  relay.link.say('wanted', {
    id: want!.id,
    answer: { ok: true, snapshot: { ...whole, items: whole.items.slice(0, 2) } },
  });
  const older = await asking;
  expect(older.messages.map(({ text }) => text)).toEqual(['tin 0', 'tin 1']);
  expect(older).toMatchObject({ hasOlder: false, hasNewer: true });

  relay.customerWrites('k8', 'a');
  relay.customerWrites('k8', 'b');
  const other = relay.subjects().find(({ subject }) => subject === 'conversation:k8')!;
  relay.link.frame(relay.world.seq - 2, relay.world.seq, {
    enter: [{ ...other, items: other.items.slice(1), isComplete: false }],
  });
  await settle();
  relay.link.break();
  await settle();
  const position = other.items[1]!.row.position;
  expect(await console.request('message.list', { conversationId: 'k8', before: position })).toMatchObject({
    messages: [],
    hasOlder: true,
    isOlderMissing: true,
  });
});

test('a customer’s message is announced once, while it is news, to whom it concerns', async () => {
  const { relay, console } = await signedIn();
  const say = async (conversationId: string, text: string, at = relay.clock.now()) => {
    const from = relay.world.seq;
    relay.world.now = at;
    relay.customerWrites(conversationId, text);
    relay.link.frame(from, relay.world.seq, { events: relay.eventsAfter(from) });
    await settle();
  };
  await say('k1', 'mới');
  await say('k2', 'cũ', relay.clock.now() - 600_000);
  expect(console.pushes('arrived')).toMatchObject([
    { conversationId: 'k1', text: 'mới', isMine: false, customerName: 'k1' },
  ]);
});

test('typing, looking and presence pass through, and end by themselves', async () => {
  const { relay, console } = await signedIn();
  console.send({ ephemeral: 'typing', payload: { conversationId: 'k1', isTyping: true, isNote: false } });
  console.send({ ephemeral: 'viewing', payload: { conversationId: 'k1', isViewing: true } });
  const said = () => relay.link.all('ephemeral').map(({ ephemeral }) => ephemeral);
  expect(said()).toMatchObject([
    { kind: 'presence', agentId: 'lan', status: 'available' },
    { kind: 'typing', conversationId: 'k1', by: { kind: 'agent', id: 'lan' }, isTyping: true },
    { kind: 'viewing', conversationId: 'k1', agentId: 'lan', isViewing: true },
  ]);
  const typing = {
    kind: 'typing',
    conversationId: 'k1',
    by: { kind: 'customer', id: 'c-k1' },
    isTyping: true,
    isNote: false,
  } as const;
  relay.link.say('ephemeral', { ephemeral: typing });
  relay.link.say('ephemeral', { ephemeral: { kind: 'presence', agentId: 'minh', status: 'away' } });
  expect(console.ephemerals).toContainEqual(typing);
  expect((await console.request('presence.list', { conversationId: 'k1' })).ephemerals).toEqual([typing]);
  const { agents } = await console.request('agent.list');
  expect(agents.find(({ id }) => id === 'minh')?.presence).toBe('away');
  await relay.advance(6500);
  expect((await console.request('presence.list', { conversationId: 'k1' })).ephemerals).toEqual([]);
});
