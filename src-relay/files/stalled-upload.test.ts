import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { type ClientRequest, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from 'better-sqlite3';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRelayDatabase } from '../event-log/open-relay-database.ts';
import { createSystemClock, createSystemRandom } from '../system-clock.ts';
import { registerFileRoutes } from './file-routes.ts';
import { createFileStore } from './file-store.ts';

const CONTENT = Buffer.from('Hoá đơn số 12, gửi lại lần hai');
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

let folder: string;
let database: Database;
let app: FastifyInstance;
let url: string;
let silent: ClientRequest;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'liendesk-stalled-'));
  database = openRelayDatabase(path.join(folder, 'relay.db'));
  const files = createFileStore({
    ...{ folder: path.join(folder, 'files'), database, limits: { maxBytes: 1000 } },
    ...{ clock: createSystemClock(), random: createSystemRandom() },
  });
  app = Fastify({ forceCloseConnections: true });
  registerFileRoutes(app, {
    files,
    mayRead: () => false,
    verifyAccessToken: async () => ({ agentId: 'hoa' }),
    silenceMs: 200,
  });
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  silent.destroy();
  await app.close();
  database.close();
  rmSync(folder, { recursive: true });
});

const address = () => `${url}/files/uploads/${SHA256}?size=${CONTENT.length}`;

async function goOn(): Promise<{ status: number; reason: string | undefined }> {
  const state = await fetch(address(), { method: 'HEAD', headers: { authorization: 'Bearer t' } });
  const offset = Number(state.headers.get('upload-offset'));
  const response = await fetch(address(), {
    method: 'PUT',
    headers: { authorization: 'Bearer t', 'upload-offset': String(offset), 'content-type': 'application/octet-stream' },
    body: CONTENT.subarray(offset),
  });
  const body = (await response.json()) as { reason?: string };
  return { status: response.status, reason: body.reason };
}

test('an upload whose line went silent does not keep the next try out for ever', async () => {
  silent = httpRequest(address(), {
    method: 'PUT',
    headers: {
      authorization: 'Bearer t',
      'content-length': CONTENT.length,
      'content-type': 'application/octet-stream',
    },
  });
  silent.on('error', () => {});
  silent.write(CONTENT.subarray(0, 10));
  // The laptop sleeps: nothing more comes, and nobody says that the connection is over.
  let answer = await goOn();
  // Where the silent one ends between asking and sending, there is more than was said: asked again, as a console does.
  while (answer.reason === 'upload-busy' || answer.reason === 'upload-offset-mismatch') {
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
    answer = await goOn();
  }
  expect(answer).toEqual({ status: 200, reason: undefined });
});
