import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TEST_ADMIN_TOKEN, type TestRelay, startRelay } from '../../tests/fakes/start-relay.ts';
import { openRelayDatabase } from '../event-log/open-relay-database.ts';
import { createSystemClock, createSystemRandom } from '../system-clock.ts';
import { restoreBackup } from './restore-backup.ts';

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

/** A file, so that there is something to copy beside the database. */
function putFile(): void {
  const database = openRelayDatabase(path.join(folder, 'data', 'relay.db'));
  const id = createHash('sha256').update('x').digest('hex');
  mkdirSync(path.join(folder, 'data', 'files', id.slice(0, 2)), { recursive: true });
  writeFileSync(path.join(folder, 'data', 'files', id.slice(0, 2), id), 'x');
  database.prepare("INSERT INTO file VALUES (?, 1, 'text/plain', ?)").run(id, Date.now());
  database.close();
}

/** Whoever copies a file waits until it is let go, so that what is done meanwhile is, however long it takes. */
function holdCopies(): { isReached: Promise<void>; letGo: () => void } {
  const { copyFile } = fs;
  const [reached, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const replaceBy = (copy: typeof copyFile): void => {
    fs.copyFile = copy;
    syncBuiltinESMExports();
  };
  replaceBy(async (...copied) => {
    reached.resolve();
    await gate.promise;
    await copyFile(...copied);
  });
  const letGo = (): void => {
    replaceBy(copyFile);
    gate.resolve();
  };
  return { isReached: reached.promise, letGo };
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
  putFile();
  const { isReached, letGo } = holdCopies();
  const backup = path.join(folder, 'elsewhere', 'backup');
  const making = call('POST', '/backups', { to: backup });
  // The database has been copied by then, and the files have not.
  await isReached;
  expect((await call('DELETE', '/customers/mai')).status).toBe(200);
  expect(existsSync(backup)).toBe(false);
  letGo();
  expect((await making).status).toBe(200);
  const restored = await restoreBackup({
    ...{ from: backup, dataFolder: path.join(folder, 'restored') },
    ...{ clock: createSystemClock(), random: createSystemRandom() },
  });
  expect(restored).toMatchObject({ erasedAgain: 1 });
});
