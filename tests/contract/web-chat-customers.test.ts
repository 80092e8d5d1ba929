import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Conversation } from '../../shared/domain/conversation/conversation.ts';
import type { Customer } from '../../shared/domain/customer/customer.ts';
import { subjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { WidgetSession } from '../../shared/widget-api/session.ts';
import { identityHash } from '../../src-relay/channels/web-chat/identity.ts';
import { TEST_ADMIN_TOKEN, type TestRelay, startRelay } from '../fakes/start-relay.ts';

// Who customers of the web chat are, on the real relay.

const ORIGIN = 'https://shop.example';

let folder: string;
let relay: TestRelay;

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'liendesk-web-chat-customers-'));
  relay = await startRelay({ dataFolder: folder });
  await relay.putQueue('queue-1');
});

afterEach(async () => {
  await relay.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function administer(pathname: string, body: object) {
  const response = await fetch(`${relay.url}/api/v1${pathname}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TEST_ADMIN_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return await response.json();
}

async function addChannel(settings: object = {}) {
  const fields = { id: 'web', name: 'Web', queue: 'queue-1', allowedOrigins: [ORIGIN], rateLimits: null, ...settings };
  return (await administer('/channels', fields)) as { channel: { widgetKey: string }; identitySecret: string };
}

async function openSession(widgetKey: string, body: object = {}): Promise<WidgetSession> {
  const response = await fetch(`${relay.url}/w/v1/${widgetKey}/session`, {
    method: 'POST',
    headers: { origin: ORIGIN, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as WidgetSession;
}

async function send(token: string, message: object): Promise<{ status: number; body: { conversationId: string } }> {
  const response = await fetch(`${relay.url}/w/v1/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ clientId: crypto.randomUUID(), ...message }),
  });
  return { status: response.status, body: (await response.json()) as { conversationId: string } };
}

function customerOf(conversationId: string): Customer | null {
  const conversation = relay.eventLog.read<Conversation>(subjectRef('conversation', conversationId)).root();
  return relay.eventLog.read<Customer>(subjectRef('customer', conversation!.customerId)).root();
}

test('an answer that is longer than a name or number may be keeps no message from being taken', async () => {
  const preChat = (['name', 'phone'] as const).map((field) => ({
    ...{ id: field, field, isRequired: true, options: [] },
    label: { vi: field, en: field },
  }));
  const { channel } = await addChannel({ preChat });
  const { token } = await openSession(channel.widgetKey);
  // Longer than the widget's form takes them: a program may, and older widgets did.
  const answers = { name: 'Nguyễn '.repeat(28).trim(), phone: '0901 234 567, ngoài giờ xin gọi 0912 345 678' };
  const first = await send(token, { text: 'Cho mình hỏi giá', answers });
  expect(first.status).toBe(201);
  expect((await send(token, { text: 'Alo?' })).status).toBe(201);
  const customer = customerOf(first.body.conversationId);
  expect(customer?.name).toMatch(/^Nguyễn Nguyễn/u);
  expect(customer?.name?.length).toBeLessThanOrEqual(120);
  expect(customer?.phone).toBeNull();
  // Word for word it stands beside the conversation.
  const conversation = relay.eventLog.read<Conversation>(subjectRef('conversation', first.body.conversationId)).root();
  expect(conversation?.answers.map(({ value }) => value)).toEqual([answers.name, answers.phone]);
});

test('who was imported is recognised after the relay was started anew', async () => {
  const { channel, identitySecret } = await addChannel();
  await administer('/customers/import', { customers: [{ id: 'kh-7', externalId: 'shop-42', name: 'Mai' }] });
  await relay.stop();
  relay = await startRelay({ dataFolder: folder });
  const identity = { id: 'shop-42', hash: identityHash(identitySecret, 'shop-42', null) };
  const { token } = await openSession(channel.widgetKey, { identity });
  const { body } = await send(token, { text: 'Chào shop' });
  expect(customerOf(body.conversationId)).toMatchObject({ id: 'kh-7', name: 'Mai' });
});
