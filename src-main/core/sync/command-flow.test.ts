import { expect, test, vi } from 'vitest';
import { send, textsOf, useScriptedConsoles } from '../../../tests/fakes/scripted-consoles.ts';
import { type ScriptedRelay, settle } from '../../../tests/fakes/scripted-relay.ts';
import { Cache } from '../cache/cache.ts';

const { signedIn } = useScriptedConsoles();

/** The connection breaks, and is there again after `ms`, led to the head. */
async function outage(relay: ScriptedRelay, ms: number): Promise<void> {
  relay.link.break();
  await relay.advance(ms);
  const tried = relay.links.length;
  for (let tries = 0; tries < 70 && relay.links.length === tried; tries += 1) {
    relay.link.break();
    await relay.advance(500);
  }
}

test('SYNC-R3 a command leaves the outbox when the cache contains it, not when it was acknowledged', async () => {
  const { relay, console } = await signedIn();
  const id = await send(console, 'k1', 'trả lời');
  const from = relay.world.seq;
  relay.link.ok(id, from + 1);
  await settle();
  expect((await console.request('outbox.list')).entries).toMatchObject([{ commandId: id, state: 'confirmed' }]);
  expect(await textsOf(console, 'k1')).toEqual(['alo k1', 'trả lời']);
  const { command } = relay.link.all('submit')[0]!.submissions[0]!;
  relay.world.must('message.send', command.args, { base: command.base });
  relay.link.frame(from, from + 1, {
    events: relay.eventsAfter(from).map((event) => ({ ...event, commandId: id })),
  });
  await settle();
  expect((await console.request('outbox.list')).entries).toEqual([]);
  expect(await textsOf(console, 'k1')).toEqual(['alo k1', 'trả lời']);
});

test('SYNC-R3 INV-9 the frame before the answer: the message is there throughout, once', async () => {
  const { relay, console } = await signedIn();
  const id = await send(console, 'k1', 'trả lời');
  const from = relay.world.seq;
  const { command } = relay.link.all('submit')[0]!.submissions[0]!;
  relay.world.must('message.send', command.args, { base: command.base });
  relay.link.frame(from, from + 1, {
    events: relay.eventsAfter(from).map((event) => ({ ...event, commandId: id })),
  });
  await settle();
  const { messages } = await console.request('message.list', { conversationId: 'k1' });
  expect(messages.map(({ text, isPending }) => [text, isPending])).toEqual([
    ['alo k1', false],
    ['trả lời', false],
  ]);
  relay.link.ok(id, from + 1);
  await settle();
  expect((await console.request('outbox.list')).entries).toEqual([]);
});

test('SYNC-O2 one under way per conversation, in order; others beside it, at most as many as there are lanes', async () => {
  const { relay, console } = await signedIn();
  const first = await send(console, 'k1', 'một');
  const second = await send(console, 'k1', 'hai');
  const other = await send(console, 'k2', 'ba');
  expect(relay.link.submitted().map(({ id }) => id)).toEqual([first, other]);
  // A command over several conversations waits for all of them, and all of them wait for it.
  const { commandId: both } = await console.request('conversation.snooze', {
    conversationIds: ['k2', 'k3'],
    until: null,
  });
  const after = await send(console, 'k3', 'bốn');
  await relay.commit(other);
  expect(relay.link.submitted().map(({ id }) => id)).toEqual([first, other, both]);
  await relay.commit(both);
  expect(relay.link.submitted().map(({ id }) => id)).toEqual([first, other, both, after]);
  await relay.commit(first);
  expect(relay.link.submitted().map(({ id }) => id)).toEqual([first, other, both, after, second]);
});

test('SYNC-O3 SYNC-R4 what ends a conversation waits for the reply before it, and is kept with it when that is refused', async () => {
  const { relay, console } = await signedIn();
  const reply = await send(console, 'k1', 'xong rồi ạ');
  const { commandId: close } = await console.request('conversation.close', { conversationIds: ['k1'] });
  relay.link.refuse(reply, { kind: 'stale', reason: 'conversation-moved-on', current: { afterSeq: 1, newestSeq: 2 } });
  await settle();
  expect(relay.link.submitted().map(({ id }) => id)).toEqual([reply]);
  const { items } = await console.request('attention.list');
  expect(items).toMatchObject([
    {
      commandId: reply,
      text: 'xong rồi ạ',
      conversationId: 'k1',
      error: { kind: 'stale' },
      blocked: [{ commandId: close }],
    },
  ]);
  const { messages } = await console.request('message.list', { conversationId: 'k1' });
  expect(messages.at(-1)).toMatchObject({ text: 'xong rồi ạ', state: 'refused' });
  expect((await console.request('conversation.counts')).attention).toBe(1);
  expect((await console.request('conversation.get', { conversationId: 'k1' })).state).toBe('open');

  // Send anyway: new commands, the same message, confirmed; the closing follows it.
  await console.request('attention.resolve', { commandId: reply, action: 'send-anyway' });
  await settle();
  const again = relay.link.all('submit').at(-1)!.submissions[0]!.command;
  expect(again.id).not.toBe(reply);
  expect(again.args).toMatchObject({ text: 'xong rồi ạ', isConfirmed: true, messageId: messages.at(-1)!.id });
  await relay.commit(again.id);
  const closing = relay.link.all('submit').at(-1)!.submissions[0]!.command;
  expect(closing).toMatchObject({ type: 'conversation.close', after: again.id });
  expect((await console.request('attention.list')).items).toEqual([]);
});

test.each(['send-anyway', 'discard'] as const)(
  'SYNC-C1 SYNC-O3 a view that asks again for a close that was decided with its reply (%s) gets no second one',
  async (action) => {
    const { relay, console } = await signedIn();
    const reply = await send(console, 'k1', 'xong rồi ạ');
    const { commandId: close } = await console.request('conversation.close', { conversationIds: ['k1'] });
    relay.link.refuse(reply, { kind: 'stale', reason: 'conversation-moved-on' });
    await settle();
    await console.request('attention.resolve', { commandId: reply, action });
    const again = await console.request('conversation.close', { conversationIds: ['k1'], commandId: close });
    await settle();
    expect(again.commandId).toBe(close);
    expect((await console.request('outbox.list')).entries).toHaveLength(action === 'send-anyway' ? 2 : 0);
    expect((await console.request('attention.list')).items).toEqual([]);
  },
);

test('SYNC-O3 what ends several conversations waits for the replies in each, and for every decision about them', async () => {
  const { relay, console } = await signedIn();
  const first = await send(console, 'k1', 'xong một');
  const second = await send(console, 'k2', 'xong hai');
  const { commandId: close } = await console.request('conversation.close', { conversationIds: ['k1', 'k2'] });
  relay.link.refuse(first, { kind: 'forbidden' });
  await settle();
  await relay.commit(second);
  expect(relay.link.submitted().map(({ id }) => id)).toEqual([first, second]);
  expect((await console.request('attention.list')).items).toMatchObject([
    { commandId: first, blocked: [{ commandId: close }] },
  ]);
  for (const conversationId of ['k1', 'k2']) {
    expect((await console.request('conversation.get', { conversationId })).state).toBe('open');
  }
  await console.request('attention.resolve', { commandId: first, action: 'send-anyway' });
  await settle();
  const again = relay.link.submitted().at(-1)!;
  await relay.commit(again.id);
  const closing = relay.link.all('submit').at(-1)!.submissions[0]!.command;
  expect(closing).toMatchObject({ type: 'conversation.close', after: again.id });
});

test('SYNC-O3 sent anyway, a reply takes no close along that another refused reply holds back', async () => {
  const { relay, console } = await signedIn();
  const first = await send(console, 'k1', 'xong một');
  const second = await send(console, 'k2', 'xong hai');
  await console.request('conversation.close', { conversationIds: ['k1', 'k2'] });
  relay.link.refuse(first, { kind: 'forbidden' });
  relay.link.refuse(second, { kind: 'forbidden' });
  await settle();
  await console.request('attention.resolve', { commandId: first, action: 'send-anyway' });
  await settle();
  await relay.commit(relay.link.submitted().at(-1)!.id);
  expect(relay.link.submitted().map(({ type }) => type)).not.toContain('conversation.close');
  expect((await console.request('attention.list')).items).toMatchObject([
    { commandId: second, blocked: [{ type: 'conversation.close' }] },
  ]);
});

test('SYNC-O3 another command that is refused holds no close back', async () => {
  const { relay, console } = await signedIn();
  const { commandId: snooze } = await console.request('conversation.snooze', { conversationIds: ['k1'], until: null });
  await settle();
  const reply = await send(console, 'k1', 'xong');
  const { commandId: close } = await console.request('conversation.close', { conversationIds: ['k1'] });
  relay.link.refuse(snooze, { kind: 'forbidden' });
  await settle();
  await relay.commit(reply);
  expect(relay.link.submitted().map(({ id }) => id)).toEqual([snooze, reply, close]);
});

test('SYNC-O3 SYNC-C8 a reply that is taken back takes the close with it that was to follow it', async () => {
  const { relay, console } = await signedIn();
  const sent = await send(console, 'k1', 'một');
  const first = await send(console, 'k1', 'hai');
  const second = await send(console, 'k2', 'ba');
  await console.request('conversation.close', { conversationIds: ['k1', 'k2'] });
  expect((await console.request('conversation.get', { conversationId: 'k1' })).state).toBe('closed');
  await console.request('outbox.undo', { commandId: first });
  await settle();
  for (const conversationId of ['k1', 'k2']) {
    expect((await console.request('conversation.get', { conversationId })).state).toBe('open');
  }
  await relay.commit(sent);
  await relay.commit(second);
  expect(relay.link.submitted().map(({ id }) => id)).toEqual([sent, second]);
  expect((await console.request('outbox.list')).entries).toEqual([]);
});

test('SYNC-O3 SYNC-C8 so does one that is taken back while that close is written, but not on its way yet', async () => {
  const { relay, console } = await signedIn();
  await console.request('sync.setOnline', { isOnline: false });
  const reply = await send(console, 'k1', 'xong');
  const shown = Promise.withResolvers<void>();
  const addPending = Cache.prototype.addPending;
  vi.spyOn(Cache.prototype, 'addPending').mockImplementation(async function (this: Cache, pending) {
    await shown.promise;
    await addPending.call(this, pending);
  });
  const closing = console.request('conversation.close', { conversationIds: ['k1'] });
  await settle();
  const undoing = console.request('outbox.undo', { commandId: reply });
  await settle();
  shown.resolve();
  await Promise.all([closing, undoing]);
  await console.request('sync.setOnline', { isOnline: true });
  await settle();
  await relay.tail();
  expect(relay.link.submitted()).toEqual([]);
  expect((await console.request('conversation.get', { conversationId: 'k1' })).state).toBe('open');
});

test('SYNC-R4 a refused text goes back into the draft, or is dropped, when the agent says so', async () => {
  const { relay, console } = await signedIn();
  await console.request('draft.save', {
    conversationId: 'k1',
    kind: 'reply',
    text: 'đang viết',
    caret: 2,
    attachments: [],
  });
  const first = await send(console, 'k1', 'câu một');
  relay.link.refuse(first, { kind: 'forbidden' });
  await settle();
  await console.request('attention.resolve', { commandId: first, action: 'edit' });
  expect((await console.request('draft.get', { conversationId: 'k1' })).reply?.text).toBe('câu một\nđang viết');
  const second = await send(console, 'k1', 'câu hai');
  relay.link.refuse(second, { kind: 'forbidden' });
  await settle();
  await console.request('attention.resolve', { commandId: second, action: 'discard' });
  expect((await console.request('attention.list')).items).toEqual([]);
  expect(await textsOf(console, 'k1')).toEqual(['alo k1']);
});

test('SYNC-O4 no answer for fifteen seconds: another connection, and the same command again', async () => {
  const { relay, console } = await signedIn();
  const id = await send(console, 'k1');
  await relay.advance(14_500);
  expect(relay.links).toHaveLength(1);
  await relay.advance(2000);
  expect(relay.links[0]!.isClosed).toBe(true);
  expect(relay.links).toHaveLength(2);
  await relay.tail();
  expect(relay.link.submitted()).toMatchObject([{ id }]);
  await relay.commit(id);
  expect((await console.request('outbox.list')).entries).toEqual([]);
});

test('SYNC-O5 after a long outage commands go out only at the head, marked as delayed', async () => {
  const { relay, console } = await signedIn();
  await outage(relay, 90_000);
  const id = await send(console, 'k1', 'viết lúc mất mạng');
  relay.link.open();
  await settle();
  const { cursor } = relay.link.hello;
  relay.customerWrites('k1', 'khách viết thêm');
  relay.customerWrites('k1', 'và thêm nữa');
  relay.link.welcome({ head: cursor + 2 });
  relay.link.frame(cursor, cursor + 1, { events: relay.eventsAfter(cursor).slice(0, 1), isCatchUp: true });
  await settle();
  expect(relay.link.submitted()).toEqual([]);
  relay.link.frame(cursor + 1, cursor + 2, { events: relay.eventsAfter(cursor + 1), isCatchUp: true });
  await settle();
  expect(relay.link.submitted()).toEqual([{ id, type: 'message.send', isDelayed: true }]);
});

test('SYNC-O5 after a short one they go out at once; what was given at the head is not delayed', async () => {
  const { relay, console } = await signedIn();
  const id = await send(console, 'k1');
  relay.link.break();
  await relay.advance(1000);
  relay.link.open();
  await settle();
  relay.link.welcome({ head: relay.world.seq + 5 });
  await settle();
  expect(relay.link.submitted()).toEqual([{ id, type: 'message.send', isDelayed: false }]);
});

test('SYNC-C3 ackedN counts what has its result on this disk; a device that was gone further under its id gets a new one', async () => {
  const { relay, console } = await signedIn();
  const first = await send(console, 'k1');
  const second = await send(console, 'k2');
  await relay.commit(second);
  expect(relay.link.all('submit').at(-1)!.ackedN).toBe(0);
  await relay.commit(first);
  const third = await send(console, 'k1', 'nữa');
  expect(relay.link.all('submit').at(-1)!).toMatchObject({
    ackedN: 2,
    submissions: [{ command: { id: third, n: 3 } }],
  });
  const { device } = relay.link.hello;
  relay.link.break();
  await relay.advance(1000);
  await relay.tail({ ackedN: 40 });
  // At once, and as another device.
  relay.link.open();
  await settle();
  expect(relay.link.hello.device).not.toBe(device);
  await relay.tail();
  expect(relay.link.submitted()).toMatchObject([{ id: third }]);
});

test('SYNC-O6 a restored relay lost acknowledged work: it comes back to the agent, nothing is sent by itself', async () => {
  const { relay, console } = await signedIn();
  const id = await send(console, 'k1', 'mất sau khi khôi phục');
  const seq = await relay.commit(id);
  relay.link.break();
  await relay.advance(1000);
  const epoch = '01a20115-58d8-7daa-bdaf-7699578975ff';
  relay.link.open();
  await settle();
  relay.link.welcome({ epoch, head: seq - 1, mode: 'reset' });
  const subjects = relay.subjects().filter(({ subject }) => !subject.endsWith(':k1'));
  relay.link.say('page', { page: 0, startSeq: seq - 1, subjects, totalSubjects: subjects.length, isLast: true });
  relay.link.frame(seq - 1, seq - 1, { isCatchUp: true });
  await settle();
  expect(relay.link.submitted()).toEqual([]);
  expect((await console.request('attention.list')).items).toMatchObject([
    { commandId: id, text: 'mất sau khi khôi phục', error: { reason: 'relay-restored' } },
  ]);
});

test('SYNC-C5 a command that is to be tried again waits as long as the relay says', async () => {
  const { relay, console } = await signedIn();
  const id = await send(console, 'k1');
  relay.link.refuse(id, { kind: 'retry', retryable: true, retryAfterMs: 3000 });
  await relay.advance(2500);
  expect(relay.link.submitted()).toHaveLength(1);
  await relay.advance(1000);
  expect(relay.link.submitted().map((one) => one.id)).toEqual([id, id]);
});

test('SYNC-C8 what was not sent yet can be taken back; what was cannot', async () => {
  const { relay, console } = await signedIn();
  const sent = await send(console, 'k1', 'một');
  const waiting = await send(console, 'k1', 'hai');
  await console.request('outbox.undo', { commandId: waiting });
  expect(await textsOf(console, 'k1')).toEqual(['alo k1', 'một']);
  await expect(console.request('outbox.undo', { commandId: sent })).rejects.toMatchObject({ kind: 'conflict' });
  await relay.commit(sent);
  expect(relay.link.submitted()).toHaveLength(1);
});
