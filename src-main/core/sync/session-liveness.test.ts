import { expect, test } from 'vitest';
import { stateOf, textsOf, useScriptedConsoles } from '../../../tests/fakes/scripted-consoles.ts';
import { settle } from '../../../tests/fakes/scripted-relay.ts';

const { signedIn } = useScriptedConsoles();

test('SYNC-D3 two ticks missed: the session is given up and begun again', async () => {
  const { relay } = await signedIn();
  for (let tick = 0; tick < 3; tick += 1) {
    await relay.advance(20_000);
    relay.link.say('tick', { head: relay.world.seq, serverNow: relay.clock.now() });
  }
  expect(relay.links).toHaveLength(1);
  await relay.advance(52_000);
  expect(relay.links.length).toBeGreaterThan(1);
  expect(relay.links[0]!.isClosed).toBe(true);
});

test('SYNC-D3 a tick ahead of the cursor and no frame for five seconds: a frame was lost', async () => {
  const { relay, console } = await signedIn();
  relay.customerWrites('k2', 'khung bị mất');
  relay.link.say('tick', { head: relay.world.seq, serverNow: relay.clock.now() });
  await relay.advance(4000);
  expect(relay.links).toHaveLength(1);
  await relay.advance(2000);
  expect(relay.links).toHaveLength(2);
  await relay.tail();
  expect(await textsOf(console, 'k2')).toEqual(['alo k2', 'khung bị mất']);
});

test('SYNC-D3 a catch-up of which nothing comes although the relay is there is given up and begun again', async () => {
  const { relay, console } = await signedIn();
  relay.link.break();
  await relay.advance(1000);
  relay.link.open();
  await settle();
  relay.customerWrites('k1', 'một');
  relay.customerWrites('k1', 'hai');
  const { cursor } = relay.link.hello;
  relay.link.welcome({ head: relay.world.seq, serverNow: relay.clock.now() });
  const tick = () => relay.link.say('tick', { head: relay.world.seq, serverNow: relay.clock.now() });
  const sessions = relay.links.length;
  for (let half = 0; half < 2; half += 1) {
    await relay.advance(40_000);
    tick();
    expect(relay.links).toHaveLength(sessions);
    // A little is enough for going on, however slowly.
    if (half === 0) {
      const [event] = relay.eventsAfter(cursor);
      relay.link.frame(cursor, cursor + 1, { events: [event!], isCatchUp: true });
    }
  }
  await relay.advance(30_000);
  expect(relay.links).toHaveLength(sessions + 1);
  await relay.tail();
  expect(relay.link.hello).toMatchObject({ cursor: cursor + 1 });
  expect(await stateOf(console)).toBe('online');
});

test('SYNC-N1 tries become rarer and are never in step', async () => {
  const { relay } = await signedIn();
  const times: number[] = [];
  relay.link.break();
  for (let elapsed = 0; elapsed < 240_000; elapsed += 500) {
    const before = relay.links.length;
    await relay.advance(500);
    if (relay.links.length > before) {
      times.push(elapsed);
      relay.link.break();
    }
  }
  const waits = times.slice(1).map((time, index) => time - times[index]!);
  expect(Math.max(...waits)).toBeLessThanOrEqual(30_500);
  expect(new Set(waits).size).toBeGreaterThan(3);
  expect(times.length).toBeLessThan(45);
});

test('SYNC-N2 a live frame that asks for a credit gets it once it is applied, and the others do not', async () => {
  const { relay } = await signedIn();
  const credits = () => relay.link.all('credit').map(({ cursor }) => cursor);
  const before = credits().length;
  for (const text of ['một', 'hai', 'ba']) {
    const from = relay.world.seq;
    relay.customerWrites('k1', text);
    const events = relay.eventsAfter(from);
    relay.link.frame(from, relay.world.seq, { events, ...(text === 'hai' ? { wantsCredit: true as const } : {}) });
  }
  await settle();
  expect(credits().slice(before)).toEqual([relay.world.seq - 1]);
});

test('SYNC-N1 a console that got on comes back soon, however often it is cut before it is at the head', async () => {
  const { relay } = await signedIn();
  const waits: number[] = [];
  for (let cut = 0; cut < 20; cut += 1) {
    relay.customerWrites('k1', `một ${cut}`);
    relay.customerWrites('k1', `hai ${cut}`);
    const sessions = relay.links.length;
    relay.link.break();
    let waitedMs = 0;
    for (; relay.links.length === sessions; waitedMs += 100) await relay.advance(100);
    waits.push(waitedMs);
    relay.link.open();
    await settle();
    const { cursor } = relay.link.hello;
    relay.link.welcome({ head: relay.world.seq, serverNow: relay.clock.now() });
    relay.link.frame(cursor, cursor + 1, { events: relay.eventsAfter(cursor).slice(0, 1), isCatchUp: true });
    await settle();
  }
  expect(Math.max(...waits)).toBeLessThanOrEqual(600);
});

test('SYNC-P1 a relay that this version does not fit: said, nothing lost, tried again now and then', async () => {
  const { relay, console } = await signedIn();
  for (const reason of ['console-too-old', 'relay-too-old']) {
    const error = { kind: 'incompatible', origin: 'relay', message: 'update', retryable: false, reason } as const;
    relay.link.say('bye', { afterMs: 0, error });
    await settle();
    const { commandId } = await console.request('message.send', { conversationId: 'k1', text: `khi ${reason}` });
    expect(await console.request('sync.status')).toMatchObject({
      state: 'offline',
      error: { kind: 'incompatible', reason },
    });
    expect((await console.request('conversation.list', { filter: { view: 'open' } })).total).toBe(3);
    const sessions = relay.links.length;
    await relay.advance(9 * 60_000);
    expect(relay.links).toHaveLength(sessions);
    await relay.advance(2 * 60_000);
    expect(relay.links.length).toBeGreaterThan(sessions);
    await relay.tail();
    expect(relay.link.submitted().map(({ id }) => id)).toContain(commandId);
    await relay.commit(commandId);
    expect(await console.request('sync.status')).toMatchObject({ state: 'online', error: null, pendingCount: 0 });
  }
});

test('SYNC-P1 a change that is not understood marks its subject; an essential one also asks for an update, once', async () => {
  const { relay, console } = await signedIn();
  const say = async (isEssential: boolean): Promise<void> => {
    const from = relay.world.seq;
    relay.customerWrites('k1', 'kiểu mới');
    const [event] = relay.eventsAfter(from);
    const changes = event!.changes.map((change) =>
      change.subject === 'conversation:k1'
        ? { ...change, type: 'conversation-teleported', ...(isEssential ? { isEssential: true as const } : {}) }
        : change,
    );
    relay.link.frame(from, relay.world.seq, { events: [{ ...event!, changes }] });
    await settle();
  };
  const noticeOf = async () => (await console.request('sync.status')).notice;
  await say(false);
  expect(await console.request('sync.status')).toMatchObject({
    state: 'online',
    cursor: relay.world.seq,
    notice: null,
  });
  await say(true);
  const notice = await noticeOf();
  expect(notice).toMatchObject({ reason: 'update-needed' });
  await say(true);
  expect(await noticeOf()).toEqual(notice);
});
