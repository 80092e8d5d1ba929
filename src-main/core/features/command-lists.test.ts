import { expect, test } from 'vitest';
import { useScriptedConsoles } from '../../../tests/fakes/scripted-consoles.ts';
import { type ScriptedRelay, settle } from '../../../tests/fakes/scripted-relay.ts';

const { signedIn } = useScriptedConsoles();

/** What happened at the relay since `from` arrives here. */
async function arrive(relay: ScriptedRelay, from: number): Promise<void> {
  relay.link.frame(from, relay.world.seq, { events: relay.eventsAfter(from) });
  await settle();
}

test('ROW-H1 what waits is listed with its conversation, age, what may be taken back and what goes with it', async () => {
  const { relay, console } = await signedIn();
  await console.request('sync.setOnline', { isOnline: false });
  const { commandId: reply } = await console.request('message.send', { conversationId: 'k1', text: 'xong rồi ạ' });
  const { commandId: close } = await console.request('conversation.close', { conversationIds: ['k1'] });
  await relay.advance(60_000);
  const { commandId: give } = await console.request('conversation.assign', {
    conversationIds: ['k2', 'k3'],
    agentId: 'lan',
  });
  const { entries } = await console.request('outbox.list');
  expect(entries).toMatchObject([
    {
      ...{ commandId: reply, conversationId: 'k1', customerName: 'k1', text: 'xong rồi ạ', mayTakeBack: true },
      followers: [{ commandId: close, type: 'conversation.close' }],
    },
    { commandId: close, followers: [], isHere: true },
    { commandId: give, conversationId: 'k2', conversationCount: 2, target: 'lan', followers: [] },
  ]);
  const [oldest] = entries;
  expect(entries[2]!.createdAt - oldest!.createdAt).toBe(60_000);
  expect(await console.request('sync.status')).toMatchObject({
    ...{ pendingCount: 3, oldestPendingAt: oldest!.createdAt, storage: 'ok' },
  });

  // The close would end the conversation without the reply: both are taken back, and that is said.
  expect(await console.request('outbox.undo', { commandId: reply })).toEqual({
    takenBack: [
      { commandId: reply, type: 'message.send' },
      { commandId: close, type: 'conversation.close' },
    ],
  });
  expect((await console.request('outbox.list')).entries.map(({ commandId }) => commandId)).toEqual([give]);
});

test('SYNC-T1 ages are by this device’s clock, however far the relay’s is from it', async () => {
  const { relay, console } = await signedIn();
  relay.link.say('tick', { head: relay.world.seq, serverNow: relay.clock.now() + 10 * 365 * 86_400_000 } as never);
  await settle();
  await console.request('sync.setOnline', { isOnline: false });
  const now = relay.clock.now();
  await console.request('message.send', { conversationId: 'k1', text: 'dạ' });
  const { messages } = await console.request('message.list', { conversationId: 'k1' });
  expect(messages.at(-1)!.at - now).toBeGreaterThan(9 * 365 * 86_400_000);
  const [entry] = (await console.request('outbox.list')).entries;
  expect(Math.abs(entry!.createdAt - now)).toBeLessThan(5000);
  expect(Math.abs((await console.request('sync.status')).oldestPendingAt! - now)).toBeLessThan(5000);
});

test('SYNC-R4 a held reply is shown with what others wrote meanwhile, not with what the agent wrote', async () => {
  const { relay, console } = await signedIn();
  const { commandId: first } = await console.request('message.send', { conversationId: 'k1', text: 'một' });
  await settle();
  const seen = relay.world.seq;
  await relay.commit(first);
  const { commandId: second } = await console.request('message.send', { conversationId: 'k1', text: 'hai' });
  const from = relay.world.seq;
  relay.customerWrites('k1', 'khách nhắn thêm');
  await arrive(relay, from);
  relay.link.refuse(second, {
    ...{ kind: 'stale', reason: 'conversation-moved-on' },
    current: { afterSeq: seen, newestSeq: relay.world.seq },
  });
  await settle();
  const { items } = await console.request('attention.list');
  expect(items).toMatchObject([
    {
      ...{ commandId: second, text: 'hai', isHere: true, hasMore: false, winner: null },
      meanwhile: [{ text: 'khách nhắn thêm', author: { kind: 'customer', name: 'k1' } }],
    },
  ]);
});

test('SYNC-R4 a close that came too late shows what the customer wrote', async () => {
  const { relay, console } = await signedIn();
  const seen = relay.world.seq;
  const { commandId } = await console.request('conversation.close', { conversationIds: ['k2', 'k1'] });
  await settle();
  const from = relay.world.seq;
  relay.customerWrites('k1', 'còn nữa ạ');
  await arrive(relay, from);
  relay.link.refuse(commandId, {
    ...{ kind: 'stale', reason: 'customer-wrote-again' },
    current: { conversationId: 'k1', afterSeq: seen, newestSeq: relay.world.seq },
  });
  await settle();
  const { items } = await console.request('attention.list');
  expect(items).toMatchObject([{ conversationId: 'k1', conversationCount: 2, meanwhile: [{ text: 'còn nữa ạ' }] }]);
});

test('an assignment that somebody else got says who, and when', async () => {
  const { relay, console } = await signedIn();
  const { commandId } = await console.request('conversation.assign', { conversationIds: ['k1'], agentId: 'lan' });
  await settle();
  const from = relay.world.seq;
  relay.world.must(
    'conversation.assign',
    { conversationIds: ['k1'], assigneeId: 'minh' },
    { by: 'minh', base: { versions: { k1: '' } } },
  );
  await arrive(relay, from);
  relay.link.refuse(commandId, {
    ...{ kind: 'conflict', reason: 'assigned-meanwhile' },
    current: { conversationId: 'k1', assigneeId: 'minh' },
  });
  await settle();
  const [item] = (await console.request('attention.list')).items;
  expect(item).toMatchObject({ type: 'conversation.assign', target: 'lan', winner: { id: 'minh' } });
  expect(item!.winner!.name).not.toBe('');
  expect(item!.winner!.at).not.toBeNull();
});

test('SYNC-V2 SYNC-R4 of a conversation that was withdrawn nothing is left but what the agent typed', async () => {
  const { relay, console } = await signedIn();
  const { commandId } = await console.request('message.send', { conversationId: 'k1', text: 'chữ của tôi' });
  await settle();
  const from = relay.world.seq;
  relay.link.frame(from, from, { leave: ['conversation:k1'] });
  relay.link.refuse(commandId, { kind: 'forbidden', reason: 'conversation-not-visible' });
  await settle();
  const { items } = await console.request('attention.list');
  expect(items).toMatchObject([
    { text: 'chữ của tôi', conversationId: 'k1', isHere: false, customerName: null, meanwhile: [] },
  ]);
});

test('SYNC-R4 what was typed into a customer’s profile is shown when it is refused', async () => {
  const { relay, console } = await signedIn();
  const profile = { note: 'gọi sau 18h', address: '', language: 'vi' as const };
  const { commandId } = await console.request('customer.update', { customerId: 'c-k1', profile });
  await settle();
  relay.link.refuse(commandId, { kind: 'forbidden' });
  await settle();
  expect((await console.request('attention.list')).items).toMatchObject([{ commandId, text: 'gọi sau 18h' }]);
});
