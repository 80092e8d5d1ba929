import { type Socket, io } from 'socket.io-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SHOP_ORIGIN, WebChatRig, until } from '../../../tests/fakes/web-chat-rig.ts';
import { AppError, type ErrorBody } from '../../../shared/errors.ts';
import type { WidgetSession } from '../../../shared/widget-api/session.ts';
import { identityHash } from './identity.ts';

let rig: WebChatRig;
const sockets: Socket[] = [];

beforeEach(async () => {
  rig = await new WebChatRig().start({ rateLimits: null });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.disconnect();
  await rig.dispose();
  expect(rig.mistakes).toEqual([]);
});

async function open(body: unknown = {}): Promise<WidgetSession> {
  const response = await rig.openSession(body);
  expect(response.status).toBe(200);
  return (await response.json()) as WidgetSession;
}

async function refusal(response: Response): Promise<{ status: number; kind: string; reason: string | undefined }> {
  const body = (await response.json()) as ErrorBody;
  expect(body).toMatchObject({ origin: 'relay', message: expect.any(String), retryable: expect.any(Boolean) });
  return { status: response.status, kind: body.kind, reason: body.reason };
}

function send(token: string, body: Record<string, unknown>, headers: Record<string, string> = {}) {
  return rig.call('POST', '/w/v1/messages', { body, token, headers });
}

test('a session is opened for the allowed origins only, exactly', async () => {
  const right = await rig.openSession();
  expect(right.status).toBe(200);
  expect(right.headers.get('access-control-allow-origin')).toBe(SHOP_ORIGIN);
  expect(right.headers.get('access-control-allow-credentials')).toBeNull();
  for (const origin of [
    'https://evil.example',
    'http://shop.example',
    'https://shop.example:8443',
    'https://shop.example.evil.example',
    'https://sub.shop.example',
    'null',
    rig.url,
    null,
  ]) {
    const response = await rig.openSession({}, origin);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect([origin, await refusal(response)]).toEqual([
      origin,
      { status: 403, kind: 'forbidden', reason: 'origin-refused' },
    ]);
  }
});

test('an origin of another channel is refused by this one', async () => {
  rig.store.channels.create('other', { allowedOrigins: ['https://other.example'] });
  expect(await refusal(await rig.openSession({}, 'https://other.example'))).toMatchObject({ reason: 'origin-refused' });
  const { token } = await open();
  const headers = { origin: 'https://other.example' };
  expect(await refusal(await send(token, { clientId: crypto.randomUUID(), text: 'x' }, headers))).toMatchObject({
    status: 403,
  });
});

test('a preflight names what may be sent, to allowed origins only', async () => {
  const ask = (origin: string) =>
    rig.call('OPTIONS', '/w/v1/messages', { headers: { origin, 'access-control-request-method': 'POST' } });
  const right = await ask(SHOP_ORIGIN);
  expect(right.status).toBe(204);
  expect(right.headers.get('access-control-allow-headers')).toContain('idempotency-key');
  expect(right.headers.get('vary')).toContain('origin');
  expect((await ask('https://evil.example')).status).toBe(403);
});

test('a message is taken once: 201, then 200 with the same body, 409 with another', async () => {
  const { token } = await open();
  const clientId = crypto.randomUUID();
  const headers = { 'idempotency-key': clientId };
  const first = await send(token, { clientId, text: 'Xin chào' }, headers);
  expect(first.status).toBe(201);
  const body = await first.text();
  const second = await send(token, { clientId, text: 'Xin chào' }, headers);
  expect(second.status).toBe(200);
  expect(await second.text()).toBe(body);
  expect(await refusal(await send(token, { clientId, text: 'khác' }, headers))).toMatchObject({
    status: 409,
    kind: 'id_reuse',
  });
  expect(await refusal(await send(token, { clientId, text: 'x' }, { 'idempotency-key': 'other' }))).toMatchObject({
    status: 400,
  });
  expect(rig.host.received).toHaveLength(1);
});

test('the same message twenty times at once is one message', async () => {
  const { token } = await open();
  const body = { clientId: crypto.randomUUID(), text: 'once' };
  const responses = await Promise.all(Array.from({ length: 20 }, () => send(token, body)));
  expect(responses.map((response) => response.status).sort()).toEqual([...Array<number>(19).fill(200), 201]);
  expect(new Set(await Promise.all(responses.map((response) => response.text()))).size).toBe(1);
  expect(rig.host.received).toHaveLength(1);
});

test('another visitor cannot take a client id away', async () => {
  const [one, two] = [await open(), await open()];
  const body = { clientId: crypto.randomUUID(), text: 'mine' };
  expect((await send(one.token, body)).status).toBe(201);
  expect((await send(two.token, { ...body, text: 'mine too' })).status).toBe(201);
});

test('a message the relay refuses for good can be mended under the same client id', async () => {
  const { token } = await open();
  const clientId = crypto.randomUUID();
  rig.host.refusals.push(new AppError('invalid', 'no', { reason: 'x' }));
  expect((await send(token, { clientId, text: 'a' })).status).toBe(400);
  expect((await send(token, { clientId, text: 'b' })).status).toBe(201);
  rig.host.refusals.push(new AppError('retry', 'later', { retryAfterMs: 1500 }));
  const busy = await send(token, { clientId: crypto.randomUUID(), text: 'c' });
  expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '2']);
});

test('texts: too long, empty, and with control characters', async () => {
  const { token } = await open();
  const clientId = () => crypto.randomUUID();
  expect(await refusal(await send(token, { clientId: clientId(), text: 'ạ'.repeat(4001) }))).toEqual({
    status: 413,
    kind: 'too_large',
    reason: 'text-too-long',
  });
  expect((await send(token, { clientId: clientId(), text: 'ạ'.normalize('NFD').repeat(4000) })).status).toBe(201);
  expect(await refusal(await send(token, { clientId: clientId(), text: 'x'.repeat(1_000_000) }))).toMatchObject({
    status: 413,
    kind: 'too_large',
  });
  expect(await refusal(await send(token, { clientId: clientId(), text: ' \u0000\n ' }))).toMatchObject({
    status: 400,
    reason: 'text-empty',
  });
  await send(token, { clientId: clientId(), text: 'a\u0000b\u001b[31mc\r\nd\u202e' });
  expect(rig.host.received.at(-1)?.text).toBe('ab[31mc\nd\u202e');
});

test('tokens: missing, forged, unsigned, expired, of another relay', async () => {
  const ask = async (token: string) => await refusal(await rig.call('GET', '/w/v1/messages', { token }));
  const { token } = await open();
  const [header, payload, signature] = token.split('.');
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
  const tampered = `${header}.${Buffer.from('{"sub":"x","aud":"liendesk-widget"}').toString('base64url')}.${signature}`;
  for (const bad of ['', 'x', `${token}x`, unsigned, tampered]) {
    expect(await ask(bad)).toMatchObject({ status: 401, kind: 'unauthenticated' });
  }
  // Never in a URL.
  expect((await rig.call('GET', `/w/v1/messages?token=${token}`)).status).toBe(401);
  expect((await rig.call('GET', '/w/v1/messages', { token })).status).toBe(200);
});

test('identity: the published vector, its wrong forms, and its age', async () => {
  expect(identityHash('hmac-token-1', 'user-42', null)).toBe(
    '222180bc7800df0aff480a2eed262cbb6e97d5aa3939683fe39f99305950b9e7',
  );
  const secret = rig.store.channels.readIdentitySecret(rig.channel.channelId);
  const now = Math.floor(Date.now() / 1000);
  const verified = async (identity: object) => (await open({ identity })).visitor.verified;
  expect(await verified({ id: 'user-42', hash: identityHash(secret, 'user-42', null) })).toBe(true);
  expect(await verified({ id: 'user-42', hash: identityHash(secret, 'user-42', now), ts: now })).toBe(true);
  expect(await verified({ id: 'user-42', name: 'Lan' })).toBe(false);
  const refused = async (identity: object) => await refusal(await rig.openSession({ identity }));
  const wrong = { status: 403, kind: 'forbidden' };
  expect(await refused({ id: 'user-43', hash: identityHash(secret, 'user-42', null) })).toMatchObject(wrong);
  expect(await refused({ id: 'user-42', hash: 'zz' })).toMatchObject(wrong);
  const old = now - 25 * 3600;
  expect(await refused({ id: 'user-42', hash: identityHash(secret, 'user-42', old), ts: old })).toMatchObject(wrong);
  // The time is part of what is signed.
  expect(await refused({ id: 'user-42', hash: identityHash(secret, 'user-42', old), ts: now })).toMatchObject(wrong);
  const before = identityHash(secret, 'user-42', null);
  rig.store.channels.rotateIdentitySecret(rig.channel.channelId);
  expect(await refused({ id: 'user-42', hash: before })).toMatchObject(wrong);
});

test('ROW-A8 a proven person is one customer with one history on two browsers', async () => {
  const hash = identityHash(rig.store.channels.readIdentitySecret(rig.channel.channelId), 'khach-7', null);
  const identity = { id: 'khach-7', name: 'Minh', hash };
  const phone = rig.makeClient({ identity });
  await phone.open();
  await phone.send({ text: 'từ điện thoại' });

  const laptop = rig.makeClient({ identity });
  const texts: string[] = [];
  laptop.onMessage((entry) => texts.push(entry.text));
  await laptop.open();
  await laptop.send({ text: 'từ máy tính' });
  await until(() => texts.length === 2);
  expect(texts).toEqual(['từ điện thoại', 'từ máy tính']);
  const [first, second] = rig.host.received;
  expect(second?.customer.id).toBe(first?.customer.id);
  expect(second?.conversationId).toBe('conversation-1');
  expect(second?.customer).toMatchObject({
    identity: { externalId: 'khach-7', isVerified: true },
    profile: { name: 'Minh' },
  });

  // The same name and e-mail without proof is somebody else.
  const claimed = await open({ identity: { id: 'khach-7', name: 'Minh' } });
  expect(claimed.feed.head).toBe(0);
});

test('who signs in while writing keeps what was written, and is joined with who they are elsewhere', async () => {
  const secret = rig.store.channels.readIdentitySecret(rig.channel.channelId);
  const proven = (id: string) => ({ id, hash: identityHash(secret, id, null) });

  // Nobody has been `an` yet: the visitor becomes them.
  const client = rig.makeClient();
  const seen: string[] = [];
  client.onMessage((entry) => seen.push(entry.text));
  await client.open();
  await client.send({ text: '1' });
  await client.identify(proven('an'));
  await client.send({ text: '2' });
  expect(rig.host.received[1]?.customer.id).toBe(rig.host.received[0]?.customer.id);

  // On a second browser `an` wrote as nobody first; that joins what is known of `an`, and its answers follow.
  const other = rig.makeClient();
  await other.open();
  const { conversationId } = await other.send({ text: '3' });
  const session = await other.identify(proven('an'));
  expect(session.feed).toMatchObject({ id: client.session?.feed.id, head: 3 });
  await rig.answer(conversationId, '4');
  await until(() => seen.length === 4);
  expect(seen).toEqual(['1', '2', '3', '4']);

  // Somebody else on the same browser gets a visitor of their own, and sees nothing of it.
  const next = await other.identify(proven('binh'));
  expect(next.visitorToken).toBeTypeOf('string');
  expect(next.feed.head).toBe(0);
});

test('files: own ones come back, those of others do not exist', async () => {
  const client = rig.makeClient();
  const { token } = await client.open();
  const png = Buffer.concat([Buffer.from([0x89]), Buffer.from('PNG\r\n\u001a\n0000')]);
  const { uploadId, attachment } = await client.upload(new Blob([png]), 'ảnh.png');
  await client.send({ text: '', attachments: [uploadId] });
  expect(rig.host.received[0]?.attachments).toEqual([attachment]);
  const file = await rig.call('GET', `/w/v1/files/${attachment.fileId}`, { token });
  expect(Buffer.from(await file.arrayBuffer())).toEqual(png);
  expect(Object.fromEntries(file.headers)).toMatchObject({
    'content-type': 'image/png',
    'content-disposition': 'inline',
    'x-content-type-options': 'nosniff',
    'content-security-policy': expect.stringContaining('sandbox'),
  });

  const stranger = await open();
  const asked = await rig.call('GET', `/w/v1/files/${attachment.fileId}`, { token: stranger.token });
  expect(await refusal(asked)).toMatchObject({ status: 404, kind: 'not_found' });
  const borrowed = await send(stranger.token, { clientId: crypto.randomUUID(), text: '', attachments: [uploadId] });
  expect(await refusal(borrowed)).toMatchObject({ status: 400, reason: 'upload-unknown' });

  // An agent's file belongs to whoever it was sent to.
  const page = await client.upload(new Blob(['<script>']), 'trang.html');
  const html = await rig.call('GET', `/w/v1/files/${page.attachment.fileId}`, { token });
  expect(html.headers.get('content-disposition')).toBe('attachment');
});

test('uploads: too large, no form, a broken form, switched off', async () => {
  const { token } = await open();
  const upload = async (body: unknown, headers: Record<string, string> = {}) =>
    await refusal(await rig.call('POST', '/w/v1/uploads', { body, token, headers }));
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(10 * 1024 * 1024 + 1)]), 'big.bin');
  expect(await upload(form)).toMatchObject({ status: 413, kind: 'too_large', reason: 'file-too-large' });
  expect(await upload({ file: 'x' })).toMatchObject({ status: 415, kind: 'unsupported' });
  const multipart = { 'content-type': 'multipart/form-data; boundary=b' };
  expect(
    (await upload('--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nhalf', multipart)).status,
  ).toBe(400);
  expect((await upload('nothing of the kind', multipart)).status).toBe(400);
  expect((await upload('x', { 'content-type': 'multipart/form-data' })).status).toBeLessThan(500);
  rig.store.channels.update(rig.channel.channelId, { mayUpload: false });
  expect(await upload(form)).toMatchObject({ status: 403, reason: 'uploads-off' });
});

test('the offline form starts a conversation with an address; programs that fill its hidden field start none', async () => {
  const { token } = await open();
  const leave = (body: object) =>
    rig.call('POST', '/w/v1/offline', { body: { clientId: crypto.randomUUID(), ...body }, token });
  expect((await leave({ name: 'Hà', email: 'ha@example.com', text: 'gọi lại giúp em' })).status).toBe(202);
  expect(rig.host.received[0]).toMatchObject({
    text: 'gọi lại giúp em',
    customer: { profile: { name: 'Hà', email: 'ha@example.com' } },
  });
  expect((await leave({ name: 'Bot', email: 'b@example.com', text: 'spam', website: 'http://spam' })).status).toBe(202);
  expect(rig.host.received).toHaveLength(1);
  expect(await refusal(await leave({ name: 'Hà', text: 'x' }))).toMatchObject({
    status: 400,
    reason: 'contact-missing',
  });
});

test('limits hold a visitor and an address back, say for how long, and can be lifted', async () => {
  const bucket = { burst: 2, perMinute: 1 };
  const wide = { burst: 100, perMinute: 100 };
  const rateLimits = {
    sessionsPerAddress: { burst: 3, perMinute: 1 },
    requestsPerAddress: wide,
    messagesPerVisitor: bucket,
    uploadsPerVisitor: bucket,
  };
  rig.store.channels.update(rig.channel.channelId, { rateLimits });
  const [one, two] = [await open(), await open()];
  const write = (token: string) => send(token, { clientId: crypto.randomUUID(), text: 'x' });
  expect([(await write(one.token)).status, (await write(one.token)).status]).toEqual([201, 201]);
  const held = await write(one.token);
  expect(Number(held.headers.get('retry-after'))).toBeGreaterThan(1);
  expect(await refusal(held)).toEqual({ status: 429, kind: 'rate_limited', reason: 'too-fast' });
  expect((await write(two.token)).status).toBe(201);
  await open();
  expect((await rig.openSession()).status).toBe(429);
  rig.store.channels.update(rig.channel.channelId, { rateLimits: null });
  expect((await write(one.token)).status).toBe(201);
  expect((await rig.openSession()).status).toBe(200);
});

test('sockets: no token, a wrong origin, and nonsense are refused; nothing falls over', async () => {
  const { token } = await open();
  const connect = async (options: Parameters<typeof io>[1]) => {
    const socket = io(`${rig.url}/widget`, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      ...options,
    });
    sockets.push(socket);
    const error = await new Promise<(Error & { data?: ErrorBody }) | null>((resolve) => {
      socket.on('connect', () => resolve(null));
      socket.on('connect_error', resolve);
    });
    return { socket, kind: error?.data?.kind ?? null };
  };
  expect((await connect({})).kind).toBe('unauthenticated');
  expect((await connect({ auth: { token: { $ne: 1 } } })).kind).toBe('unauthenticated');
  const evil = { auth: { token }, extraHeaders: { origin: 'https://evil.example' } };
  expect((await connect(evil)).kind).toBe('forbidden');
  const { socket, kind } = await connect({ auth: { token }, extraHeaders: { origin: SHOP_ORIGIN } });
  expect(kind).toBeNull();
  for (const nonsense of [
    null,
    1,
    'x',
    [],
    {},
    { afterSeq: -1 },
    { afterSeq: '1' },
    { upTo: 1e99 },
    { isTyping: 'no' },
  ]) {
    for (const name of ['resume', 'typing', 'received', 'read', '__proto__']) socket.emit(name, nonsense);
    const answer = (await socket.emitWithAck('resume', nonsense)) as { ok: boolean };
    expect(answer.ok).toBe(false);
  }
  socket.emit('resume');
  expect(await socket.emitWithAck('resume', { afterSeq: 0 })).toMatchObject({ ok: true });
});

test('what does not exist is said so', async () => {
  for (const [method, pathname] of [
    ['GET', '/w/v1/nothing'],
    ['GET', '/w/v1/frame'],
    ['GET', '/w/v1/frame?key=%00'],
    ['GET', '/w/v1/assets/..%2f..%2fpackage.json'],
    ['GET', '/w/v1/assets/missing-1.js'],
    ['GET', '/widget.js'],
    ['DELETE', '/w/v1/messages'],
    ['POST', '/w/v1/unknown-key/session'],
  ] as const) {
    const response = await rig.call(method, pathname, method === 'POST' ? { body: {} } : {});
    expect([pathname, response.status]).toEqual([pathname, 404]);
  }
});
