import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listAdminRoutes } from '../../shared/admin-api/admin-routes.ts';
import { cannedReplyRowSchema, customerRowSchema } from '../../shared/admin-api/import-rows.ts';
import type { RootRow } from '../../shared/domain/subject/subject-kind.ts';
import { TEST_ADMIN_TOKEN, type TestRelay, startRelay } from '../../tests/fakes/start-relay.ts';

const hostileFolder = path.resolve(import.meta.dirname, '../../../shared/data');
const authRoutes = ['sign-in', 'refresh', 'accept-invitation', 'reset-password'].map((name) => `/auth/${name}`);

let relay: TestRelay;

beforeEach(async () => {
  relay = await startRelay();
});
afterEach(() => relay.stop());

async function send(
  method: string,
  route: string,
  body: Uint8Array<ArrayBuffer> | string,
): Promise<{ status: number; text: string }> {
  const response = await fetch(`${relay.url}/api/v1${route}`, {
    method,
    headers: { authorization: `Bearer ${TEST_ADMIN_TOKEN}`, 'content-type': 'application/json' },
    body,
  });
  return { status: response.status, text: await response.text() };
}

test('hostile JSON is refused clearly by every call that takes a body', async (context) => {
  const folder = path.join(hostileFolder, 'hostile-json');
  if (!existsSync(folder)) context.skip('the hostile JSON samples are not here');
  const calls = [
    ...authRoutes.map((route) => ['POST', route] as const),
    ...listAdminRoutes()
      // These take an empty body, and do what they do.
      .filter(({ method, name }) => method !== 'GET' && method !== 'DELETE' && name !== 'backup.create')
      .map(({ method, path: route }) => [method, route.replace(/:\w+/g, 'nobody')] as const),
  ];
  const files = readdirSync(folder).filter((one) => one.endsWith('.json'));
  for (const [number, name] of files.entries()) {
    const body = new Uint8Array(readFileSync(path.join(folder, name)));
    // Each sample meets two of the calls, each call dozens of the samples.
    const chosen = calls.filter((_call, index) => (index + number) % 12 === 0);
    const answers = await Promise.all(chosen.map(([method, route]) => send(method, route, body)));
    for (const [index, { status, text }] of answers.entries()) {
      expect([name, chosen[index], status >= 400 && status < 500]).toEqual([name, chosen[index], true]);
      expect(JSON.parse(text)).toMatchObject({ origin: 'relay', retryable: expect.any(Boolean) });
    }
  }
});

test('hostile strings become harmless names or are refused', async (context) => {
  const file = path.join(hostileFolder, 'hostile-naughty-strings', 'blns.json');
  if (!existsSync(file)) context.skip('the naughty strings are not here');
  const strings = [...(JSON.parse(readFileSync(file, 'utf8')) as string[]), '\u202eevil\u0000\u0007', '\ud800'];
  const requests = strings.flatMap((text, index): [string, object][] => {
    if (index % 5 > 0) return [];
    return [
      ['/queues', { id: `queue-${index}`, name: text }],
      ['/agents', { id: `agent-${index}`, name: text, email: `a${index}@example.org` }],
      ['/auth/sign-in', { email: text, password: text, deviceId: text, deviceName: text }],
    ];
  });
  // Imports take many at once; one that does not fit would only prevent the others.
  const customers = strings
    .map((text, index) => ({ id: `c-${index}`, externalId: text.slice(0, 200), name: text.slice(0, 60), note: text }))
    .filter((row) => customerRowSchema.safeParse(row).success);
  const cannedReplies = strings
    .map((text, index) => ({ shortcut: `s-${index}`, title: text, texts: { vi: text } }))
    .filter((row) => cannedReplyRowSchema.safeParse(row).success);
  expect((await send('POST', '/customers/import', JSON.stringify({ customers: distinct(customers) }))).status).toBe(
    200,
  );
  expect((await send('POST', '/canned-replies/import', JSON.stringify({ cannedReplies }))).status).toBe(200);
  for (const [route, body] of requests) {
    const { status } = await send('POST', route, JSON.stringify(body));
    expect([route, body, status === 200 || (status >= 400 && status < 500)]).toEqual([route, body, true]);
  }
  const rows = (
    await Promise.all(['queue', 'agent', 'customer', 'canned-reply'].map((kind) => relay.eventLog.listRoots(kind)))
  ).flat();
  expect(rows.length).toBeGreaterThan(700);
  for (const row of rows as (RootRow & { name?: string | null; title?: string })[]) {
    const shown = row.title ?? row.name ?? '';
    expect(shown).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    expect(shown.isWellFormed()).toBe(true);
  }
});

function distinct<Row extends { externalId: string }>(rows: Row[]): Row[] {
  return [...new Map(rows.map((row) => [row.externalId, row])).values()];
}
