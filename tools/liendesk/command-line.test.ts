import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listAdminRoutes } from '../../shared/admin-api/admin-routes.ts';
import { readRelayFile } from '../../src-relay/data-folder.ts';
import { TEST_ADMIN_TOKEN, type TestRelay, signIn, startRelay } from '../../tests/fakes/start-relay.ts';
import { makeSelfSignedCertificate } from '../../tests/fakes/self-signed-certificate.ts';
import { Program } from '../processes/program.ts';
import { runCommandLine } from './command-line.ts';
import { sendRequest } from './send-request.ts';

let folder: string;
let relay: TestRelay;

beforeAll(async () => {
  relay = await startRelay();
});

afterAll(() => relay.stop());

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'liendesk-cli-'));
  return () => rmSync(folder, { recursive: true, force: true });
});

async function run(
  args: string[],
  env: NodeJS.ProcessEnv = { LIENDESK_RELAY: relay.url, LIENDESK_TOKEN: TEST_ADMIN_TOKEN },
) {
  const out: string[] = [];
  const complaints: string[] = [];
  const code = await runCommandLine({
    args,
    env,
    workingFolder: folder,
    defaultDataDir: path.join(folder, 'default'),
    stdout: (text) => out.push(text),
    stderr: (text) => complaints.push(text),
  });
  return { code, out: out.join(''), complaints: complaints.join('') };
}

async function answerOf(args: string[]) {
  const { code, out, complaints } = await run([...args, '--json']);
  if (code !== 0) throw new Error(complaints);
  return JSON.parse(out);
}

function write(name: string, content: string | Buffer): string {
  writeFileSync(path.join(folder, name), content);
  return name;
}

describe('help', () => {
  test('names every verb, and every verb explains its flags', async () => {
    const { out, code } = await run(['--help']);
    expect(code).toBe(0);
    for (const { noun, verb } of listAdminRoutes()) {
      expect(out).toContain(`${noun} ${verb}`);
      const own = await run([noun, verb, '--help']);
      expect([own.code, own.out.split('\n')[0]]).toEqual([0, expect.stringContaining(`liendesk -- ${noun} ${verb}`)]);
    }
    expect((await run(['agent', 'add', '--help'])).out).toContain('--email TEXT');
    expect((await run(['backup', 'restore', '--help'])).out).toContain('backup restore FOLDER');
    expect((await run(['customer', 'import', '--help'])).out).toMatch(/--partial +imports the rows that fit/);
    expect((await run(['queue', '--help'])).out).not.toContain('agent add');
    expect((await run([])).out).toBe(out);
  });
});

describe('what is typed wrongly', () => {
  test.each([
    [['bird', 'add'], /there is no "bird"/],
    [['agent', 'fly'], /"agent" takes add, list/],
    [['queue', 'add'], /--name is missing/],
    [['queue', 'add', '--name', 'A', '--nmae', 'B'], /Unknown option '--nmae'/],
    [['queue', 'add', '--name', 'A', '--reopen-days', 'seven'], /--reopen-days takes a number/],
    [['queue', 'update', 'A'], /nothing to change/],
    [['queue', 'delete'], /--queue is missing/],
    [['queue', 'delete', 'A', 'B'], /"B" is one word too many/],
    [['channel', 'add', '--name', 'A', '--queue', 'B', '--texts', '{'], /--texts takes JSON/],
    [['customer', 'import'], /name the file/],
    [['backup', 'restore'], /name the backup/],
    [['agent', 'add', '--name', 'A', '--email', 'a@b', '--password-file', 'none.txt'], /none\.txt cannot be read/],
  ])('%j is said clearly, with exit code 2', async (args, message) => {
    const { code, complaints, out } = await run(args);
    expect([code, out]).toEqual([2, '']);
    expect(complaints).toMatch(message);
  });

  test('a refusal of the relay is exit code 1, as JSON where wanted', async () => {
    const refused = await run(['queue', 'delete', 'nothing', '--json']);
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.out)).toMatchObject({ error: { kind: 'not_found', reason: 'no-such-queue' } });
    expect(refused.complaints).toBe('liendesk: There is no queue "nothing".\n');
    const wrongToken = await run(['queue', 'list', '--token', 'x']);
    expect(wrongToken.code).toBe(1);
    const nobody = await run(['queue', 'list', '--relay', 'http://127.0.0.1:9']);
    expect([nobody.code, nobody.complaints]).toEqual([
      1,
      expect.stringMatching(/No relay answers at http:\/\/127\.0\.0\.1:9/),
    ]);
    const noToken = await run(['queue', 'list'], { LIENDESK_RELAY: relay.url });
    expect(noToken.complaints).toMatch(/--relay needs --token/);
  });
});

describe('administration', () => {
  test('works through: workspace, queues, agents, channel', async () => {
    await answerOf(['workspace', 'create', '--name', 'Mộc An']);
    await answerOf(['queue', 'add', '--id', 'complaints', '--name', 'Khiếu nại']);
    const queue = await answerOf([
      ...['queue', 'add', '--id', 'orders', '--name', 'Đơn hàng', '--reopen-days', '3'],
      ...['--no-keep-assignee-on-reopen', '--escalation-queue', 'Khiếu nại'],
    ]);
    expect(queue).toMatchObject({ reopenDays: 3, keepAssigneeOnReopen: false, escalationQueueId: 'complaints' });
    expect(await answerOf(['queue', 'update', 'orders', '--escalation-queue', 'none'])).toMatchObject({
      escalationQueueId: null,
    });

    write('password', 'mật khẩu của Lan\n');
    const { agent } = await answerOf([
      ...['agent', 'add', '--name', 'Lan', '--email', 'lan@example.org', '--role', 'admin'],
      ...['--queues', 'orders,complaints', '--languages', 'vi', '--languages', 'en', '--password-file', 'password'],
    ]);
    expect(agent).toMatchObject({ queueIds: ['orders', 'complaints'], languages: ['vi', 'en'], hasPassword: true });
    const session = await signIn(relay, { id: agent.id, email: 'lan@example.org', password: 'mật khẩu của Lan' });
    expect((await answerOf(['--token', session.accessToken, 'agent', 'list', '--all'])).agents).toHaveLength(1);
    expect(await answerOf(['agent', 'revoke', 'lan@example.org', '--session', session.sessionId])).toEqual({
      revoked: 1,
    });

    const { channel, embedCode } = await answerOf([
      ...['channel', 'add', '--name', 'Shop', '--queue', 'Đơn hàng', '--allowed-origins', 'https://shop.example'],
      ...['--rate-limits', 'none', '--texts', '{"vi":{"title":"Chào"},"en":{}}'],
    ]);
    expect(channel.settings).toMatchObject({
      allowedOrigins: ['https://shop.example'],
      rateLimits: null,
      texts: { vi: { title: 'Chào' } },
    });
    expect(embedCode).toContain(`data-widget-key="${channel.widgetKey}"`);
    const shown = await run(['queue', 'list']);
    expect(shown.out).toMatch(/^id +name +reopenDays/);
    expect(shown.out).toMatch(/^orders +Đơn hàng +3/m);
  });
});

describe('imports', () => {
  test('take CSV with a byte-order mark, semicolons and cells of several lines', async () => {
    write(
      'replies.csv',
      '\ufeff"shortcut";"title";"vi";"en"\r\nchao;Chào;"Dạ chào\r\nanh chị; em nghe";Hello\r\ncho;Chờ;Dạ chờ em chút;\r\n',
    );
    expect(await answerOf(['canned-reply', 'import', 'replies.csv'])).toEqual({ added: 2, updated: 0 });
    const { cannedReplies } = await answerOf(['canned-reply', 'list']);
    expect(cannedReplies).toContainEqual(
      expect.objectContaining({ shortcut: 'chao', texts: { vi: 'Dạ chào\nanh chị; em nghe', en: 'Hello' } }),
    );
    expect(cannedReplies).toContainEqual(expect.objectContaining({ shortcut: 'cho', texts: { vi: 'Dạ chờ em chút' } }));
  });

  test('take UTF-16 with tabs, and JSON with orders', async () => {
    write('customers.txt', Buffer.from('\ufeffid\tname\tsegments\nc-1\tTrần Thị Mai\tvip;sỉ\n', 'utf16le'));
    expect(await answerOf(['customer', 'import', '--file', 'customers.txt'])).toEqual({ added: 1, updated: 0 });
    const order = {
      number: 'A1',
      status: 'paid',
      total: 1,
      currency: 'VND',
      placedAt: 1,
      items: [],
      trackingUrl: null,
    };
    write(
      'customers.json',
      JSON.stringify([
        { id: 'c-1', orders: [order] },
        { id: 'c-2', name: 'Hùng' },
      ]),
    );
    expect(await answerOf(['customer', 'import', 'customers.json'])).toEqual({ added: 1, updated: 1 });
    const rows = await relay.eventLog.listRoots('customer');
    expect(rows).toContainEqual(
      expect.objectContaining({ id: 'c-1', name: 'Trần Thị Mai', segments: ['vip', 'sỉ'], orders: [order] }),
    );
  });

  test('go in several requests when they are large', async () => {
    const lines = Array.from({ length: 2500 }, (_unused, index) => `many-${index},Khách ${index}`);
    write('many.csv', `id,name\n${lines.join('\n')}\n`);
    expect(await answerOf(['customer', 'import', 'many.csv'])).toEqual({ added: 2500, updated: 0 });
  });

  test('say line and column of everything that is wrong, and import nothing', async () => {
    write('bad.csv', 'id,name,email\np-1,"two\nlines",a@b\np-2,x,no-mail\np 3,y,c@d\np-1,again,e@f\n');
    const { code, complaints } = await run(['customer', 'import', 'bad.csv']);
    expect(code).toBe(1);
    expect(complaints.split('\n')).toEqual([
      'bad.csv:4, column "email": not an e-mail address',
      'bad.csv:5, column "id": letters, digits and . _ @ + - only, 64 at most',
      'bad.csv:6: "p-1" comes a second time, after bad.csv:2',
      'liendesk: nothing was imported, because of 3 problems in bad.csv.',
      '',
    ]);
    expect((await relay.eventLog.listRoots('customer')).some(({ id }) => id.startsWith('p-'))).toBe(false);
    expect(await answerOf(['customer', 'import', 'bad.csv', '--partial'])).toEqual({
      added: 1,
      updated: 0,
      skipped: 3,
    });
  });

  test.each([
    ['a column that is not known', 'id,nmae\n1,x\n', /:1, unknown column "nmae"; known are id, externalId, name/],
    ['a column twice', 'id,name,name\n1,x,y\n', /the column "name" comes twice/],
    ['a row with too many cells', 'id,name\n1,x,y\n', /Invalid Record Length.*line 2/],
    ['a quote that never ends', 'id,name\n1,"x\n', /Quote Not Closed.*line 2/],
    ['no rows', 'id,name\n', /has no rows/],
    ['nothing', '', /has no rows/],
    ['another encoding', Buffer.from([0x69, 0x64, 0x0a, 0xe9, 0x0a]), /is not UTF-8/],
    ['JSON that is cut', '[{"id":"x"', /is not JSON/],
    ['JSON of another form', '{"id":"x"}', /must hold a list/],
    ['a JSON row without an id', '[{"name":"x"}]', /file, row 1: id or externalId is needed/],
    ['a JSON field that does not fit', '[{"id":"x","orders":[{"number":1}]}]', /row 1, field "orders.0.number"/],
  ])('refuse %s', async (_what, content, message) => {
    write('file', content);
    const { code, complaints } = await run(['customer', 'import', 'file']);
    expect(code).toBe(1);
    expect(complaints).toMatch(message);
  });
});

test('without a relay, one is started on the data folder for as long as the command takes', async () => {
  const dataDir = path.join(folder, 'data');
  const here = ['--data-dir', 'data'];
  const created = await run([...here, 'workspace', 'create', '--name', 'Mộc An'], process.env);
  expect([created.code, created.complaints]).toEqual([0, '']);
  expect(readRelayFile(dataDir)).toMatchObject({ url: null });
  const added = await run(
    [...here, 'agent', 'add', '--name', 'An', '--email', 'an@example.org', '--public-url', 'https://chat.example.org'],
    process.env,
  );
  expect(added.out).toMatch(/invitation\.url: https:\/\/chat\.example\.org\/account#invitation=/);

  const program = await Program.start({
    entry: 'src-relay/main.ts',
    args: ['--port', '0', '--data-dir', dataDir, '--log-level', 'error'],
    ready: /^Liendesk relay: (\S+)$/u,
    env: process.env,
  });
  expect((await run([...here, 'agent', 'list'], process.env)).out).toContain('an@example.org');
  const backup = await run([...here, 'backup', 'create', '--to', 'copy', '--json'], process.env);
  expect(JSON.parse(backup.out)).toMatchObject({ folder: path.join(folder, 'copy'), files: 0 });
  await program.kill();

  // What a killed relay left in relay.json is not believed.
  expect(readRelayFile(dataDir)?.url).toMatch(/^http/);
  expect((await run([...here, 'workspace', 'show'], process.env)).code).toBe(0);
  expect((await run(['backup', 'verify', 'copy'], process.env)).out).toContain('isWhole: true');
  const occupied = await run(['backup', 'restore', 'copy', ...here], process.env);
  expect([occupied.code, occupied.complaints]).toEqual([1, expect.stringMatching(/is not empty/)]);
  const restored = await run(['backup', 'restore', 'copy', '--data-dir', 'data2'], process.env);
  expect(restored.code).toBe(0);
  expect((await run(['agent', 'list', '--data-dir', 'data2'], process.env)).out).toContain('an@example.org');
  expect(readFileSync(path.join(folder, 'data2', 'signing.key'), 'utf8')).toBe(
    readFileSync(path.join(dataDir, 'signing.key'), 'utf8'),
  );
});

test('a relay with TLS is asked under its own certificate, and nobody else is', async () => {
  const { cert, key } = makeSelfSignedCertificate('chat.example.org', Date.now());
  const dataDir = path.join(folder, 'data');
  const program = await Program.start({
    entry: 'src-relay/main.ts',
    args: [
      ...['--port', '0', '--data-dir', dataDir, '--log-level', 'error', '--public-url', 'https://chat.example.org'],
      ...[
        '--tls-cert',
        path.join(folder, write('cert.pem', cert)),
        '--tls-key',
        path.join(folder, write('key.pem', key)),
      ],
    ],
    ready: /^Liendesk relay: (\S+)$/u,
    env: process.env,
  });
  try {
    const here = ['--data-dir', 'data'];
    expect(readRelayFile(dataDir)?.url).toMatch(/^https:\/\/127\.0\.0\.1:/);
    expect(await run([...here, 'workspace', 'create', '--name', 'Mộc An'], process.env)).toMatchObject({ code: 0 });
    // Somebody else who took the address must not be given the token.
    const { url } = readRelayFile(dataDir)!;
    const other = makeSelfSignedCertificate('chat.example.org', Date.now()).cert;
    const ask = (certificate: string) => sendRequest({ url: `${url}/healthz`, certificate });
    await expect(ask(cert)).resolves.toMatchObject({ status: 200 });
    await expect(ask(other)).rejects.toThrow();
    const untrusted = await run(['workspace', 'show', '--relay', url!, '--token', 'x'], process.env);
    expect([untrusted.code, untrusted.complaints]).toEqual([1, expect.stringMatching(/No relay answers/)]);
  } finally {
    await program.kill();
  }
});
