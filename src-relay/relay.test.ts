import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { connect } from 'node:net';
import { io } from 'socket.io-client';
import { afterEach, expect, test } from 'vitest';
import type { Conversation } from '../shared/domain/conversation/conversation.ts';
import type { Message } from '../shared/domain/conversation/message.ts';
import { createChannelHost } from './channel-host.ts';
import { makeSelfSignedCertificate } from '../tests/fakes/self-signed-certificate.ts';
import { ProtocolClient } from '../tests/fakes/protocol-client.ts';
import { type TestRelay, makeId, signIn, startRelay } from '../tests/fakes/start-relay.ts';

const relays: TestRelay[] = [];
afterEach(async () => {
  for (const relay of relays.splice(0)) await relay.stop();
});

test('sign-in, snapshot, live frame, command, result', async () => {
  const relay = await startRelay();
  relays.push(relay);
  await relay.putQueue('sales');
  await relay.putChannel('web', 'sales');
  const lan = await relay.addAgent('lan', { queueIds: ['sales'] });
  const { conversationId } = await relay.receive({ channelId: 'web', customerId: 'an', text: 'Shop ơi' });

  const { accessToken } = await signIn(relay, lan);
  const client = await ProtocolClient.connect({ url: relay.url, token: accessToken });
  expect(client.welcome).toMatchObject({ mode: 'reset', agentId: 'lan', needHeld: false });
  const subject = `conversation:${conversationId}` as const;
  expect(client.replica.items<Message>(subject).map(({ text }) => text)).toEqual(['Shop ơi']);

  const messageId = makeId();
  const result = await client.submit(
    'message.send',
    { conversationId, messageId, text: 'Chào bạn', writtenAt: Date.now() },
    { base: { foreignPublicSeq: relay.eventLog.head() } },
  );
  expect(result).toMatchObject({ ok: true });
  await client.until(() => client.replica.cursor >= (result.ok ? result.seq : 0));
  expect(client.replica.items<Message>(subject).map(({ text }) => text)).toEqual(['Shop ơi', 'Chào bạn']);
  expect(client.replica.root<Conversation>(subject)).toMatchObject({ assigneeId: 'lan' });
});

async function open(): Promise<TestRelay> {
  const relay = await startRelay();
  relays.push(relay);
  return relay;
}

test('health, readiness and metrics', async () => {
  const relay = await open();
  await relay.putQueue('sales');
  const get = (path: string, headers: Record<string, string> = {}) => fetch(`${relay.url}${path}`, { headers });
  expect(await (await get('/healthz')).json()).toEqual({ status: 'ok' });
  expect(await (await get('/readyz')).json()).toEqual({ status: 'ready', version: 'test', seq: 1 });
  const metrics = await get('/metrics');
  expect(metrics.headers.get('content-type')).toContain('text/plain');
  const text = await metrics.text();
  for (const line of [
    'liendesk_connected_agents 0',
    'liendesk_log_position 1',
    'liendesk_append_seconds_count 1',
    'liendesk_fan_out_seconds_count 1',
    '# TYPE liendesk_outbox_depth gauge',
    '# TYPE liendesk_deliveries_total counter',
  ]) {
    expect(text).toContain(line);
  }
  // What a proxy on this machine passes on does not come from this machine.
  const proxied = await get('/metrics', { 'x-forwarded-for': '203.0.113.9' });
  expect(proxied.status).toBe(403);
  expect(await proxied.json()).toMatchObject({ kind: 'forbidden', origin: 'relay', reason: 'metrics-token' });
});

test('every error is an ErrorBody with its status, and every answer has its security headers', async () => {
  const relay = await open();
  const post = (path: string, body: string, type = 'application/json') =>
    fetch(`${relay.url}${path}`, { method: 'POST', headers: { 'content-type': type }, body });
  const cases: [() => Promise<Response>, number, string][] = [
    [() => fetch(`${relay.url}/no/such/page`), 404, 'not_found'],
    [() => fetch(`${relay.url}/%E0%A4%A`), 400, 'invalid'],
    [() => post('/api/v1/auth/sign-in', '{"email":'), 400, 'invalid'],
    [() => post('/api/v1/auth/sign-in', '{}'), 400, 'invalid'],
    [() => post('/api/v1/auth/sign-in', 'a=b', 'application/x-www-form-urlencoded'), 415, 'unsupported'],
    [() => fetch(`${relay.url}/api/v1/agents`), 401, 'unauthenticated'],
  ];
  for (const [request, status, kind] of cases) {
    const response = await request();
    expect([response.status, await response.json()]).toMatchObject([status, { kind, origin: 'relay' }]);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('x-powered-by')).toBeNull();
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  }
});

test('a channel’s message is taken once, whatever is repeated, and whatever the customer’s conversation is by then', async () => {
  const relay = await open();
  await relay.putQueue('sales');
  await relay.putChannel('web', 'sales');
  const host = createChannelHost({
    eventLog: relay.eventLog,
    files: null as never,
    gateway: { publishEphemeral: () => {}, isStaffed: (queueId) => queueId === 'sales' },
    delivery: { takeReceipt: async () => {} },
    forgottenUpTo: () => relay.eventLog.head(),
  });
  const message = {
    channelId: 'web',
    externalId: 'platform-1',
    customer: { id: 'an', identity: { channelId: 'web', externalId: 'an', isVerified: false }, profile: {} },
    conversationId: null,
    text: 'Shop ơi',
    attachments: [],
    writtenAt: 1,
    answers: [],
    language: null,
  };
  const first = (await host.receive(message))!;
  expect(await host.receive(message)).toEqual(first);
  expect(await host.receive({ ...message, conversationId: first.conversationId })).toEqual(first);
  expect(relay.eventLog.head()).toBe(first.seq);
  const next = await host.receive({ ...message, externalId: 'platform-2', conversationId: first.conversationId });
  expect(next).toMatchObject({ conversationId: first.conversationId, seq: first.seq + 1 });
  await expect(host.receive({ ...message, externalId: 'platform-3', text: ' ' })).rejects.toMatchObject({
    kind: 'invalid',
  });
  expect([host.isStaffed('web'), host.isStaffed('none'), host.describeChannel('none')]).toEqual([true, false, null]);
  expect(host.describeChannel('web')).toEqual({ workspaceName: '', channelName: 'web' });
});

test('with a certificate it speaks TLS and nothing else, sockets included', async () => {
  const { cert, key } = makeSelfSignedCertificate('127.0.0.1', Date.now());
  const relay = await startRelay({ tls: { cert: Buffer.from(cert), key: Buffer.from(key) } });
  relays.push(relay);
  const { statusCode, headers } = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${relay.url}/healthz`, { ca: cert, checkServerIdentity: () => undefined }, resolve).on('error', reject);
  });
  expect([statusCode, headers['strict-transport-security']]).toEqual([200, 'max-age=31536000']);
  await expect(fetch(relay.url.replace('https', 'http'))).rejects.toThrow();
  const socket = io(`${relay.url}/agent`, {
    transports: ['websocket'],
    reconnection: false,
    rejectUnauthorized: false,
  });
  const error = await new Promise<Error & { data?: unknown }>((resolve) => void socket.once('connect_error', resolve));
  expect(error.data).toMatchObject({ kind: 'unauthenticated', reason: 'no-access-token' });
  socket.close();
});

// The library gives up a WebSocket that does not answer its close after half a minute; nobody is to wait for that.
test('a client that has stopped reading does not hold up a stop', { timeout: 25_000 }, async () => {
  const relay = await startRelay();
  const { port } = new URL(relay.url);
  const stuck = connect(Number(port), '127.0.0.1');
  stuck.on('error', () => {});
  const upgraded = new Promise<string>((resolve) => void stuck.once('data', (data) => resolve(data.toString())));
  stuck.write(
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  expect(await upgraded).toContain('101 Switching Protocols');
  stuck.pause();
  await relay.stop();
  stuck.destroy();
});
