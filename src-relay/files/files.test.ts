import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from 'better-sqlite3';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Attachment } from '../../shared/domain/conversation/message.ts';
import { AppError } from '../../shared/errors.ts';
import { ManualClock } from '../../tests/fakes/manual-clock.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { openRelayDatabase } from '../event-log/open-relay-database.ts';
import { openSqliteEventLog } from '../event-log/sqlite-event-log.ts';
import { createSystemRandom } from '../system-clock.ts';
import { createFileRights } from './file-rights.ts';
import { registerFileRoutes } from './file-routes.ts';
import { type FileStore, createFileStore } from './file-store.ts';

const LIMIT = 200_000;
const DAY = 24 * 60 * 60 * 1000;
const PNG = Buffer.concat([
  Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154', 'hex'),
  randomBytes(1000),
]);

let folder: string;
let database: Database;
let eventLog: EventLog;
let files: FileStore;
let clock: ManualClock;
let app: FastifyInstance;
let url: string;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'liendesk-files-'));
  database = openRelayDatabase(path.join(folder, 'relay.db'));
  clock = new ManualClock(Date.now());
  const random = createSystemRandom();
  files = createFileStore({ folder: path.join(folder, 'files'), database, clock, random, limits: { maxBytes: LIMIT } });
  const rights = createFileRights({ files, eventLog: () => eventLog });
  eventLog = openSqliteEventLog({
    database,
    clock,
    random,
    plan: (_kind, message) => [message],
    hasFile: rights.mayAttach,
    logger: { error: () => {}, fatal: () => {} },
  });
  for (const [id, queueIds] of [
    ['hoa', ['sales']],
    ['lan', ['sales']],
    ['nam', ['repairs']],
  ] as const) {
    const fields = {
      name: id,
      email: `${id}@example.test`,
      role: 'agent',
      queueIds,
      languages: ['vi'],
      isActive: true,
    };
    await submit('agent.put', { id, fields });
  }
  const queue = { name: 'Sales', reopenDays: 7, keepAssigneeOnReopen: true, escalationQueueId: null };
  await submit('queue.put', { id: 'sales', fields: queue });
  const channel = { kind: 'web-chat', name: 'Shop', queueId: 'sales', maxTextLength: 4000 };
  await submit('channel.put', { id: 'shop', fields: channel });

  app = Fastify({ forceCloseConnections: true });
  registerFileRoutes(app, {
    files,
    mayRead: rights.mayRead,
    verifyAccessToken: async (token) => {
      if (!['hoa', 'lan', 'nam'].includes(token)) throw new AppError('unauthenticated', 'No.');
      return { agentId: token };
    },
  });
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  await app.close();
  await eventLog.close();
  database.close();
  rmSync(folder, { recursive: true });
});

let made = 0;
function uuid(): string {
  made += 1;
  return `018f3f2e-0000-7000-8000-${String(made).padStart(12, '0')}`;
}

async function submit(
  type: string,
  args: unknown,
  by: { kind: 'system'; name: string } | { kind: 'agent'; agentId: string } = { kind: 'system', name: 'admin' },
  base?: unknown,
) {
  return eventLog.submit({
    command: { id: uuid(), type, v: 1, args, ...(base === undefined ? {} : { base }) },
    by,
    isDelayed: false,
  });
}

async function receiveWith(attachments: Attachment[]): Promise<string> {
  const newConversationId = uuid();
  const result = await submit('message.receive', {
    channelId: 'shop',
    customer: { id: 'c1', identity: { channelId: 'shop', externalId: 'v1', isVerified: false }, profile: {} },
    conversationId: null,
    newConversationId,
    messageId: uuid(),
    text: 'Xem ảnh này',
    attachments,
    writtenAt: clock.now(),
    answers: [],
    language: null,
  });
  expect(result).toMatchObject({ ok: true });
  return newConversationId;
}

const shaOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
async function* once(content: Buffer): AsyncGenerator<Uint8Array> {
  yield content;
}

async function put(
  content: Buffer,
  options: { as?: string; sha256?: string; size?: number; offset?: number; name?: string } = {},
) {
  const { as = 'hoa', sha256 = shaOf(content), size = content.length, offset = 0, name = '' } = options;
  const response = await fetch(`${url}/files/uploads/${sha256}?size=${size}&name=${encodeURIComponent(name)}`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${as}`,
      'upload-offset': String(offset),
      'content-type': 'application/octet-stream',
    },
    body: new Uint8Array(content),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

async function head(sha256: string, as = 'hoa') {
  const response = await fetch(`${url}/files/uploads/${sha256}`, {
    method: 'HEAD',
    headers: { authorization: `Bearer ${as}` },
  });
  return [response.headers.get('upload-offset'), response.headers.get('upload-complete')];
}

function get(fileId: string, as: string, headers: Record<string, string> = {}, query = ''): Promise<Response> {
  return fetch(`${url}/files/${fileId}${query}`, { headers: { authorization: `Bearer ${as}`, ...headers } });
}

const partsLeft = (): number => readdirSync(path.join(folder, 'files', 'uploads')).length;

describe('uploads', () => {
  test('SYNC-A1 go through in one piece, and the answer tells what the content is', async () => {
    const answer = await put(PNG);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ fileId: shaOf(PNG), size: PNG.length, mediaType: 'image/png' });
    expect(await head(shaOf(PNG))).toEqual([String(PNG.length), '?1']);
    expect(partsLeft()).toBe(0);
  });

  test('SYNC-A1 cut at random offsets are resumed where the relay says, and arrive whole', async () => {
    const content = Buffer.concat([PNG, randomBytes(150_000)]);
    const sha256 = shaOf(content);
    for (let cut = 0; cut < 8; cut += 1) {
      const offset = Number((await head(sha256))[0]);
      const sent = 1 + Math.floor(Math.random() * 15_000);
      await sendAndCut(sha256, content, offset, sent);
      const [after, isComplete] = await settledHead(sha256, offset);
      expect(isComplete).toBe('?0');
      expect(Number(after)).toBeLessThanOrEqual(offset + sent);
    }
    const offset = Number((await head(sha256))[0]);
    expect(offset).toBeGreaterThan(0);
    const answer = await put(content.subarray(offset), { sha256, size: content.length, offset });
    expect(answer.status).toBe(200);
    expect(Buffer.from(await (await get(sha256, 'hoa')).arrayBuffer()).equals(content)).toBe(true);
  });

  test('SYNC-A1 at a wrong offset are told the right one', async () => {
    const sha256 = shaOf(PNG);
    const first = await put(PNG.subarray(0, 100), { sha256, size: PNG.length });
    expect([first.status, first.headers.get('upload-offset')]).toEqual([202, '100']);
    const wrong = await put(PNG.subarray(0, 50), { sha256, size: PNG.length, offset: 0 });
    expect(wrong.status).toBe(409);
    expect(wrong.body).toMatchObject({ kind: 'conflict', reason: 'upload-offset-mismatch', params: { offset: 100 } });
  });

  test('SYNC-A1 with a wrong hash are refused and start over', async () => {
    const answer = await put(PNG, { sha256: shaOf(Buffer.from('another')) });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ kind: 'invalid', reason: 'file-hash-mismatch' });
    expect(await head(shaOf(Buffer.from('another')))).toEqual(['0', '?0']);
    expect(partsLeft()).toBe(0);
  });

  test('that are too large are refused by what is announced and by what arrives', async () => {
    const announced = await put(PNG, { size: LIMIT + 1 });
    expect([announced.status, announced.body.reason]).toEqual([413, 'file-too-large']);
    const body = randomBytes(LIMIT + 2);
    const arrived = await put(body, { size: 10 });
    expect(arrived.status).toBeGreaterThanOrEqual(400);
    expect(files.has(shaOf(body))).toBe(false);
    const longer = await put(PNG, { size: 10 });
    expect([longer.status, longer.body.reason]).toEqual([400, 'upload-longer-than-size']);
    expect(await head(shaOf(PNG))).toEqual(['0', '?0']);
  });

  test.each([
    ['an SVG', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
    ['an SVG behind an XML line', '<?xml version="1.0"?><svg/>'],
    ['a page', ' \n<!DOCTYPE html><script>alert(1)</script>'],
    ['a fragment of a page', '<script>alert(1)</script>'],
    ['a shell script', '#!/bin/sh\nrm -rf /'],
    ['a Windows program', 'MZ\u0090\u0000\u0003\u0000\u0000\u0000\u0004\u0000'],
    ['a Linux program', '\u007fELF\u0002\u0001\u0001\u0000\u0000\u0000\u0000'],
    ['bytes of no kind', '\u0001\u0002\u0003\u0004\u0005'],
  ])('refuse %s', async (_what, text) => {
    const content = Buffer.from(text, 'latin1');
    const answer = await put(content, { name: 'photo.png' });
    expect([answer.status, answer.body.reason]).toEqual([415, 'file-type-not-allowed']);
    expect(files.has(shaOf(content))).toBe(false);
    expect(partsLeft()).toBe(0);
  });

  test.each([
    ['Vietnamese text', Buffer.from('Đơn hàng số 12 của chị Hoa'), '', 'text/plain'],
    ['UTF-16 text of a spreadsheet', Buffer.from('\ufeffTên\tSố', 'utf16le'), '', 'text/plain'],
    ['a table', Buffer.from('a,b\n1,2\n'), 'orders.csv', 'text/csv'],
    ['a PDF', Buffer.from('%PDF-1.7\n%âãÏÓ\n'), '', 'application/pdf'],
    ['an empty file', Buffer.alloc(0), '', 'text/plain'],
  ])('take %s', async (_what, content, name, mediaType) => {
    expect((await put(content, { name })).body).toMatchObject({ mediaType });
  });

  test('need a token and a well-formed hash', async () => {
    expect((await put(PNG, { as: 'nobody' })).status).toBe(401);
    expect((await put(PNG, { sha256: '../../../../etc/passwd' })).status).toBeGreaterThanOrEqual(400);
    expect((await put(PNG, { sha256: 'A'.repeat(64) })).status).toBe(400);
  });

  test('of others are neither seen, continued nor spoilt', async () => {
    const sha256 = shaOf(PNG);
    await put(PNG.subarray(0, 100), { sha256, size: PNG.length, as: 'hoa' });
    expect(await head(sha256, 'nam')).toEqual(['0', '?0']);
    await put(Buffer.alloc(100), { sha256, size: PNG.length, as: 'nam' });
    expect((await put(PNG.subarray(100), { sha256, size: PNG.length, offset: 100 })).status).toBe(200);
    expect(await head(sha256, 'lan')).toEqual(['0', '?0']);
  });
});

describe('reading', () => {
  test('is for who uploaded it, until a message shows it to those who see the conversation', async () => {
    const { body } = await put(PNG);
    expect((await get(body.fileId, 'hoa')).status).toBe(200);
    expect((await get(body.fileId, 'lan')).status).toBe(404);
    await receiveWith([{ ...body, name: 'x.png' }]);
    expect((await get(body.fileId, 'lan')).status).toBe(200);
    expect((await get(body.fileId, 'nam')).status).toBe(404);
    await submit('agent.put', {
      id: 'lan',
      fields: { name: 'lan', email: 'lan@example.test', role: 'agent', queueIds: [], languages: [], isActive: true },
    });
    expect((await get(body.fileId, 'lan')).status).toBe(404);
    expect((await get(body.fileId, 'nobody')).status).toBe(401);
  });

  test('cannot be had by attaching a hash that one only knows', async () => {
    const secret = await files.store('secret.png', once(PNG));
    const conversationId = await receiveWith([]);
    const attach = (agentId: string) =>
      submit(
        'note.add',
        { conversationId, messageId: uuid(), text: 'x', attachments: [secret], mentions: [], writtenAt: 1 },
        { kind: 'agent', agentId },
      );
    expect(await attach('lan')).toMatchObject({ ok: false, error: { kind: 'blob_missing' } });
    expect((await get(secret.fileId, 'lan')).status).toBe(404);
    expect(await head(secret.fileId, 'lan')).toEqual(['0', '?0']);
    await put(PNG, { as: 'lan' });
    expect(await attach('lan')).toMatchObject({ ok: true });
  });

  test('sends headers under which nothing runs, and a name that tells the truth', async () => {
    const { body } = await put(Buffer.from('hello'));
    const response = await get(body.fileId, 'hoa', {}, `?name=${encodeURIComponent('hoá đơn\u202e"\r\n.bat')}`);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, no-cache',
      'content-disposition': `attachment; filename="ho_ __n_ .bat.txt"; filename*=UTF-8''ho%C3%A1%20%C4%91%C6%A1n%22%20.bat.txt`,
    });
    const image = await put(PNG);
    expect((await get(image.body.fileId, 'hoa')).headers.get('content-disposition')).toMatch(
      /^inline; filename="file.png"/,
    );
  });

  test('serves ranges, unchanged files without content, and refuses what lies beyond', async () => {
    const content = Buffer.from('0123456789');
    const { body } = await put(content);
    const range = async (value: string) => {
      const response = await get(body.fileId, 'hoa', { range: value });
      return [response.status, await response.text(), response.headers.get('content-range')];
    };
    expect(await range('bytes=2-4')).toEqual([206, '234', 'bytes 2-4/10']);
    expect(await range('bytes=7-')).toEqual([206, '789', 'bytes 7-9/10']);
    expect(await range('bytes=-3')).toEqual([206, '789', 'bytes 7-9/10']);
    expect(await range('bytes=0-100')).toEqual([206, '0123456789', 'bytes 0-9/10']);
    expect(await range('bytes=10-')).toEqual([416, '', 'bytes */10']);
    expect(await range('bytes=4-2')).toEqual([200, '0123456789', null]);
    expect(await range('bytes=0-1,3-4')).toEqual([200, '0123456789', null]);
    expect((await get(body.fileId, 'hoa', { 'if-none-match': `"${body.fileId}"` })).status).toBe(304);
  });
});

describe('a channel’s files', () => {
  test('are stored under a clean name that fits the content, the same content once', async () => {
    const first = await files.store('../..\\phiếu\u202e.exe', once(PNG));
    expect(first).toEqual({
      fileId: shaOf(PNG),
      size: PNG.length,
      mediaType: 'image/png',
      name: '.._.._phiếu.exe.png',
    });
    const second = await files.store('b.png', once(PNG));
    expect(second.fileId).toBe(first.fileId);
    const opened = await files.read(first.fileId);
    expect(Buffer.concat(await opened!.content.toArray()).equals(PNG)).toBe(true);
    expect(partsLeft()).toBe(0);
  });

  test('are limited and sniffed like any other', async () => {
    await expect(files.store('big.txt', once(Buffer.alloc(LIMIT + 1, 65)))).rejects.toMatchObject({
      kind: 'too_large',
    });
    await expect(files.store('x.png', once(Buffer.from('<svg/>')))).rejects.toMatchObject({ kind: 'unsupported' });
    expect(partsLeft()).toBe(0);
  });
});

test('sweep deletes what no message shows after a day, and nothing else', async () => {
  const shown = await files.store('a.png', once(PNG));
  await receiveWith([shown]);
  const unused = await files.store('b.txt', once(Buffer.from('nobody sent this')));
  await put(PNG.subarray(0, 10), { sha256: shaOf(PNG), size: PNG.length });
  const isLinked = (fileId: string): boolean => eventLog.listFileSubjects(fileId).length > 0;
  clock.advance(DAY - 1);
  expect(await files.sweep(isLinked)).toBe(0);
  const fresh = await files.store('c.txt', once(Buffer.from('just now')));
  clock.advance(DAY / 2);
  expect(await files.sweep(isLinked)).toBe(1);
  expect([files.has(shown.fileId), files.has(unused.fileId), files.has(fresh.fileId)]).toEqual([true, false, true]);
  expect(existsSync(path.join(folder, 'files', unused.fileId.slice(0, 2), unused.fileId))).toBe(false);
  expect(readFileSync(path.join(folder, 'files', shown.fileId.slice(0, 2), shown.fileId)).equals(PNG)).toBe(true);
  expect(partsLeft()).toBe(0);
});

/** Sends some bytes of an upload, waits until some of them have arrived, and breaks the connection. */
async function sendAndCut(sha256: string, content: Buffer, offset: number, sent: number): Promise<void> {
  const request = httpRequest(`${url}/files/uploads/${sha256}?size=${content.length}`, {
    method: 'PUT',
    headers: {
      authorization: 'Bearer hoa',
      'upload-offset': offset,
      'content-length': content.length - offset,
      'content-type': 'application/octet-stream',
    },
  });
  request.on('error', () => {});
  request.write(content.subarray(offset, offset + sent));
  while (Number((await head(sha256))[0]) === offset);
  request.destroy();
}

/** What the relay has once it noticed that the connection broke. */
async function settledHead(sha256: string, before: number): Promise<(string | null)[]> {
  for (;;) {
    const probe = await put(Buffer.alloc(0), { sha256, size: LIMIT, offset: before + 10 ** 7 });
    if (probe.body.reason === 'upload-offset-mismatch') return head(sha256);
  }
}
