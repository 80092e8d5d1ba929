import { expect, test } from 'vitest';
import type { Conversation } from '../../shared/domain/conversation/conversation.ts';
import { EMPTY_HELLO, useHubDesk } from '../../tests/fakes/hub-desk.ts';
import { LinkedConsole, differences } from '../../tests/fakes/hub-rig.ts';
import { heldSinceAt } from './session-start.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

const desk = useHubDesk();
const { connect, putAgent, receive, settle } = desk;

async function close(conversationId: string): Promise<void> {
  const base = { customerSeqs: { [conversationId]: desk.rig.eventLog.head() } };
  expect(await desk.rig.submit('conversation.close', { conversationIds: [conversationId] }, base)).toMatchObject({
    ok: true,
  });
}

test('SYNC-D3 a tick every 20 s brings even a console that nothing concerns to the head', async () => {
  const one = await connect('lan');
  const before = one.replica.cursor;
  // Another queue's conversation; its customer is everybody's, so the console is moved on before the tick.
  await desk.rig.submit('agent.put', {
    id: 'none',
    fields: { name: 'n', email: 'n@example.org', role: 'agent', queueIds: [], languages: [], isActive: true },
  });
  await desk.rig.submit('queue.put', {
    id: 'sales',
    fields: { name: 'Sales', reopenDays: 7, keepAssigneeOnReopen: true, escalationQueueId: null },
  });
  await settle(one);
  expect(one.replica.cursor).toBeGreaterThan(before);
  expect(one.messages('tick')).toEqual([]);
  desk.rig.clock.advance(20_000);
  await settle(one);
  expect(one.messages('tick').at(-1)).toMatchObject({ head: desk.rig.eventLog.head() });
  expect(one.replica.cursor).toBe(desk.rig.eventLog.head());
});

test('SYNC-D3 frames about what a console may not see are not sent, yet the next frame goes on from its cursor', async () => {
  const conversationId = await receive('mine');
  await desk.rig.submit('conversation.move', { conversationIds: [conversationId], queueId: 'complaints' });
  const one = await connect('lan');
  const frames = one.messages('frame').length;
  for (let index = 0; index < 5; index += 1) await receive(`theirs ${index}`, conversationId);
  await settle(one);
  expect(one.messages('frame').length).toBe(frames);
  desk.rig.clock.advance(20_000);
  await settle(one);
  expect(one.messages('frame').slice(frames)).toMatchObject([{ events: [], leave: [], enter: [] }]);
  expect(one.replica.cursor).toBe(desk.rig.eventLog.head());
});

test('SYNC-N3 what is committed within ten milliseconds goes out together', async () => {
  const one = await connect('lan');
  const conversationId = await receive('first');
  await settle(one);
  const frames = one.messages('frame').length;
  await receive('goes at once', conversationId);
  desk.rig.clock.advance(0);
  await new Promise<void>((resolve) => setImmediate(resolve));
  for (let index = 0; index < 5; index += 1) await receive(`together ${index}`, conversationId);
  desk.rig.clock.advance(9);
  one.deliver();
  expect(
    one
      .messages('frame')
      .slice(frames)
      .map(({ events }) => events.length),
  ).toEqual([1]);
  desk.rig.clock.advance(1);
  await settle(one);
  const sent = one.messages('frame').slice(frames);
  // Frames of this desk.rig are small on purpose, but all five came in one go.
  expect(sent.flatMap(({ events }) => events).length).toBe(6);
});

test('SYNC-N3 what was submitted in the turn in which consoles are sent something is committed before', async () => {
  const one = await connect('lan');
  const conversationId = await receive('first');
  await settle(one);
  const frames = one.messages('frame').length;
  await receive('is to be sent', conversationId);
  const head = desk.rig.eventLog.head();
  const submitted = receive('waits for the end of the turn', conversationId);
  expect(desk.rig.eventLog.head()).toBe(head);
  desk.rig.clock.advance(10);
  expect(desk.rig.eventLog.head()).toBe(head + 1);
  await submitted;
  await settle(one);
  const sent = one.messages('frame').slice(frames);
  expect(sent.flatMap(({ events }) => events).map(({ seq }) => seq)).toEqual([head, head + 1]);
});

test('SYNC-S5 what a console has on the screen stays when it falls out of the default, until the window moves', async () => {
  const conversationId = await receive('long ago');
  const subject = `conversation:${conversationId}` as const;
  desk.rig.clock.jumpTo(desk.rig.clock.now() + 40 * DAY_MS);
  const one = await connect('lan');
  expect(one.replica.root<Conversation>(subject)?.state).toBe('open');
  await close(conversationId);
  await settle(one);
  expect(one.replica.root<Conversation>(subject)?.state).toBe('closed');
  await desk.rig.submit('conversation.tag', { conversationId, add: ['old'] });
  await settle(one);
  expect(one.replica.root<Conversation>(subject)?.tags).toEqual(['old']);

  // The same after a reconnect within some days, by its ids.
  one.cut();
  desk.rig.clock.jumpTo(desk.rig.clock.now() + 2 * DAY_MS);
  one.connect();
  await settle(one);
  expect(one.messages('welcome').at(-1)).toMatchObject({ needHeld: true, mode: 'tail' });
  expect(one.replica.root(subject)).not.toBeNull();

  one.cut();
  desk.rig.clock.jumpTo(desk.rig.clock.now() + 9 * DAY_MS);
  one.connect();
  await settle(one);
  expect(one.messages('welcome').at(-1)).toMatchObject({ heldSince: heldSinceAt(desk.rig.clock.now()) });
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
  expect(desk.rig.hub.isStaffed('sales')).toBe(true);
  one.cut();
  desk.rig.clock.advance(30_000);
  one.connect();
  await settle(one, watcher);
  one.cut();
  desk.rig.clock.advance(44_000);
  await settle(watcher);
  expect(statuses()).toEqual(['available']);
  desk.rig.clock.advance(1_000);
  await settle(watcher);
  expect(statuses()).toEqual(['available', 'offline']);
  watcher.cut();
  expect(desk.rig.hub.isStaffed('sales')).toBe(false);
});

test('SYNC-N1 a hundred consoles that come at once cost each of them a few messages about who is there, not a hundred', async () => {
  const agents = Array.from({ length: 100 }, (_, index) => `agent-${index}`);
  for (const id of agents) await putAgent(id);
  const old = new LinkedConsole(desk.rig, 'lan');
  old.connect([1, 1]);
  const consoles = agents.map((id) => new LinkedConsole(desk.rig, id));
  for (const one of consoles) one.connect();
  await settle(old, ...consoles);
  desk.rig.clock.advance(1000);
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
  desk.rig.hub.connect(
    {
      send: () => {},
      sendVolatile: () => {},
      backlogBytes: () => 0,
      end: (_afterMs, error) => said.push(error?.reason ?? ''),
    },
    { agentId: 'lan', sessionId: 'x' },
  );
  desk.rig.clock.advance(14_999);
  expect(said).toEqual([]);
  desk.rig.clock.advance(1);
  expect(said).toEqual(['hello-missing']);
});

test('a planned stop sends everyone away, spread over a while, and none back too early', async () => {
  const consoles = [await connect('lan'), await connect('minh')];
  await desk.rig.hub.close();
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
    one.say('want', {
      session: one.session,
      id: desk.rig.newId(),
      subject: 'conversation:none',
      before: null,
      limit: 1,
    });
  }
  await settle(one);
  const kinds = one.messages('wanted').map(({ answer }) => (answer.ok ? 'ok' : answer.error.kind));
  expect([kinds.length, kinds.filter((kind) => kind === 'rate_limited').length]).toEqual([220, 20]);

  for (let index = 0; index < 25 && one.isConnected; index += 1) {
    one.say('hello', { ...EMPTY_HELLO, device: one.device, session: desk.rig.newId() });
    one.deliver();
  }
  expect(one.messages('bye').at(-1)).toMatchObject({ error: { kind: 'retry' } });
});

test('SYNC-S5 what happens to a subject while it is fetched reaches the console', async () => {
  const ids = [];
  for (let index = 0; index < 12; index += 1) ids.push(await receive(`line ${index}`));
  for (const id of ids) await close(id);
  desk.rig.clock.jumpTo(desk.rig.clock.now() + 40 * DAY_MS);
  const one = await connect('lan');
  expect(one.replica.root(`conversation:${ids[0]!}`)).toBeNull();
  for (const id of ids) {
    one.say('want', {
      session: one.session,
      id: desk.rig.newId(),
      subject: `conversation:${id}`,
      before: null,
      limit: 30,
    });
    // Committed while the relay reads: half of its reads take a while here.
    await desk.rig.submit('conversation.tag', { conversationId: id, add: ['meanwhile'] });
  }
  await settle(one);
  desk.rig.clock.advance(20_000);
  await settle(one);
  expect(await differences(desk.rig, one)).toEqual([]);
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
  const id = desk.rig.newId();
  const args = { conversationId, messageId: desk.rig.newId(), text: 'said early', writtenAt: 1 };
  const command = {
    ...{ id, n: 1, type: 'note.add', v: 1, args, after: null, clientAt: 1 },
    subjects: [`conversation:${conversationId}` as const],
  };
  one.say('submit', { session: one.session, submissions: [{ command, isDelayed: false }], ackedN: 0 });
  await settle(one);
  expect(one.messages('welcome').at(-1)).toMatchObject({ needHeld: true });
  expect(one.messages('results').flatMap(({ results }) => results)).toMatchObject([{ id, ok: true }]);
  expect(await differences(desk.rig, one)).toEqual([]);
});
