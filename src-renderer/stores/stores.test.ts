import { expect, test, vi } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import { FakeCore } from '../../tests/fakes/fake-core.ts';
import { makeFakeWorkspace } from '../../tests/fakes/fake-workspace.ts';
import { ManualClock } from '../../tests/fakes/manual-clock.ts';
import { useRigs } from '../../tests/fakes/use-rigs.tsx';

const { start, settle } = useRigs();

const asked = (fake: FakeCore, name: string) => fake.requests.filter((request) => request.name === name);

test('an answer is read again once per frame when one of its subjects changed, and only then', async () => {
  const { fake, console } = await start(new ManualClock());
  const seen = vi.fn();
  const stop = console.queries.observe(
    'conversation.get',
    { conversationId: 'conversation-0' },
    ['conversation:conversation-0'],
    seen,
  );
  await settle();
  expect(asked(fake, 'conversation.get')).toHaveLength(1);
  fake.push('changed', { subjects: ['conversation:conversation-1'] });
  await settle();
  expect(asked(fake, 'conversation.get')).toHaveLength(1);
  fake.change('conversation-0', { tags: ['moi'] });
  fake.change('conversation-0', { tags: ['moi', 'vip'] });
  await settle();
  expect(asked(fake, 'conversation.get')).toHaveLength(2);
  const { data } = console.queries.state('conversation.get', { conversationId: 'conversation-0' });
  expect(data?.tags).toEqual(['moi', 'vip']);

  // The same answer again keeps its identity and tells nobody.
  const calls = seen.mock.calls.length;
  fake.push('changed', { subjects: ['conversation:conversation-0'] });
  await settle();
  expect(console.queries.state('conversation.get', { conversationId: 'conversation-0' }).data).toBe(data);
  expect(seen).toHaveBeenCalledTimes(calls);
  stop();
});

test('when the core exchanged its whole cache, everything on the screen is read again', async () => {
  const { fake, console } = await start(new ManualClock());
  console.queries.observe(
    'conversation.get',
    { conversationId: 'conversation-0' },
    ['conversation:conversation-0'],
    () => {},
  );
  console.lists.list({ view: 'open' }, 'newest').observe();
  await settle();
  fake.push('changed', { subjects: ['*'] });
  await settle();
  expect(asked(fake, 'conversation.get')).toHaveLength(2);
  expect(asked(fake, 'conversation.list')).toHaveLength(2);
});

test('what nobody shows is read again only when it is shown', async () => {
  const { fake, console } = await start(new ManualClock());
  console.queries.observe('queue.list', {}, ['queue:*'], () => {})();
  await settle();
  fake.push('changed', { subjects: ['queue:sales'] });
  await settle();
  expect(asked(fake, 'queue.list')).toHaveLength(1);
  console.queries.observe('queue.list', {}, ['queue:*'], () => {});
  await settle();
  expect(asked(fake, 'queue.list')).toHaveLength(2);
});

test('a change that arrives while an answer is on its way is not missed', async () => {
  const { fake, console } = await start(new ManualClock());
  console.queries.observe(
    'conversation.get',
    { conversationId: 'conversation-0' },
    ['conversation:conversation-0'],
    () => {},
  );
  fake.change('conversation-0', { tags: ['sau'] });
  await settle();
  expect(console.queries.state('conversation.get', { conversationId: 'conversation-0' }).data?.tags).toEqual(['sau']);
});

test('a list reads windows of 100 as far as it is looked at, and a row keeps its identity', async () => {
  const clock = new ManualClock();
  const { fake, console } = await start(clock, { workspace: makeFakeWorkspace(clock.now(), 900) });
  const list = console.lists.list({ view: 'open' }, 'newest');
  list.observe();
  await settle();
  expect(asked(fake, 'conversation.list').map(({ input }) => (input as { offset: number }).offset)).toEqual([0]);
  list.setVisible(250, 262);
  await settle();
  expect(asked(fake, 'conversation.list').map(({ input }) => (input as { offset: number }).offset)).toEqual([0, 200]);
  expect(list.idAt(150)).toBeNull();
  const id = list.idAt(255)!;
  expect(list.indexOf(id)).toBe(255);

  const before = console.lists.summaries.getState()[id];
  const other = list.idAt(256)!;
  fake.change(other, { tags: ['khac'] });
  clock.advance(200);
  await settle();
  expect(console.lists.summaries.getState()[other]?.tags).toEqual(['khac']);
  expect(console.lists.summaries.getState()[id]).toBe(before);
  // Only the window that is looked at was read again.
  expect(asked(fake, 'conversation.list').map(({ input }) => (input as { offset: number }).offset)).toEqual([
    0, 200, 200,
  ]);
});

test('a catch-up that changes everything for seconds makes the list read at most once per 150 ms', async () => {
  const clock = new ManualClock();
  const { fake, console } = await start(clock);
  console.lists.list({ view: 'open' }, 'newest').observe();
  await settle();
  for (let count = 0; count < 50; count += 1) fake.change('conversation-0', { tags: [`${count}`] });
  await settle();
  // The first change is seen at once, all the others together.
  expect(asked(fake, 'conversation.list')).toHaveLength(2);
  clock.advance(150);
  await settle();
  expect(asked(fake, 'conversation.list')).toHaveLength(3);
  clock.advance(1000);
  await settle();
  expect(asked(fake, 'conversation.list')).toHaveLength(3);
});

test('tabs are there again after a restart, in order, with the active one and where they were scrolled to', async () => {
  const clock = new ManualClock();
  const first = await start(clock);
  const { tabs } = first.console;
  for (const id of ['conversation-0', 'conversation-1', 'conversation-2']) tabs.getState().open(id);
  tabs.getState().move('conversation-2', 0);
  tabs.getState().activate('conversation-0');
  tabs.getState().setScroll('conversation-1', { messageId: 'm', offset: -12, position: 4000 });
  expect(first.fake.settings.has('ui.tabs')).toBe(false);
  clock.advance(250);
  await settle();
  first.stop();

  const { console } = await start(clock, { fake: first.fake });
  const restored = console.tabs.getState();
  expect(restored.activeId).toBe('conversation-0');
  expect(restored.tabs.map((tab) => tab.conversationId)).toEqual([
    'conversation-2',
    'conversation-0',
    'conversation-1',
  ]);
  expect(restored.tabs[2]?.scroll).toMatchObject({ messageId: 'm', offset: -12 });
});

test('a window that is being closed saves its tabs at once', async () => {
  const { fake, console } = await start(new ManualClock());
  console.tabs.getState().open('conversation-3');
  console.flush();
  await settle();
  expect(fake.settings.get('ui.tabs')).toMatchObject({ activeId: 'conversation-3' });
});

test('saved tabs that do not make sense are left alone instead of stopping the console', async () => {
  const { console } = await start(new ManualClock(), { settings: { 'ui.tabs': { tabs: 'nonsense' } } });
  expect(console.tabs.getState()).toMatchObject({ isLoaded: true, tabs: [], activeId: null });
});

test('closing the active tab goes to its neighbour, and the closed one can be had back', async () => {
  const { console } = await start(new ManualClock());
  const { tabs } = console;
  for (const id of ['conversation-0', 'conversation-1', 'conversation-2']) tabs.getState().open(id);
  tabs.getState().activate('conversation-1');
  tabs.getState().close('conversation-1');
  expect(tabs.getState().activeId).toBe('conversation-2');
  tabs.getState().reopen();
  expect(tabs.getState().activeId).toBe('conversation-1');
  tabs.getState().step(1);
  tabs.getState().step(1);
  expect(tabs.getState().tabs.map((tab) => tab.conversationId)).toContain(tabs.getState().activeId);
});

test('settings are kept by the core 300 ms after the last change, and come back over the early copy', async () => {
  const clock = new ManualClock();
  const { fake, console, earlyCopy } = await start(clock, {
    settings: { 'ui.theme': 'dark', 'ui.sendWith': 'nonsense' },
  });
  const { settings } = console;
  expect(settings.getState()).toMatchObject({ theme: 'dark', sendWith: 'enter' });
  settings.getState().set('theme', 'light');
  settings.getState().set('theme', 'system');
  expect(earlyCopy.get('liendesk.settings')).toContain('"theme":"system"');
  clock.advance(300);
  await settle();
  expect(asked(fake, 'setting.set').filter(({ input }) => (input as { key: string }).key === 'ui.theme')).toHaveLength(
    1,
  );
  expect(fake.settings.get('ui.theme')).toBe('system');
  // A window that closes right after a choice has it the next time.
  settings.getState().set('theme', 'light');
  console.flush();
  await settle();
  expect(fake.settings.get('ui.theme')).toBe('light');
  clock.advance(300);
  await settle();
  expect(asked(fake, 'setting.set').filter(({ input }) => (input as { key: string }).key === 'ui.theme')).toHaveLength(
    2,
  );
});

test('the list of the last time is shown again; the first time what waits for somebody, if nothing is mine yet', async () => {
  const clock = new ManualClock();
  const first = await start(clock);
  expect(first.console.navigation.getState().view).toBe('mine');
  first.console.navigation.getState().showList('open', 'care');
  first.console.navigation.getState().showList('attention');
  clock.advance(300);
  await settle();
  const second = await start(clock, { fake: first.fake });
  expect(second.console.navigation.getState()).toMatchObject({ view: 'open', queueId: 'care' });

  const workspace = makeFakeWorkspace(clock.now());
  for (const conversation of workspace.conversations) conversation.assignee = null;
  const newcomer = await start(clock, { workspace });
  expect(newcomer.console.navigation.getState().view).toBe('unassigned');
});

test('a core that cannot read its settings lets the agent work all the same', async () => {
  const fake = new FakeCore({ now: () => 0 });
  fake.overrides['setting.get'] = () => {
    throw new AppError('storage', 'disk');
  };
  const { console } = await start(new ManualClock(), { fake });
  expect(console.session.getState().phase).toBe('signed-in');
  expect(console.tabs.getState().isLoaded).toBe(true);
});

test('typing ends by itself after 6 s, availability holds until the next word of it', async () => {
  const clock = new ManualClock();
  const { fake, console } = await start(clock);
  const typing = {
    kind: 'typing',
    conversationId: 'c',
    by: { kind: 'customer', id: 'x' },
    isTyping: true,
    isNote: false,
  };
  fake.sendEphemeral(typing);
  fake.sendEphemeral({ kind: 'presence', agentId: 'tuan', status: 'away' });
  clock.advance(4000);
  fake.sendEphemeral(typing);
  clock.advance(4000);
  expect(Object.values(console.presence.getState().typing)).toHaveLength(1);
  clock.advance(2000);
  expect(Object.values(console.presence.getState().typing)).toHaveLength(0);
  clock.advance(600_000);
  expect(console.presence.getState().availability).toEqual({ tuan: 'away' });
});

test('without a connection nothing is claimed about who types', async () => {
  const { fake, console } = await start(new ManualClock());
  fake.sendEphemeral({
    kind: 'typing',
    conversationId: 'c',
    by: { kind: 'customer', id: 'x' },
    isTyping: true,
    isNote: false,
  });
  fake.setStatus({ state: 'offline' });
  expect(console.presence.getState()).toEqual({ typing: {}, viewing: {}, availability: {} });
});

test('another agent at the same computer finds nothing of the one before', async () => {
  const clock = new ManualClock();
  const { fake, console } = await start(clock);
  console.lists.list({ view: 'mine' }, 'newest').observe();
  console.tabs.getState().open('conversation-0');
  console.selection.getState().toggle('conversation-0');
  clock.advance(250);
  await settle();
  fake.isSignedIn = false;
  fake.setStatus({ state: 'signed-out' });
  await settle();
  expect(console.session.getState().phase).toBe('signed-out');
  expect(console.tabs.getState().tabs).toEqual([]);
  expect(console.selection.getState().ids.size).toBe(0);
  expect(console.lists.summaries.getState()).toEqual({});
});

test('the core tells that the session ended: the agent is asked to sign in and told why', async () => {
  const { fake, console } = await start(new ManualClock());
  fake.isSignedIn = false;
  fake.push('signedOut', { reason: 'session-revoked' });
  await settle();
  expect(console.session.getState()).toMatchObject({ phase: 'signed-out', endedReason: 'session-revoked' });
});
