import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Conversation } from '../../shared/domain/conversation/conversation.ts';
import { PROTOCOL_VERSION } from '../../shared/relay-protocol/protocol-version.ts';
import { type HubRig, LinkedConsole, differences, openHubRig } from '../../tests/fakes/hub-rig.ts';
import { heldSinceAt } from './session-start.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

let rig: HubRig;
beforeEach(async () => {
  rig = await openHubRig();
  for (const id of ['sales', 'complaints']) {
    const fields = { name: id, reopenDays: 7, keepAssigneeOnReopen: true, escalationQueueId: null };
    await rig.submit('queue.put', { id, fields });
    await rig.submit('channel.put', { id, fields: { kind: 'web-chat', name: id, queueId: id, maxTextLength: 4000 } });
  }
  await putAgent('lan');
  await putAgent('minh');
});
afterEach(() => rig.close());

async function putAgent(id: string, isActive = true): Promise<void> {
  const fields = { name: id, email: `${id}@example.org`, role: 'agent', queueIds: ['sales'], languages: [], isActive };
  await rig.submit('agent.put', { id, fields });
}

async function receive(text: string, conversationId: string | null = null): Promise<string> {
  const result = await rig.submit('message.receive', {
    channelId: 'sales',
    customer: { id: 'an', identity: { channelId: 'sales', externalId: 'an', isVerified: false }, profile: {} },
    conversationId,
    newConversationId: rig.newId(),
    messageId: rig.newId(),
    text,
    writtenAt: rig.clock.now(),
  });
  if (!result.ok) throw new Error(result.error.message);
  return (result.output as { conversationId: string }).conversationId;
}

async function close(conversationId: string): Promise<void> {
  const base = { customerSeqs: { [conversationId]: rig.eventLog.head() } };
  expect(await rig.submit('conversation.close', { conversationIds: [conversationId] }, base)).toMatchObject({
    ok: true,
  });
}

/** Runs until nothing more comes. */
async function settle(...consoles: LinkedConsole[]): Promise<void> {
  for (let round = 0; round < 30; round += 1) {
    await rig.settle();
    for (const one of consoles) one.deliver();
  }
}

async function connect(agentId: string): Promise<LinkedConsole> {
  const one = new LinkedConsole(rig, agentId);
  one.connect();
  await settle(one);
  expect(await differences(rig, one)).toEqual([]);
  return one;
}

test('SYNC-D3 a tick every 20 s brings even a console that nothing concerns to the head', async () => {
  const one = await connect('lan');
  const before = one.replica.cursor;
  // Another queue's conversation; its customer is everybody's, so the console is moved on before the tick.
  await rig.submit('agent.put', {
    id: 'none',
    fields: { name: 'n', email: 'n@example.org', role: 'agent', queueIds: [], languages: [], isActive: true },
  });
  await rig.submit('queue.put', {
    id: 'sales',
    fields: { name: 'Sales', reopenDays: 7, keepAssigneeOnReopen: true, escalationQueueId: null },
  });
  await settle(one);
  expect(one.replica.cursor).toBeGreaterThan(before);
  expect(one.messages('tick')).toEqual([]);
  rig.clock.advance(20_000);
  await settle(one);
  expect(one.messages('tick').at(-1)).toMatchObject({ head: rig.eventLog.head() });
  expect(one.replica.cursor).toBe(rig.eventLog.head());
});

test('SYNC-D3 frames about what a console may not see are not sent, yet the next frame goes on from its cursor', async () => {
  const conversationId = await receive('mine');
  await rig.submit('conversation.move', { conversationIds: [conversationId], queueId: 'complaints' });
  const one = await connect('lan');
  const frames = one.messages('frame').length;
  for (let index = 0; index < 5; index += 1) await receive(`theirs ${index}`, conversationId);
  await settle(one);
  expect(one.messages('frame').length).toBe(frames);
  rig.clock.advance(20_000);
  await settle(one);
  expect(one.messages('frame').slice(frames)).toMatchObject([{ events: [], leave: [], enter: [] }]);
  expect(one.replica.cursor).toBe(rig.eventLog.head());
});

test('SYNC-N3 what is committed within ten milliseconds goes out together', async () => {
  const one = await connect('lan');
  const conversationId = await receive('first');
  await settle(one);
  const frames = one.messages('frame').length;
  await receive('goes at once', conversationId);
  rig.clock.advance(0);
  await new Promise<void>((resolve) => setImmediate(resolve));
  for (let index = 0; index < 5; index += 1) await receive(`together ${index}`, conversationId);
  rig.clock.advance(9);
  one.deliver();
  expect(
    one
      .messages('frame')
      .slice(frames)
      .map(({ events }) => events.length),
  ).toEqual([1]);
  rig.clock.advance(1);
  await settle(one);
  const sent = one.messages('frame').slice(frames);
  // Frames of this rig are small on purpose, but all five came in one go.
  expect(sent.flatMap(({ events }) => events).length).toBe(6);
});

test('SYNC-S5 what a console has on the screen stays when it falls out of the default, until the window moves', async () => {
  const conversationId = await receive('long ago');
  const subject = `conversation:${conversationId}` as const;
  rig.clock.jumpTo(rig.clock.now() + 40 * DAY_MS);
  const one = await connect('lan');
  expect(one.replica.root<Conversation>(subject)?.state).toBe('open');
  await close(conversationId);
  await settle(one);
  expect(one.replica.root<Conversation>(subject)?.state).toBe('closed');
  await rig.submit('conversation.tag', { conversationId, add: ['old'] });
  await settle(one);
  expect(one.replica.root<Conversation>(subject)?.tags).toEqual(['old']);

  // The same after a reconnect within some days, by its ids.
  one.cut();
  rig.clock.jumpTo(rig.clock.now() + 2 * DAY_MS);
  one.connect();
  await settle(one);
  expect(one.messages('welcome').at(-1)).toMatchObject({ needHeld: true, mode: 'tail' });
  expect(one.replica.root(subject)).not.toBeNull();

  one.cut();
  rig.clock.jumpTo(rig.clock.now() + 9 * DAY_MS);
  one.connect();
  await settle(one);
  expect(one.messages('welcome').at(-1)).toMatchObject({ heldSince: heldSinceAt(rig.clock.now()) });
  expect(one.replica.root(subject)).toBeNull();
  one.cut();
  one.connect();
  await settle(one);
  expect(one.messages('welcome').at(-1)).toMatchObject({ needHeld: false, mode: 'tail' });
});

test('SYNC-E1 an agent whose last console is gone is offline after 45 s, and a short cut is no absence', async () => {
  const watcher = await connect('minh');
  const one = await connect('lan');
  await settle(watcher);
  const statuses = () =>
    watcher
      .messages('presences')
      .flatMap((lists) =>
        (['available', 'away', 'offline'] as const).filter((status) => lists[status].includes('lan')),
      );
  expect(statuses()).toEqual(['available']);
  expect(rig.hub.isStaffed('sales')).toBe(true);
  one.cut();
  rig.clock.advance(30_000);
  one.connect();
  await settle(one, watcher);
  one.cut();
  rig.clock.advance(44_000);
  await settle(watcher);
  expect(statuses()).toEqual(['available']);
  rig.clock.advance(1_000);
  await settle(watcher);
  expect(statuses()).toEqual(['available', 'offline']);
  watcher.cut();
  expect(rig.hub.isStaffed('sales')).toBe(false);
});

test('SYNC-N1 a hundred consoles that come at once cost each of them a few messages about who is there, not a hundred', async () => {
  const agents = Array.from({ length: 100 }, (_, index) => `agent-${index}`);
  for (const id of agents) await putAgent(id);
  const old = new LinkedConsole(rig, 'lan');
  old.connect([1, 1]);
  const consoles = agents.map((id) => new LinkedConsole(rig, id));
  for (const one of consoles) one.connect();
  await settle(old, ...consoles);
  rig.clock.advance(1000);
  await settle(old, ...consoles);
  for (const one of consoles) {
    const lists = one.messages('presences');
    expect(lists.length).toBeLessThanOrEqual(3);
    expect(new Set(lists.flatMap(({ available }) => available))).toEqual(new Set([...agents, 'lan']));
    expect(one.messages('ephemeral')).toEqual([]);
  }
  // One that does not know the lists is told one by one.
  const told = old.messages('ephemeral').map(({ ephemeral }) => ephemeral.kind === 'presence' && ephemeral.agentId);
  expect(new Set(told)).toEqual(new Set([...agents, 'lan']));
  expect(old.messages('presences')).toEqual([]);
});

test('a connection that says nothing is ended', async () => {
  const said: string[] = [];
  rig.hub.connect(
    {
      send: () => {},
      sendVolatile: () => {},
      backlogBytes: () => 0,
      end: (_afterMs, error) => said.push(error?.reason ?? ''),
    },
    { agentId: 'lan', sessionId: 'x' },
  );
  rig.clock.advance(14_999);
  expect(said).toEqual([]);
  rig.clock.advance(1);
  expect(said).toEqual(['hello-missing']);
});

test('a planned stop sends everyone away, spread over a while, and none back too early', async () => {
  const consoles = [await connect('lan'), await connect('minh')];
  await rig.hub.close();
  for (const one of consoles) {
    one.deliver();
    expect(one.messages('bye').at(-1)).toMatchObject({ error: null });
    expect(one.messages('bye').at(-1)!.afterMs).toBeGreaterThanOrEqual(500);
    expect(one.messages('bye').at(-1)!.afterMs).toBeLessThanOrEqual(1500);
  }
});

test('SYNC-N2 a console that asks without end is told to wait', async () => {
  const one = await connect('lan');
  for (let index = 0; index < 220; index += 1) {
    one.say('want', { session: one.session, id: rig.newId(), subject: 'conversation:none', before: null, limit: 1 });
  }
  await settle(one);
  const kinds = one.messages('wanted').map(({ answer }) => (answer.ok ? 'ok' : answer.error.kind));
  expect([kinds.length, kinds.filter((kind) => kind === 'rate_limited').length]).toEqual([220, 20]);

  for (let index = 0; index < 25 && one.isConnected; index += 1) {
    one.say('hello', { ...hello, device: one.device, session: rig.newId() });
    one.deliver();
  }
  expect(one.messages('bye').at(-1)).toMatchObject({ error: { kind: 'retry' } });
});

test('SYNC-S5 what happens to a subject while it is fetched reaches the console', async () => {
  const ids = [];
  for (let index = 0; index < 12; index += 1) ids.push(await receive(`line ${index}`));
  for (const id of ids) await close(id);
  rig.clock.jumpTo(rig.clock.now() + 40 * DAY_MS);
  const one = await connect('lan');
  expect(one.replica.root(`conversation:${ids[0]!}`)).toBeNull();
  for (const id of ids) {
    one.say('want', { session: one.session, id: rig.newId(), subject: `conversation:${id}`, before: null, limit: 30 });
    // Committed while the relay reads: half of its reads take a while here.
    await rig.submit('conversation.tag', { conversationId: id, add: ['meanwhile'] });
  }
  await settle(one);
  rig.clock.advance(20_000);
  await settle(one);
  expect(await differences(rig, one)).toEqual([]);
  expect(ids.map((id) => one.replica.root<Conversation>(`conversation:${id}`)?.tags)).toEqual(
    ids.map(() => ['meanwhile']),
  );
});

test('SYNC-S1 commands that come before the held ids are done once those are there', async () => {
  const conversationId = await receive('hello');
  const one = await connect('lan');
  one.cut();
  one.replica.subjects.delete(`conversation:${conversationId}`);
  one.connect();
  const id = rig.newId();
  const args = { conversationId, messageId: rig.newId(), text: 'said early', writtenAt: 1 };
  const command = {
    ...{ id, n: 1, type: 'note.add', v: 1, args, after: null, clientAt: 1 },
    subjects: [`conversation:${conversationId}` as const],
  };
  one.say('submit', { session: one.session, submissions: [{ command, isDelayed: false }], ackedN: 0 });
  await settle(one);
  expect(one.messages('welcome').at(-1)).toMatchObject({ needHeld: true });
  expect(one.messages('results').flatMap(({ results }) => results)).toMatchObject([{ id, ok: true }]);
  expect(await differences(rig, one)).toEqual([]);
});

const hello = {
  protocol: [PROTOCOL_VERSION, PROTOCOL_VERSION] as [number, number],
  schema: '',
  epoch: null,
  cursor: 0,
  held: { count: 0, digest: '0000000000000000', since: 0 },
  ackedN: 0,
};
