import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRelayDatabase } from '../event-log/open-relay-database.ts';
import { createSystemClock, createSystemRandom } from '../system-clock.ts';
import { createFileStore } from './file-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'liendesk-sweep-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a sweep of very many files lets everything else have its turn, and leaves none out', async () => {
  const database = openRelayDatabase(path.join(folder, 'relay.db'));
  const files = createFileStore({
    ...{ folder: path.join(folder, 'files'), database, limits: { maxBytes: 1000 } },
    ...{ clock: createSystemClock(), random: createSystemRandom() },
  });
  const insert = database.prepare("INSERT INTO file VALUES (?, 1, 'text/plain', 1)");
  const ids = Array.from({ length: 2600 }, (_, number) => createHash('sha256').update(String(number)).digest('hex'));
  database.transaction(() => ids.forEach((id) => insert.run(id)))();
  let looked = 0;
  let mostAtOnce = 0;
  let sinceTurn = 0;
  let isOver = false;
  const turn = () => {
    sinceTurn = 0;
    if (!isOver) setImmediate(turn);
  };
  turn();
  const swept = await files.sweep((id) => {
    looked += 1;
    sinceTurn += 1;
    mostAtOnce = Math.max(mostAtOnce, sinceTurn);
    return id !== ids[7];
  });
  isOver = true;
  expect({ swept, looked }).toEqual({ swept: 1, looked: 2600 });
  expect(mostAtOnce).toBeLessThanOrEqual(1000);
  database.close();
});
