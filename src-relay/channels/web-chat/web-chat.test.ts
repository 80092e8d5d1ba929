import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebChatRig, until } from '../../../tests/fakes/web-chat-rig.ts';
import type { FeedEntry } from '../../../shared/widget-api/feed.ts';
import type { WidgetClient } from '../../../src-widget/client/widget-client.ts';

let rig: WebChatRig;

beforeEach(async () => {
  rig = await new WebChatRig().start({ rateLimits: null });
});
afterEach(async () => {
  await rig.dispose();
  expect(rig.mistakes).toEqual([]);
});

function collect(client: WidgetClient): FeedEntry[] {
  const entries: FeedEntry[] = [];
  client.onMessage((entry) => entries.push(entry));
  return entries;
}

test('ROW-A1 a customer writes, an agent answers, both see both in order', async () => {
  const client = rig.makeClient({ locale: 'vi-VN' });
  const entries = collect(client);
  await client.open();
  const { conversationId, entry } = await client.send({ text: 'Chào shop, đơn DH-1024 tới đâu rồi?' });
  expect(entry).toMatchObject({ seq: 1, author: 'customer', text: 'Chào shop, đơn DH-1024 tới đâu rồi?' });
  expect(rig.host.received[0]).toMatchObject({ conversationId: null, language: 'vi', attachments: [] });
  expect(await rig.answer(conversationId, 'Dạ đơn đang giao ạ')).toMatchObject({ ok: true });
  await client.send({ text: 'Cảm ơn' });
  await until(() => entries.length === 3);
  expect(entries.map(({ seq, author, text, agentName }) => [seq, author, text, agentName])).toEqual([
    [1, 'customer', 'Chào shop, đơn DH-1024 tới đâu rồi?', null],
    [2, 'agent', 'Dạ đơn đang giao ạ', 'Lan'],
    [3, 'customer', 'Cảm ơn', null],
  ]);
  // One conversation per customer: the second message continues the first one's.
  expect(rig.host.received[1]?.conversationId).toBe(conversationId);
});

test('SYNC-X1 the same part twice is shown once', async () => {
  const client = rig.makeClient();
  const entries = collect(client);
  await client.open();
  const { conversationId } = await client.send({ text: 'a' });
  const part = { messageId: 'sent-a', part: 0 };
  const first = await rig.answer(conversationId, 'b', part);
  const second = await rig.answer(conversationId, 'b', part);
  expect(second).toEqual(first);
  await rig.answer(conversationId, 'c');
  await until(() => entries.length === 3);
  expect(entries.map((entry) => entry.text)).toEqual(['a', 'b', 'c']);
});

test('a part for nobody known fails for good', async () => {
  expect(await rig.answer('conversation-of-nobody', 'x')).toEqual({
    ok: false,
    outcome: 'permanent',
    reason: 'customer-unknown',
  });
});

test('a returning visitor has the history; another browser has none of it', async () => {
  const first = rig.makeClient();
  await first.open();
  await first.send({ text: 'một' });
  const { visitorToken } = first;
  first.close();

  const again = rig.makeClient({ visitorToken: visitorToken! });
  const entries = collect(again);
  const session = await again.open();
  expect(session.visitorToken).toBeUndefined();
  expect(session.conversation).toEqual({ id: 'conversation-1' });
  await until(() => entries.length === 1);

  const stranger = rig.makeClient();
  const strangerSession = await stranger.open();
  expect(strangerSession.feed).toMatchObject({ head: 0, unread: 0 });
  expect(strangerSession.conversation).toBeNull();
});

test('typing goes both ways, notes are not shown', async () => {
  const client = rig.makeClient();
  const typing: boolean[] = [];
  client.onTyping((isTyping) => typing.push(isTyping));
  const states: string[] = [];
  client.onState((state) => states.push(state));
  await client.open();
  await until(() => states.includes('live'));
  client.setTyping(true);
  const { conversationId } = await client.send({ text: 'a' });
  // Before there is a conversation nobody could see it.
  expect(rig.host.ephemerals).toEqual([]);
  client.setTyping(false);
  client.setTyping(true);
  await until(() => rig.host.ephemerals.length === 2);
  expect(rig.host.ephemerals[1]).toMatchObject({ kind: 'typing', conversationId, isTyping: true, isNote: false });

  const by = { kind: 'agent' as const, id: 'agent-1' };
  rig.adapter.showEphemeral?.({ kind: 'typing', conversationId, by, isTyping: true, isNote: true });
  rig.adapter.showEphemeral?.({ kind: 'typing', conversationId, by, isTyping: true, isNote: false });
  await until(() => typing.includes(true));
  await rig.answer(conversationId, 'b');
  await until(() => typing.at(-1) === false);
  expect(typing.filter(Boolean)).toHaveLength(1);
});

test('what arrived and what was read is reported once each, by message', async () => {
  const client = rig.makeClient();
  const entries = collect(client);
  await client.open();
  const { conversationId } = await client.send({ text: 'a' });
  await rig.answer(conversationId, 'b', { messageId: 'm-b' });
  await rig.answer(conversationId, 'c', { messageId: 'm-c' });
  await until(() => rig.host.reports.flatMap((report) => report.messageIds).length === 2);
  expect(rig.host.reports.every((report) => report.state === 'delivered')).toBe(true);
  await until(() => entries.length === 3);
  client.markRead(3);
  client.markRead(3);
  await until(() => rig.host.reports.some((report) => report.state === 'read'));
  client.markRead(2);
  await client.send({ text: 'after' });
  const reads = rig.host.reports.filter((report) => report.state === 'read');
  expect(reads).toEqual([{ conversationId, messageIds: ['m-b', 'm-c'], state: 'read' }]);
});

test('a relay that is away for a while costs nothing: sent once, seen once, in order', async () => {
  const client = rig.makeClient();
  const entries = collect(client);
  await client.open();
  const { conversationId } = await client.send({ text: '1' });
  await rig.stop();
  const waiting = [client.send({ text: '2' }), client.send({ text: '3' })];
  await rig.start();
  await rig.answer(conversationId, '4');
  client.wake();
  await Promise.all(waiting);
  await rig.answer(conversationId, '5');
  await until(() => entries.length === 5, 'all five entries');
  expect(entries.map((entry) => entry.seq)).toEqual([1, 2, 3, 4, 5]);
  expect(entries.map((entry) => entry.text).sort()).toEqual(['1', '2', '3', '4', '5']);
  expect(rig.host.received.map((message) => message.text)).toEqual(['1', '2', '3']);
});

test('a relay that dies between its log and our feed finishes the message when it starts', async () => {
  const client = rig.makeClient();
  const session = await client.open();
  client.close();
  rig.host.isAnswerLost = true;
  const body = { clientId: crypto.randomUUID(), text: 'nearly lost' };
  const lost = await rig.call('POST', '/w/v1/messages', { body, token: session.token });
  expect(lost.status).toBe(500);
  expect(rig.mistakes.splice(0)).toHaveLength(1);
  await rig.stop();
  await rig.start();
  const again = rig.makeClient({ visitorToken: session.visitorToken! });
  const entries = collect(again);
  await again.open();
  await until(() => entries.length === 1);
  expect(entries[0]?.text).toBe('nearly lost');
  expect(rig.host.received).toHaveLength(1);
});

test('long polls stand in for sockets that do not get through', async () => {
  const client = rig.makeClient({ transport: 'poll' });
  const entries = collect(client);
  await client.open();
  const { conversationId } = await client.send({ text: 'a' });
  await until(() => entries.length === 1);
  await rig.answer(conversationId, 'b', { messageId: 'm-b' });
  await until(() => entries.length === 2);
  // To ask for what comes after it is to have received it.
  await until(() => rig.host.reports.some((report) => report.state === 'delivered'));
  client.markRead(2);
  await until(() => rig.host.reports.some((report) => report.state === 'read'));
});

test('a long poll answers at once when there is something, and empty after its time', async () => {
  const client = rig.makeClient();
  const { token } = await client.open();
  const { conversationId } = await client.send({ text: 'a' });
  const waiting = rig.call('GET', '/w/v1/messages?afterSeq=1&wait=25', { token });
  await rig.answer(conversationId, 'b');
  expect(await (await waiting).json()).toMatchObject({ head: 2, isComplete: true, entries: [{ seq: 2, text: 'b' }] });
  const empty = await rig.call('GET', '/w/v1/messages?afterSeq=2&wait=0.05', { token });
  expect(await empty.json()).toEqual({ entries: [], head: 2, isComplete: true });
});

test('history is read backwards by the page', async () => {
  const client = rig.makeClient({ afterSeq: 'head' });
  await client.open();
  for (const text of ['1', '2', '3', '4', '5']) await client.send({ text });
  const newest = await client.listBefore(6, 2);
  expect(newest).toMatchObject({ isComplete: false, head: 5, entries: [{ text: '4' }, { text: '5' }] });
  const oldest = await client.listBefore(4, 10);
  expect(oldest.isComplete).toBe(true);
  expect(oldest.entries.map((entry) => entry.text)).toEqual(['1', '2', '3']);
});

test('pre-chat answers arrive with their labels, and contact data in the profile', async () => {
  rig.store.channels.update(rig.channel.channelId, {
    preChat: [
      { id: 'name', field: 'name', label: { vi: 'Tên của bạn', en: 'Your name' }, isRequired: true },
      { id: 'order', field: null, label: { vi: 'Mã đơn hàng', en: 'Order number' }, isRequired: false },
    ],
  });
  const client = rig.makeClient({ locale: 'vi' });
  await client.open();
  await client.send({ text: 'hi', answers: { name: 'Ngọc', order: 'DH-1', unknown: 'x' } });
  expect(rig.host.received[0]).toMatchObject({
    answers: [
      { label: 'Tên của bạn', value: 'Ngọc' },
      { label: 'Mã đơn hàng', value: 'DH-1' },
    ],
    customer: { identity: { isVerified: false }, profile: { name: 'Ngọc', language: 'vi' } },
  });
});
