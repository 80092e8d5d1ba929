import { expect, test } from 'vitest';
import { useHubDesk } from '../../tests/fakes/hub-desk.ts';
import type { LinkedConsole } from '../../tests/fakes/hub-rig.ts';
import { type Activity, ShownActivity } from './shown-activity.ts';

const desk = useHubDesk();
const { connect, receive, settle } = desk;

const looking = (conversationId: string, isViewing = true): Activity => ({
  ...{ kind: 'viewing', agentId: 'lan' },
  ...{ conversationId, isViewing },
});
const typing = (conversationId: string): Activity => ({
  ...{ kind: 'typing', by: { kind: 'agent', id: 'lan' } },
  ...{ conversationId, isTyping: true, isNote: false },
});

function show(console: LinkedConsole, ephemeral: Activity): void {
  console.say('ephemeral', { session: console.session, ephemeral });
}

test('SYNC-E1 who looks and types is gone with the connection, at once, unless another machine shows it', async () => {
  const conversationId = await receive('who looks?');
  const watcher = await connect('minh');
  const [one, other] = [await connect('lan'), await connect('lan')];
  let count = 0;
  const news = async () => {
    desk.rig.clock.advance(0);
    await settle(watcher, one, other);
    const all = watcher.messages('ephemeral').map(({ ephemeral }) => ephemeral);
    const fresh = all.slice(count);
    count = all.length;
    return fresh;
  };
  await news();
  show(one, looking(conversationId));
  show(one, typing(conversationId));
  show(other, looking(conversationId));
  expect(await news()).toHaveLength(3);
  other.cut();
  expect(await news()).toEqual([]);
  one.cut();
  expect(await news()).toEqual([
    looking(conversationId, false),
    expect.objectContaining({ kind: 'typing', conversationId, isTyping: false }),
  ]);

  // What ended before is not ended again.
  one.connect();
  await news();
  show(one, looking(conversationId));
  show(one, looking(conversationId, false));
  expect(await news()).toHaveLength(2);
  one.cut();
  expect(await news()).toEqual([]);
});

test('SYNC-E1 of an office that is cut off everything is taken back, and while the relay closes nothing is', async () => {
  const conversationId = await receive('who looks?');
  const watcher = await connect('minh');
  const ended = () =>
    watcher.messages('ephemeral').filter(({ ephemeral }) => ephemeral.kind === 'viewing' && !ephemeral.isViewing);
  const office = await Promise.all(Array.from({ length: 25 }, () => connect('lan')));
  const lookAll = async () => {
    for (const one of office) show(one, looking(conversationId));
    await settle(watcher, ...office);
  };
  await lookAll();
  for (const one of office) one.cut();
  desk.rig.clock.advance(0);
  await settle(watcher);
  expect(ended()).toHaveLength(25);
  for (const one of office) one.connect();
  await settle(...office);
  await lookAll();
  await desk.rig.hub.close();
  desk.rig.clock.advance(0);
  await settle(watcher);
  expect(ended()).toHaveLength(25);
});

test('no console makes the relay remember without end', () => {
  const activity = new ShownActivity();
  expect(activity.takeBack()).toEqual([]);
  for (let index = 0; index < 100; index += 1) activity.note(looking(`k${index}`));
  expect([activity.shows(looking('k0')), activity.shows(looking('k99'))]).toEqual([false, true]);
  expect(activity.takeBack()).toHaveLength(64);
  expect(activity.shows(looking('k99'))).toBe(false);
});
