import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRelayDatabase } from '../event-log/open-relay-database.ts';
import { createSystemClock, createSystemRandom } from '../system-clock.ts';
import { type FileStore, createFileStore } from './file-store.ts';

const CONTENT = Buffer.from('Hoá đơn số 12');
const FILE_ID = createHash('sha256').update(CONTENT).digest('hex');

let folder: string;
let database: Database;
let files: FileStore;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'liendesk-lost-file-'));
  database = openRelayDatabase(path.join(folder, 'relay.db'));
  files = createFileStore({
    ...{ folder: path.join(folder, 'files'), database, limits: { maxBytes: 1000 } },
    ...{ clock: createSystemClock(), random: createSystemRandom() },
  });
});

afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

async function* content(): AsyncGenerator<Uint8Array> {
  yield CONTENT;
}

const lose = () => rmSync(path.join(folder, 'files', FILE_ID.slice(0, 2), FILE_ID));

async function read(): Promise<string | null> {
  const file = await files.read(FILE_ID);
  return file === null ? null : Buffer.concat(await file.content.toArray()).toString();
}

test('SYNC-A1 a file that the disk lost is there again when a customer sends it again', async () => {
  await files.store('a.txt', content());
  lose();
  await files.store('b.txt', content());
  expect(await read()).toBe(CONTENT.toString());
});

test('SYNC-A1 and when its agent uploads it again, who is told that it is not there', async () => {
  const step = { fileId: FILE_ID, agentId: 'hoa', size: CONTENT.length, offset: 0, name: 'a.txt' };
  await files.upload({ ...step, content: content() });
  lose();
  expect(await files.uploadState(FILE_ID, 'hoa')).toEqual({ offset: 0, file: null });
  await files.upload({ ...step, content: content() });
  expect(await read()).toBe(CONTENT.toString());
});
