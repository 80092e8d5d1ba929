import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { subjectKinds } from '../../shared/domain/registry.ts';
import { TEST_ADMIN_TOKEN, type TestRelay, signIn, startRelay } from '../../tests/fakes/start-relay.ts';
import { ManualClock } from '../../tests/fakes/manual-clock.ts';
import { openRelayDatabase } from '../event-log/open-relay-database.ts';
import { createSystemClock, createSystemRandom } from '../system-clock.ts';
import { createBackup } from './create-backup.ts';
import { verifyBackup } from './manifest.ts';
import { restoreBackup } from './restore-backup.ts';

const clock = createSystemClock();
const random = createSystemRandom();
const ATTACHMENT = Buffer.from('Hoá đơn số 12');

let folder: string;
let backup: string;
let relay: TestRelay;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'liendesk-backup-'));
  backup = path.join(folder, 'backup');
  mkdirSync(path.join(folder, 'data'));
  relay = await startRelay({ dataFolder: path.join(folder, 'data') });
});

afterEach(async () => {
  await relay.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function callBackups(body: object, token = TEST_ADMIN_TOKEN) {
  const response = await fetch(`${relay.url}/api/v1/backups`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Every root row of every kind, and the items of each conversation. */
async function everything(of: TestRelay): Promise<unknown> {
  const roots = await Promise.all(subjectKinds.map((kind) => of.eventLog.listRoots(kind.name)));
  const conversations = await of.eventLog.listRoots('conversation');
  const snapshots = await Promise.all(conversations.map(({ id }) => of.eventLog.readSnapshot(`conversation:${id}`)));
  return { roots, items: snapshots.map((snapshot) => snapshot?.items) };
}

async function uploadAs(accessToken: string): Promise<string> {
  const { createHash } = await import('node:crypto');
  const sha256 = createHash('sha256').update(ATTACHMENT).digest('hex');
  const response = await fetch(`${relay.url}/files/uploads/${sha256}?size=${ATTACHMENT.length}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/octet-stream' },
    body: ATTACHMENT,
  });
  expect(response.status).toBe(200);
  return sha256;
}

test('SYNC-L3 a restored backup has the rows and files of its time, the same sign-ins, and a new epoch', async () => {
  await relay.putQueue('sales');
  await relay.putChannel('shop', 'sales');
  const hoa = await relay.addAgent('hoa', { queueIds: ['sales'] });
  const session = await signIn(relay, hoa);
  const fileId = await uploadAs(session.accessToken);
  await relay.receive({ channelId: 'shop', customerId: 'mai', text: 'Em ơi' });
  const before = await everything(relay);
  const { epoch } = relay.eventLog;

  // The relay works on while it is copied.
  const [answer] = await Promise.all([
    callBackups({ to: backup }),
    ...Array.from({ length: 20 }, (_unused, index) => relay.putQueue(`later-${index}`)),
  ]);
  expect(answer).toMatchObject({ status: 200, body: { folder: backup, files: 1, missing: 0 } });
  await relay.receive({ channelId: 'shop', customerId: 'mai', text: 'Còn hàng không?' });
  await relay.stop();

  const dataFolder = path.join(folder, 'restored');
  const restored = await restoreBackup({ from: backup, dataFolder, clock, random });
  expect(restored.newEpoch).not.toBe(epoch);
  expect(restored.epoch).toBe(epoch);
  expect(readFileSync(path.join(dataFolder, 'files', fileId.slice(0, 2), fileId)).equals(ATTACHMENT)).toBe(true);

  relay = await startRelay({ dataFolder });
  expect(relay.eventLog.epoch).toBe(restored.newEpoch);
  expect(relay.eventLog.head()).toBe(answer.body['head']);
  expect(relay.eventLog.lineages()).toEqual([
    { epoch, since: 0 },
    { epoch: restored.newEpoch, since: relay.eventLog.head() },
  ]);
  const after = (await everything(relay)) as { roots: { id: string }[][]; items: unknown[] };
  const { roots, items } = before as typeof after;
  expect(after.items).toEqual(items);
  expect(after.roots.map((rows) => rows.filter(({ id }) => !id.startsWith('later-')))).toEqual(roots);
  const refreshed = await fetch(`${relay.url}/api/v1/auth/refresh`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refreshToken: session.refreshToken }),
  });
  expect(refreshed.status).toBe(200);
});

test('SYNC-L3 SYNC-L7 no relay starts on a backup that was put back by hand; the restore command makes a data folder of it', async () => {
  await relay.putQueue('sales');
  expect(await callBackups({ to: backup })).toMatchObject({ status: 200 });
  const byHand = path.join(folder, 'by-hand');
  cpSync(backup, byHand, { recursive: true });
  const before = readFileSync(path.join(byHand, 'relay.db'));
  expect(() => openRelayDatabase(path.join(byHand, 'relay.db'))).toThrow('liendesk backup restore');
  expect(readFileSync(path.join(byHand, 'relay.db')).equals(before)).toBe(true);
  const dataFolder = path.join(folder, 'restored');
  await restoreBackup({ from: backup, dataFolder, clock, random });
  await relay.stop();
  relay = await startRelay({ dataFolder });
  expect((await relay.eventLog.listRoots('queue')).map(({ id }) => id)).toContain('sales');
});

test('a backup that was cut, changed or never finished is refused, and nothing is restored', async () => {
  await relay.putQueue('sales');
  await callBackups({ to: backup });
  const dataFolder = path.join(folder, 'restored');
  const restore = () => restoreBackup({ from: backup, dataFolder, clock, random });

  const database = readFileSync(path.join(backup, 'relay.db'));
  writeFileSync(path.join(backup, 'relay.db'), database.subarray(0, -1));
  await expect(restore()).rejects.toMatchObject({ kind: 'invalid', details: { reason: 'backup-damaged' } });
  const flipped = Buffer.from(database);
  flipped[5000]! ^= 1;
  writeFileSync(path.join(backup, 'relay.db'), flipped);
  await expect(restore()).rejects.toMatchObject({ kind: 'invalid', details: { reason: 'backup-damaged' } });
  writeFileSync(path.join(backup, 'relay.db'), database);
  expect((await verifyBackup(backup)).head).toBe(relay.eventLog.head());

  const manifest = path.join(backup, 'manifest.json');
  const text = readFileSync(manifest, 'utf8');
  writeFileSync(manifest, text.replace('"signing.key"', '"../../signing.key"'));
  await expect(restore()).rejects.toMatchObject({ details: { reason: 'backup-unknown-format' } });
  rmSync(manifest);
  await expect(restore()).rejects.toMatchObject({ details: { reason: 'backup-incomplete' } });
  expect(existsSync(dataFolder)).toBe(false);
});

test('a backup overwrites nothing, and is restored over nothing', async () => {
  await relay.putQueue('sales');
  await callBackups({ to: backup });
  expect(await callBackups({ to: backup })).toMatchObject({ status: 409, body: { reason: 'backup-exists' } });
  const dataFolder = path.join(folder, 'restored');
  mkdirSync(dataFolder);
  appendFileSync(path.join(dataFolder, 'something'), '');
  const restore = () => restoreBackup({ from: backup, dataFolder, clock, random });
  await expect(restore()).rejects.toMatchObject({ details: { reason: 'data-folder-not-empty' } });
  rmSync(path.join(dataFolder, 'something'));
  await restore();
  if (process.platform !== 'win32') expect(statSync(backup).mode & 0o077).toBe(0);
});

test('an administrator of the workspace does not choose folders on the relay’s machine', async () => {
  const { accessToken } = await signIn(relay, await relay.addAgent('an', { role: 'admin' }));
  expect(await callBackups({ to: backup }, accessToken)).toMatchObject({ status: 403 });
  const own = await callBackups({}, accessToken);
  expect(own.status).toBe(200);
  expect(String(own.body['folder'])).toContain(path.join(relay.dataFolder, 'backups'));
});

test('files that the disk has lost are counted and said to be missing, and do not prevent a backup', async () => {
  const { accessToken } = await signIn(relay, await relay.addAgent('hoa', {}));
  const fileId = await uploadAs(accessToken);
  rmSync(path.join(relay.dataFolder, 'files', fileId.slice(0, 2), fileId));
  expect(await callBackups({ to: backup })).toMatchObject({ status: 200, body: { files: 0, missing: 1 } });
  expect((await verifyBackup(backup)).missing).toEqual([fileId]);
});

test('a backup is of the time at which its copy was begun', async () => {
  await relay.stop();
  const database = openRelayDatabase(path.join(relay.dataFolder, 'relay.db'));
  const slow = new ManualClock();
  const begunAt = slow.now();
  const copy = database.backup.bind(database);
  database.backup = async (to: string) => {
    const progress = await copy(to);
    slow.advance(60_000);
    return progress;
  };
  const filesFolder = path.join(relay.dataFolder, 'files');
  await createBackup({
    ...{ database, filesFolder, signingKey: Buffer.alloc(32), to: backup, version: '1', clock: slow },
    backupsFolder: folder,
  });
  database.close();
  expect((await verifyBackup(backup)).createdAt).toBe(begunAt);
});
