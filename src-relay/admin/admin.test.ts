import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TEST_ADMIN_TOKEN, type TestRelay, signIn, startRelay } from '../../tests/fakes/start-relay.ts';
import { listAdminRoutes } from '../../shared/admin-api/admin-routes.ts';

let relay: TestRelay;

beforeEach(async () => {
  relay = await startRelay();
});

afterEach(() => relay.stop());

async function call(
  method: string,
  path: string,
  body?: unknown,
  options: { token?: string | null; key?: string } = {},
) {
  const { token = TEST_ADMIN_TOKEN, key } = options;
  const response = await fetch(`${relay.url}/api/v1${path}`, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

const refusal = async (answer: Promise<{ status: number; body: { kind: string; reason?: string } }>) => {
  const { status, body } = await answer;
  return [status, body.kind, body.reason];
};

describe('who may', () => {
  test('is an administrator or the holder of the relay’s token, and nobody else', async () => {
    const admin = await signIn(relay, await relay.addAgent('an', { role: 'admin' }));
    const superior = await signIn(relay, await relay.addAgent('ha', { role: 'manager' }));
    expect((await call('GET', '/queues')).status).toBe(200);
    expect((await call('GET', '/queues', undefined, { token: admin.accessToken })).status).toBe(200);
    expect(await refusal(call('GET', '/queues', undefined, { token: superior.accessToken }))).toEqual([
      403,
      'forbidden',
      'admin-only',
    ]);
    expect((await call('GET', '/queues', undefined, { token: null })).status).toBe(401);
    expect((await call('GET', '/queues', undefined, { token: `${TEST_ADMIN_TOKEN}x` })).status).toBe(401);
  });

  test('holds for every endpoint', async () => {
    const routes = listAdminRoutes();
    expect(routes.length).toBeGreaterThan(20);
    for (const route of routes) {
      const path = route.path.replace(/:\w+/g, 'x');
      const body = route.method === 'POST' || route.method === 'PATCH' ? {} : undefined;
      expect(await refusal(call(route.method, path, body, { token: 'nobody' })), route.name).toEqual([
        401,
        'unauthenticated',
        'access-token-invalid',
      ]);
    }
  });

  test('what an administrator does is in the log under their name', async () => {
    const admin = await signIn(relay, await relay.addAgent('an', { role: 'admin' }));
    await call('POST', '/queues', { name: 'Mua hàng' }, { token: admin.accessToken });
    const events = await relay.eventLog.readEvents(0, 100);
    expect(events.at(-1)).toMatchObject({ actor: 'agent:an' });
  });
});

describe('workspace', () => {
  test('is created once, shown and changed', async () => {
    expect(await refusal(call('GET', '/workspace'))).toEqual([404, 'not_found', 'no-workspace']);
    const created = await call('POST', '/workspace', { name: 'Mộc An' });
    expect(created.body).toEqual({ name: 'Mộc An', language: 'vi', timeZone: 'Asia/Ho_Chi_Minh' });
    expect((await call('POST', '/workspace', { name: 'Mộc An' })).status).toBe(200);
    expect(await refusal(call('POST', '/workspace', { name: 'Another' }))).toEqual([
      409,
      'conflict',
      'workspace-exists',
    ]);
    expect((await call('PATCH', '/workspace', { language: 'en' })).body).toEqual({ ...created.body, language: 'en' });
    expect(await refusal(call('PATCH', '/workspace', { timeZone: 'Mars/Olympus' }))).toEqual([
      400,
      'invalid',
      'time-zone-unknown',
    ]);
  });
});

describe('agents', () => {
  const hoa = { name: 'Hoa', email: 'hoa@example.org', role: 'admin' };

  test('are added with an invitation, by which they get in', async () => {
    const { body } = await call('POST', '/agents', hoa);
    expect(body.agent).toMatchObject({ name: 'Hoa', role: 'admin', queueIds: [], isActive: true, hasPassword: false });
    const token = /^http:\/\/127\.0\.0\.1:\d+\/account#invitation=(.+)$/.exec(body.invitation.url)![1];
    const accepted = await fetch(`${relay.url}/api/v1/auth/accept-invitation`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, password: 'mật khẩu của Hoa' }),
    });
    expect(accepted.status).toBe(200);
    await signIn(relay, { id: 'x', email: 'hoa@example.org', password: 'mật khẩu của Hoa' });
    expect((await call('GET', '/agents')).body.agents).toEqual([expect.objectContaining({ hasPassword: true })]);
    expect((await call('GET', '/agents/hoa@example.org/sessions')).body.sessions).toHaveLength(1);
    expect((await call('DELETE', '/agents/hoa@example.org/sessions')).body).toEqual({ revoked: 1 });
  });

  test('may be given a password at once', async () => {
    const { body } = await call('POST', '/agents', { ...hoa, password: 'a password of mine' });
    expect(body.invitation).toBeNull();
    await signIn(relay, { id: 'x', email: 'hoa@example.org', password: 'a password of mine' });
    expect((await call('POST', '/agents', { ...hoa, email: 'b@example.org', password: 'short' })).status).toBe(400);
  });

  test('a repeated request with the same key adds nobody twice', async () => {
    const first = await call('POST', '/agents', hoa, { key: 'k1' });
    const second = await call('POST', '/agents', hoa, { key: 'k1' });
    expect(second.body.agent.id).toBe(first.body.agent.id);
    expect((await call('GET', '/agents')).body.agents).toHaveLength(1);
    expect(await refusal(call('POST', '/agents', { ...hoa, email: 'b@example.org' }, { key: 'k1' }))).toEqual([
      409,
      'conflict',
      'id-taken',
    ]);
  });

  test('have an address of their own, and the last administrator stays', async () => {
    await call('POST', '/agents', hoa);
    expect(await refusal(call('POST', '/agents', { ...hoa, name: 'B', email: 'HOA@example.org' }))).toEqual([
      409,
      'conflict',
      'email-taken',
    ]);
    expect(await refusal(call('POST', '/agents/hoa@example.org/deactivate'))).toEqual([409, 'conflict', 'last-admin']);
    expect(await refusal(call('PATCH', '/agents/hoa@example.org', { role: 'agent' }))).toEqual([
      409,
      'conflict',
      'last-admin',
    ]);
    await call('POST', '/agents', { ...hoa, name: 'B', email: 'b@example.org' });
    expect((await call('POST', '/agents/hoa@example.org/deactivate')).body.isActive).toBe(false);
    expect((await call('GET', '/agents')).body.agents).toHaveLength(1);
    expect((await call('GET', '/agents?all=true')).body.agents).toHaveLength(2);
    await call('PATCH', '/agents/b@example.org', { email: 'hoa@example.org' });
    const former = (await call('GET', '/agents?all=true')).body.agents.find(
      (agent: { isActive: boolean }) => !agent.isActive,
    );
    expect(await refusal(call('PATCH', `/agents/${former.id}`, { isActive: true }))).toEqual([
      409,
      'conflict',
      'email-taken',
    ]);
  });

  test('belong to queues by id or name', async () => {
    await call('POST', '/queues', { id: 'q1', name: 'Đơn hàng' });
    await call('POST', '/queues', { id: 'q2', name: 'Khiếu nại' });
    const { body } = await call('POST', '/agents', { ...hoa, queues: ['q1', 'khiếu nại', 'Đơn hàng'] });
    expect(body.agent.queueIds).toEqual(['q1', 'q2']);
    expect((await call('PATCH', '/agents/hoa@example.org', { queues: ['q2'] })).body.queueIds).toEqual(['q2']);
    expect(await refusal(call('PATCH', '/agents/hoa@example.org', { queues: ['none'] }))).toEqual([
      404,
      'not_found',
      'no-such-queue',
    ]);
  });
});

describe('queues', () => {
  test('are added, changed, and deleted only when nothing needs them', async () => {
    await call('POST', '/queues', { id: 'q1', name: 'Orders' });
    await call('POST', '/queues', { id: 'q2', name: 'Complaints' });
    expect((await call('PATCH', '/queues/Orders', { reopenDays: 30, escalationQueue: 'Complaints' })).body).toEqual({
      id: 'q1',
      name: 'Orders',
      reopenDays: 30,
      keepAssigneeOnReopen: true,
      escalationQueueId: 'q2',
    });
    expect(await refusal(call('DELETE', '/queues/q2'))).toEqual([409, 'conflict', 'queue-in-use']);
    expect(await refusal(call('PATCH', '/queues/q2', { escalationQueue: 'q2' }))).toEqual([
      400,
      'invalid',
      'escalates-to-itself',
    ]);
    expect(await refusal(call('POST', '/queues', { name: 'orders' }))).toEqual([409, 'conflict', 'name-taken']);
    await call('PATCH', '/queues/q1', { escalationQueue: null });
    expect((await call('DELETE', '/queues/q2')).status).toBe(200);
    expect((await call('GET', '/queues')).body.queues.map((queue: { id: string }) => queue.id)).toEqual(['q1']);
  });

  test.each([
    [{}, 'name'],
    [{ name: 'x', reopenDays: -1 }, 'reopenDays'],
    [{ name: 'x', reopenDay: 3 }, ''],
    [{ name: 'x'.repeat(81) }, 'name'],
  ])('refuse %j', async (body, field) => {
    const answer = await call('POST', '/queues', body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ kind: 'invalid', reason: 'malformed-request', params: { field } });
  });
});

describe('channels', () => {
  beforeEach(async () => {
    await call('POST', '/queues', { id: 'q1', name: 'Orders' });
  });

  test('serve a widget from the moment they are added until they are deleted', async () => {
    const { body } = await call('POST', '/channels', {
      id: 'shop',
      name: 'Shop',
      queue: 'Orders',
      allowedOrigins: ['https://shop.example'],
    });
    expect(body.channel).toMatchObject({
      id: 'shop',
      kind: 'web-chat',
      queueId: 'q1',
      settings: { allowedOrigins: ['https://shop.example'], mayUpload: true },
    });
    expect(body.embedCode).toContain(body.channel.widgetKey);
    const list = await call('GET', '/channels');
    expect(JSON.stringify(list.body)).not.toContain(body.identitySecret);
    expect((await call('DELETE', '/channels/Shop')).status).toBe(200);
    expect((await call('GET', '/channels')).body.channels).toEqual([]);
  });

  test('keep what an update does not name', async () => {
    const added = await call('POST', '/channels', {
      id: 'shop',
      name: 'Shop',
      queue: 'q1',
      accentColor: '#112233',
      rateLimits: null,
    });
    const updated = await call('PATCH', '/channels/shop', { name: 'Cửa hàng', mayUpload: false });
    expect(updated.body.channel).toMatchObject({
      name: 'Cửa hàng',
      queueId: 'q1',
      settings: { accentColor: '#112233', rateLimits: null, mayUpload: false },
    });
    expect(updated.body.identitySecret).toBe(added.body.identitySecret);
    const rotated = await call('PATCH', '/channels/shop', { rotateIdentitySecret: true });
    expect(rotated.body.identitySecret).not.toBe(added.body.identitySecret);
    expect(rotated.body.channel.widgetKey).toBe(added.body.channel.widgetKey);
  });

  test.each([
    [{ allowedOrigins: ['shop.example'] }],
    [{ allowedOrigins: ['https://shop.example/path'] }],
    [{ accentColor: 'red; } body { display: none' }],
    [{ maxTextLength: 0 }],
  ])('refuse settings that make no sense: %j', async (settings) => {
    expect((await call('POST', '/channels', { name: 'Shop', queue: 'q1', ...settings })).status).toBe(400);
    expect((await call('GET', '/channels')).body.channels).toEqual([]);
  });
});

describe('imports', () => {
  test('canned replies are added once and replaced by shortcut', async () => {
    await call('POST', '/queues', { id: 'q1', name: 'Orders' });
    const first = await call('POST', '/canned-replies/import', {
      cannedReplies: [
        { shortcut: 'chao', title: 'Chào', texts: { vi: 'Dạ chào {{customer.name}}' } },
        { id: 'own-id', shortcut: 'cho', title: 'Chờ', texts: { en: 'One moment' }, queues: ['Orders'] },
      ],
    });
    expect(first.body).toEqual({ added: 2, updated: 0 });
    const second = await call('POST', '/canned-replies/import', {
      cannedReplies: [{ shortcut: 'chao', title: 'Chào khách', texts: { en: 'Hello' } }],
    });
    expect(second.body).toEqual({ added: 0, updated: 1 });
    const { cannedReplies } = (await call('GET', '/canned-replies')).body;
    expect(cannedReplies).toHaveLength(2);
    expect(cannedReplies).toContainEqual(
      expect.objectContaining({ title: 'Chào khách', texts: { vi: 'Dạ chào {{customer.name}}', en: 'Hello' } }),
    );
    expect(cannedReplies).toContainEqual(expect.objectContaining({ id: 'own-id', queueIds: ['q1'] }));
    expect((await call('DELETE', '/canned-replies/chao')).status).toBe(200);
    expect((await call('GET', '/canned-replies')).body.cannedReplies).toHaveLength(1);
  });

  test('one row that does not fit stops all of them', async () => {
    const rows = [
      { shortcut: 'a', title: 'A', texts: { vi: 'a' } },
      { shortcut: 'b c', title: 'B', texts: { vi: 'b' } },
    ];
    const wrong = await call('POST', '/canned-replies/import', { cannedReplies: rows });
    expect(wrong.body).toMatchObject({ kind: 'invalid', params: { field: 'cannedReplies.1.shortcut' } });
    expect(
      await refusal(
        call('POST', '/canned-replies/import', { cannedReplies: [rows[0], { ...rows[0], title: 'again' }] }),
      ),
    ).toEqual([400, 'invalid', 'row-twice']);
    expect(
      await refusal(
        call('POST', '/canned-replies/import', {
          cannedReplies: [rows[0], { ...rows[0], shortcut: 'c', queues: ['none'] }],
        }),
      ),
    ).toEqual([404, 'not_found', 'no-such-queue']);
    expect((await call('GET', '/canned-replies')).body.cannedReplies).toEqual([]);
  });

  test('customers are known again by their external id, with orders', async () => {
    const order = {
      number: 'A1',
      status: 'paid',
      total: 150000,
      currency: 'VND',
      placedAt: 1,
      items: [],
      trackingUrl: null,
    };
    const customers = [
      {
        externalId: 'shop-1',
        name: 'Trần Thị Mai\u202e',
        phone: '+84901230000',
        language: 'vi',
        orders: [order],
        segments: ['vip'],
      },
      { id: 'customer-02', name: 'Hùng' },
    ];
    expect((await call('POST', '/customers/import', { customers })).body).toEqual({ added: 2, updated: 0 });
    expect(
      (await call('POST', '/customers/import', { customers: [{ externalId: 'shop-1', email: 'mai@example.org' }] }))
        .body,
    ).toEqual({ added: 0, updated: 1 });
    const rows = await relay.eventLog.listRoots('customer');
    expect(rows).toHaveLength(2);
    expect(rows).toContainEqual(
      expect.objectContaining({ name: 'Trần Thị Mai', email: 'mai@example.org', orders: [order], segments: ['vip'] }),
    );
  });

  test('a customer imported under an id is the one whom the shop vouches for on the channel', async () => {
    await call('POST', '/queues', { id: 'q1', name: 'Orders' });
    await call('POST', '/channels', { id: 'shop', name: 'Shop', queue: 'q1' });
    const customers = [{ id: 'customer-01', externalId: 'shop-1', name: 'Mai' }];
    await call('POST', '/customers/import', { customers });
    // A later export of the shop names only its own id.
    await call('POST', '/customers/import', { customers: [{ externalId: 'shop-1', phone: '0901' }] });
    const rows = await relay.eventLog.listRoots('customer');
    expect(rows).toEqual([expect.objectContaining({ id: 'customer-01', name: 'Mai', phone: '0901' })]);
  });

  test('customers without any id, or with a wrong e-mail, are refused by row', async () => {
    const nobody = await call('POST', '/customers/import', { customers: [{ name: 'x' }] });
    expect(nobody.body).toMatchObject({ kind: 'invalid', params: { field: 'customers.0' } });
    const wrong = await call('POST', '/customers/import', { customers: [{ id: 'a' }, { id: 'b', email: 'no' }] });
    expect(wrong.body).toMatchObject({ kind: 'invalid', params: { field: 'customers.1.email' } });
  });
});

describe('the OpenAPI document', () => {
  test('names every endpoint that there is, with schemas', async () => {
    const response = await fetch(`${relay.url}/api/v1/openapi.json`);
    const document = (await response.json()) as {
      openapi: string;
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map((one) => one.operationId),
    );
    expect(operations.toSorted()).toEqual(
      listAdminRoutes()
        .map((route) => route.name)
        .toSorted(),
    );
    expect(document.paths['/api/v1/agents/{agent}']).toMatchObject({
      patch: {
        parameters: [{ name: 'agent', in: 'path', required: true }],
        requestBody: {
          content: {
            'application/json': {
              schema: { properties: { role: { enum: ['agent', 'specialist', 'manager', 'lead', 'admin'] } } },
            },
          },
        },
      },
    });
    expect(document.paths['/api/v1/agents']).toMatchObject({
      get: { parameters: [{ name: 'all', in: 'query', required: false }] },
      post: { requestBody: { content: { 'application/json': { schema: { required: ['name', 'email'] } } } } },
    });
  });
});
