import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../tests/fakes/manual-clock.ts';
import { openRelayDatabase } from './event-log/open-relay-database.ts';
import { openSqliteEventLog } from './event-log/sqlite-event-log.ts';
import { createFileStore } from './files/file-store.ts';
import { keepHouse } from './housekeeping.ts';
import { createSystemRandom } from './system-clock.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'liendesk-housekeeping-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a file stays as long as a message that waits to reach the log has it', async () => {
  const database = openRelayDatabase(path.join(folder, 'relay.db'));
  const clock = new ManualClock();
  const random = createSystemRandom();
  const files = createFileStore({
    ...{ folder: path.join(folder, 'files'), database, limits: { maxBytes: 1000 } },
    ...{ clock, random },
  });
  const logger = { info: () => {}, error: () => {}, fatal: () => {} };
  const eventLog = openSqliteEventLog({
    ...{ database, clock, random, logger },
    plan: (_kind, message) => [message],
    hasFile: () => true,
  });
  const store = async (text: string) => (await files.store('a.txt', Readable.from([Buffer.from(text)]))).fileId;
  const [waiting, unused] = [await store('waiting'), await store('unused')];
  const pending = new Set([waiting]);
  const channels = new Map([
    ['web-chat', { awaitsFile: (fileId: string) => pending.has(fileId) }],
    ['mail', {}],
  ]);
  const parts = { eventLog, auth: { sweep: () => {} }, channels, files, clock, logger };
  clock.advance(2 * DAY_MS);
  await keepHouse(parts);
  expect([files.has(waiting), files.has(unused)]).toEqual([true, false]);
  pending.clear();
  await keepHouse(parts);
  expect(files.has(waiting)).toBe(false);
  await eventLog.close();
  database.close();
});
