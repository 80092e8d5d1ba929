import { afterEach, expect, test } from 'vitest';
import { FakeCore } from '../../tests/fakes/fake-core.ts';
import { makeLongConversation } from '../../tests/fakes/fake-messages.ts';
import { ManualClock } from '../../tests/fakes/manual-clock.ts';
import { waitFor } from '../../tests/fakes/wait-for.ts';
import { CoreClient } from '../core-client/core-client.ts';
import { AppError } from '../../shared/errors.ts';
import { createMessagesStore } from './messages.ts';

const ID = 'conversation-0';
const stops: (() => void)[] = [];
afterEach(() => stops.splice(0).forEach((stop) => stop()));

async function openStore(count: number) {
  const clock = new ManualClock();
  const fake = new FakeCore({ now: () => clock.now() });
  fake.workspace.messages.set(ID, makeLongConversation(fake.workspace, ID, clock.now(), count));
  const core = new CoreClient(async () => fake.openPort(), clock);
  const store = createMessagesStore(core);
  stops.push(store.start(), () => core.stop());
  core.start();
  await waitFor(() => expect(core.link).toBe('up'));
  const numbers = () => store.getState().windows[ID]!.messages.map((one) => Number(one.id.split('-m')[1]));
  return { clock, fake, store, numbers };
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('a conversation of 10,000 opens with its newest page only, and older ones come page by page', async () => {
  const { fake, store, numbers } = await openStore(10_000);
  await store.getState().open(ID);
  expect(numbers()).toEqual(range(9950, 9999));
  expect(fake.requests.filter(({ name }) => name === 'message.list')).toHaveLength(1);
  await Promise.all([store.getState().loadOlder(ID), store.getState().loadOlder(ID)]);
  expect(numbers()).toEqual(range(9900, 9999));
});

test('it opens around the place that a tab remembers, however far back', async () => {
  const { store, numbers } = await openStore(3000);
  await store.getState().open(ID, { messageId: `${ID}-m100`, position: 101_000 });
  expect(numbers()).toEqual(range(51, 150));
  expect(store.getState().windows[ID]).toMatchObject({ hasOlder: true, hasNewer: true });
  await store.getState().loadNewer(ID);
  expect(numbers()).toEqual(range(51, 200));
});

test('changes and a link that comes back while it opens neither begin it anew nor lose its place', async () => {
  const { clock, fake, store, numbers } = await openStore(3000);
  const place = { messageId: `${ID}-m100`, position: 101_000 };
  const opened = store.getState().open(ID, place);
  fake.push('changed', { subjects: ['*'] });
  fake.push('changed', { subjects: [`conversation:${ID}`] });
  await opened;
  await waitFor(() => expect(store.getState().windows[ID]?.isLoaded).toBe(true));
  expect(numbers()).toEqual(range(51, 150));

  // The pipe breaks in the middle of an opening: it is opened there when the pipe is back.
  const other = 'conversation-1';
  fake.workspace.messages.set(other, makeLongConversation(fake.workspace, other, 0, 3000));
  void store.getState().open(other, { messageId: `${other}-m100`, position: 101_000 });
  fake.die();
  await waitFor(() => expect(store.getState().windows[other]?.error).toBeTruthy());
  clock.advance(5000);
  await waitFor(() => expect(store.getState().windows[other]?.isLoaded).toBe(true));
  expect(store.getState().windows[other]!.messages.map((one) => one.id)).toContain(`${other}-m100`);
  expect(store.getState().windows[other]).toMatchObject({ hasNewer: true, error: null });
});

test('a jump beats the opening of the same conversation, and counts what arrives meanwhile', async () => {
  const { fake, store, numbers } = await openStore(3000);
  const jump = store.getState().jumpTo(ID, { messageId: `${ID}-m700`, position: 701_000 });
  await Promise.all([jump, store.getState().open(ID)]);
  expect(numbers()).toContain(700);
  expect(store.getState().windows[ID]!.target).toEqual({ messageId: `${ID}-m700`, position: 701_000 });
  fake.receive(ID, 'one');
  fake.receive(ID, 'two');
  await waitFor(() => expect(store.getState().windows[ID]!.newerCount).toBe(2));
  expect(numbers()).toContain(700);
  await store.getState().jumpToNewest(ID);
  expect(store.getState().windows[ID]).toMatchObject({ hasNewer: false, newerCount: 0, endRequests: 1 });
  expect(store.getState().windows[ID]!.messages.at(-1)!.text).toBe('two');
});

test('a change is laid over the window: states move on, pending ones become confirmed, nothing is doubled', async () => {
  const { fake, store } = await openStore(60);
  await store.getState().open(ID);
  await store.getState().loadOlder(ID);
  const all = fake.workspace.messages.get(ID)!;
  const pending = {
    ...all.at(-1)!,
    id: 'mine',
    position: 9e15,
    isPending: true,
    text: 'mine',
    state: 'waiting' as const,
  };
  all.push(pending);
  fake.push('changed', { subjects: [`conversation:${ID}`] });
  await waitFor(() => expect(store.getState().windows[ID]!.messages.at(-1)!.id).toBe('mine'));
  all[all.length - 1] = { ...pending, position: 61_000, isPending: false, state: 'sent' };
  fake.receive(ID, 'answer');
  await waitFor(() => expect(store.getState().windows[ID]!.messages.at(-1)!.text).toBe('answer'));
  const { messages } = store.getState().windows[ID]!;
  expect(messages).toHaveLength(62);
  expect(messages.filter((one) => one.id === 'mine')).toMatchObject([{ isPending: false, state: 'sent' }]);
  expect(messages.map((one) => one.position)).toEqual(messages.map((one) => one.position).toSorted((a, b) => a - b));
});

test('a page further up is read again when it is shown after a change', async () => {
  const { fake, store } = await openStore(200);
  await store.getState().open(ID);
  await store.getState().loadOlder(ID);
  await store.getState().loadOlder(ID);
  const all = fake.workspace.messages.get(ID)!;
  all[70] = { ...all[70]!, text: 'changed' };
  fake.receive(ID, 'new');
  await waitFor(() => expect(store.getState().windows[ID]!.messages.at(-1)!.text).toBe('new'));
  const shown = () => store.getState().windows[ID]!.messages.filter((one) => Number(one.id.split('-m')[1]) < 90);
  const textOf70 = () => shown().find((one) => one.id === `${ID}-m70`)!.text;
  expect(textOf70()).not.toBe('changed');
  await store.getState().showed(ID, shown()[0]!, shown().at(-1)!);
  expect(textOf70()).toBe('changed');
});

test('more than a page arrived while the window slept: what is read stays, and its newer side is open', async () => {
  const { fake, store } = await openStore(100);
  await store.getState().open(ID);
  const before = store.getState().windows[ID]!.messages;
  const all = fake.workspace.messages.get(ID)!;
  for (let index = 0; index < 120; index += 1) {
    all.push({ ...before.at(-1)!, id: `late-${index}`, position: 200_000 + index * 1000 });
  }
  fake.push('changed', { subjects: ['*'] });
  await waitFor(() => expect(store.getState().windows[ID]!.hasNewer).toBe(true));
  expect(store.getState().windows[ID]!.messages).toEqual(before);
  await store.getState().loadNewer(ID);
  expect(store.getState().windows[ID]!.messages).toHaveLength(100);
});

test('older messages that cannot be reached are said to be missing, and tried again once online', async () => {
  const { fake, store } = await openStore(100);
  await store.getState().open(ID);
  fake.overrides['message.list'] = () => {
    throw new AppError('offline', 'No connection.');
  };
  await store.getState().loadOlder(ID);
  expect(store.getState().windows[ID]).toMatchObject({ isOlderMissing: true, isLoadingOlder: false });
  delete fake.overrides['message.list'];
  fake.setStatus({ state: 'online' });
  await waitFor(() => expect(store.getState().windows[ID]).toMatchObject({ isOlderMissing: false, hasOlder: true }));
  await store.getState().loadOlder(ID);
  expect(store.getState().windows[ID]!.messages).toHaveLength(100);
});

test('conversations that were left long ago are forgotten, the last ones are not', async () => {
  const { fake, store } = await openStore(10);
  for (const { id } of fake.workspace.conversations.slice(0, 45)) await store.getState().open(id);
  const kept = Object.keys(store.getState().windows);
  expect(kept).toHaveLength(40);
  expect(kept).toContain('conversation-44');
  expect(kept).not.toContain('conversation-0');
});

test('what did not change stays the object it was, and what is current is not read again', async () => {
  const { fake, store } = await openStore(10);
  await store.getState().open(ID);
  const before = store.getState().windows[ID]!.messages;
  const reads = () => fake.requests.filter((one) => one.name === 'message.list').length;
  const count = reads();
  await store.getState().open(ID);
  expect(reads()).toBe(count);
  fake.push('changed', { subjects: [`conversation:${ID}`] });
  await waitFor(() => expect(reads()).toBe(count + 1));
  expect(store.getState().windows[ID]!.messages).toBe(before);
  fake.receive(ID, 'one more');
  await waitFor(() => expect(store.getState().windows[ID]!.messages).toHaveLength(11));
  expect(
    store
      .getState()
      .windows[ID]!.messages.slice(0, 10)
      .every((one, index) => one === before[index]),
  ).toBe(true);
});

test('nothing is kept of a conversation that may not be seen any more', async () => {
  const { fake, store } = await openStore(10);
  await store.getState().open(ID);
  store.measures.keep(ID, { width: 600, height: 400 }, new Map([[`${ID}-m9`, 40]]));
  fake.overrides['message.list'] = () => {
    throw new AppError('not_found', 'There is no such conversation.', { reason: 'no-such-conversation' });
  };
  fake.push('changed', { subjects: [`conversation:${ID}`] });
  await waitFor(() => expect(store.getState().windows[ID]).toBeUndefined());
  expect(store.measures.heightsOf(ID)).toBeUndefined();
  // The list goes from the screen after that.
  store.measures.keep(ID, { width: 600, height: 400 }, new Map([[`${ID}-m9`, 40]]));
  expect(store.measures.heightsOf(ID)).toBeUndefined();
  await store.getState().open(ID);
  expect(store.getState().windows[ID]).toMatchObject({ messages: [], isLoaded: false, error: { kind: 'not_found' } });
});
