import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TEST_ADMIN_TOKEN, type TestRelay, startRelay } from '../../tests/fakes/start-relay.ts';
import { openRelayDatabase } from '../event-log/open-relay-database.ts';
import { createSystemClock, createSystemRandom } from '../system-clock.ts';
import { restoreBackup } from './restore-backup.ts';

const FILES = 40;

let folder: string;
let relay: TestRelay;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'liendesk-erased-meanwhile-'));
  mkdirSync(path.join(folder, 'data'));
  relay = await startRelay({ dataFolder: path.join(folder, 'data') });
});

afterEach(async () => {
  await relay.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** So many files that a backup takes a while to copy them. */
function putFiles(): void {
  const database = openRelayDatabase(path.join(folder, 'data', 'relay.db'));
  const insert = database.prepare("INSERT INTO file VALUES (?, 1, 'text/plain', ?)");
  for (let number = 0; number < FILES; number += 1) {
    const id = createHash('sha256').update(String(number)).digest('hex');
    mkdirSync(path.join(folder, 'data', 'files', id.slice(0, 2)), { recursive: true });
    writeFileSync(path.join(folder, 'data', 'files', id.slice(0, 2), id), 'x');
    insert.run(id, Date.now());
  }
  database.close();
}

function call(method: string, pathname: string, body: object | null = null) {
  return fetch(`${relay.url}/api/v1${pathname}`, {
    method,
    headers: { authorization: `Bearer ${TEST_ADMIN_TOKEN}`, 'content-type': 'application/json' },
    ...(body === null ? {} : { body: JSON.stringify(body) }),
  });
}

test('SYNC-L7 who is erased while a backup is made elsewhere is erased again when it is restored', async () => {
  await relay.putQueue('sales');
  await relay.putChannel('web', 'sales');
  await relay.receive({ channelId: 'web', customerId: 'mai', text: 'Cho mình hỏi' });
  putFiles();
  const backup = path.join(folder, 'elsewhere', 'backup');
  const making = call('POST', '/backups', { to: backup });
  // The database has been copied by then, and the files have not.
  while (!existsSync(path.join(`${backup}.incomplete`, 'signing.key'))) {
    await new Promise((resolve) => {
      setTimeout(resolve, 1);
    });
  }
  expect((await call('DELETE', '/customers/mai')).status).toBe(200);
  expect(existsSync(backup)).toBe(false);
  expect((await making).status).toBe(200);
  const restored = await restoreBackup({
    ...{ from: backup, dataFolder: path.join(folder, 'restored') },
    ...{ clock: createSystemClock(), random: createSystemRandom() },
  });
  expect(restored).toMatchObject({ erasedAgain: 1 });
});
