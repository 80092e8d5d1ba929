import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Conversation } from '../../shared/domain/conversation/conversation.ts';
import type { Message } from '../../shared/domain/conversation/message.ts';
import { subjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { FeedEntry } from '../../shared/widget-api/feed.ts';
import { type WidgetClient, createWidgetClient } from '../../src-widget/client/widget-client.ts';
import { TEST_ADMIN_TOKEN, type TestRelay, makeId, startRelay } from '../fakes/start-relay.ts';
import { until } from '../fakes/web-chat-rig.ts';

// The channel on the real relay: its log, its delivery, its files.

const ORIGIN = 'https://shop.example';

let folder: string;
let relay: TestRelay;
let widgetKey: string;
const clients: WidgetClient[] = [];

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'liendesk-web-chat-relay-'));
  relay = await startRelay({ dataFolder: folder });
  await relay.putQueue('queue-1');
  await relay.addAgent('agent-lan', { queueIds: ['queue-1'] });
  const response = await fetch(`${relay.url}/api/v1/channels`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TEST_ADMIN_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ id: 'web', name: 'Web', queue: 'queue-1', allowedOrigins: [ORIGIN], rateLimits: null }),
  });
  const body = (await response.json()) as { channel: { widgetKey: string } };
  widgetKey = body.channel.widgetKey;
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await relay.stop();
  rmSync(folder, { recursive: true, force: true });
});

function openClient(options: { visitorToken?: string } = {}): { client: WidgetClient; entries: FeedEntry[] } {
  const client = createWidgetClient({ baseUrl: relay.url, widgetKey, origin: ORIGIN, locale: 'vi', ...options });
  clients.push(client);
  const entries: FeedEntry[] = [];
  client.onMessage((entry) => entries.push(entry));
  return { client, entries };
}

async function answer(conversationId: string, text: string): Promise<string> {
  const messageId = makeId();
  const result = await relay.eventLog.submit({
    command: {
      id: makeId(),
      type: 'message.send',
      v: 1,
      args: { conversationId, messageId, text, writtenAt: Date.now() },
      base: { foreignPublicSeq: relay.eventLog.head() },
    },
    by: { kind: 'agent', agentId: 'agent-lan' },
    isDelayed: false,
  });
  expect(result).toMatchObject({ ok: true });
  return messageId;
}

const messageOf = (conversationId: string, messageId: string) =>
  relay.eventLog.read(subjectRef('conversation', conversationId)).item<Message>('message', messageId);

test('ROW-A1 a message goes into the log, the answer into the feed, and its state comes back', async () => {
  const { client, entries } = openClient();
  await client.open();
  const { conversationId, entry } = await client.send({ text: 'Đơn MA24036 tới đâu rồi ạ?' });
  const conversation = relay.eventLog.read<Conversation>(subjectRef('conversation', conversationId)).root();
  expect(conversation).toMatchObject({ channelId: 'web', queueId: 'queue-1', language: 'vi' });
  expect(messageOf(conversationId, entry.messageId)).toMatchObject({
    text: 'Đơn MA24036 tới đâu rồi ạ?',
    at: entry.at,
  });

  const messageId = await answer(conversationId, 'Dạ đang giao ạ');
  await until(() => entries.length === 2);
  expect(entries[1]).toMatchObject({ messageId, author: 'agent', agentName: 'agent-lan', text: 'Dạ đang giao ạ' });
  await until(() => messageOf(conversationId, messageId)?.delivery?.state === 'delivered');
  client.markRead(2);
  await until(() => messageOf(conversationId, messageId)?.delivery?.state === 'read');
});

test('a file a customer sends is linked to the conversation and comes back to nobody else', async () => {
  const { client } = openClient();
  await client.open();
  const content = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex');
  const { uploadId, attachment } = await client.upload(new Blob([content]), 'hoá đơn.png');
  expect(attachment).toMatchObject({ mediaType: 'image/png', size: content.length });
  const { conversationId, entry } = await client.send({ text: '', attachments: [uploadId] });
  expect(messageOf(conversationId, entry.messageId)?.attachments).toEqual([attachment]);
  expect(Buffer.from(await (await client.fetchFile(attachment.fileId)).arrayBuffer())).toEqual(content);
  const { client: stranger } = openClient();
  await stranger.open();
  await expect(stranger.fetchFile(attachment.fileId)).rejects.toMatchObject({ body: { kind: 'not_found' } });
});

test('a closed conversation goes on, or a new one begins, in the same feed', async () => {
  const { client, entries } = openClient();
  await client.open();
  const { conversationId } = await client.send({ text: 'a' });
  await relay.putQueue('queue-1', { reopenDays: 0 });
  const close = { id: makeId(), type: 'conversation.close', v: 1, args: { conversationIds: [conversationId] } };
  const base = { customerSeqs: { [conversationId]: relay.eventLog.head() } };
  const by = { kind: 'agent' as const, agentId: 'agent-lan' };
  expect(await relay.eventLog.submit({ command: { ...close, base }, by, isDelayed: false })).toMatchObject({
    ok: true,
  });
  // `reopenDays: 0` counts from the moment of closing.
  await new Promise((resolve) => {
    setTimeout(resolve, 5);
  });
  const next = await client.send({ text: 'b' });
  expect(next.conversationId).not.toBe(conversationId);
  await answer(next.conversationId, 'c');
  await until(() => entries.length === 3);
  expect(entries.map((entry) => entry.text)).toEqual(['a', 'b', 'c']);
});

test('INV-5 the relay stops and comes back between everything: each message once, in order, both ways', async () => {
  const { client, entries } = openClient();
  await client.open();
  const { conversationId } = await client.send({ text: '0' });
  const { port } = new URL(relay.url);
  for (let round = 1; round <= 3; round += 1) {
    const sending = client.send({ text: `customer ${round}` });
    await answer(conversationId, `agent ${round}`);
    await relay.stop();
    relay = await startRelay({ dataFolder: folder, port: Number(port) });
    client.wake();
    await sending;
  }
  await until(() => entries.length === 7, 'seven entries');
  expect(entries.map((entry) => entry.seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  const of = (author: string) => entries.filter((entry) => entry.author === author).map((entry) => entry.text);
  expect(of('customer')).toEqual(['0', 'customer 1', 'customer 2', 'customer 3']);
  expect(of('agent')).toEqual(['agent 1', 'agent 2', 'agent 3']);
});
