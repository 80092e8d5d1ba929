import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { restoreBackup } from '../../src-relay/backup/restore-backup.ts';
import { createSystemClock, createSystemRandom } from '../../src-relay/system-clock.ts';
import { type TestConsole, makeFolder, openConsole, removeFolders, until } from '../fakes/console-process.ts';
import { TEST_ADMIN_TOKEN, type TestAgent, type TestRelay, startRelay } from '../fakes/start-relay.ts';

let relay: TestRelay | null = null;
let console: TestConsole | null = null;
afterEach(async () => {
  await console?.close();
  await relay?.stop();
  [relay, console] = [null, null];
  removeFolders();
});

async function backUp(to: string): Promise<void> {
  const response = await fetch(`${relay!.url}/api/v1/backups`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TEST_ADMIN_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ to }),
  });
  expect(response.status).toBe(200);
}

/** The relay goes back to a backup, at the address it had. */
async function restore(from: string, dataFolder: string): Promise<void> {
  const port = Number(new URL(relay!.url).port);
  await relay!.stop();
  await restoreBackup({ from, dataFolder, clock: createSystemClock(), random: createSystemRandom() });
  relay = await startRelay({ dataFolder, port });
}

const textsOf = async (conversationId: string): Promise<string[]> =>
  (await console!.request('message.list', { conversationId })).messages.map(({ text }) => text);

const isOnline = () => until('it is online', async () => (await console!.request('sync.status')).state === 'online');

async function signIn({ email, password }: TestAgent): Promise<void> {
  await console!.request('session.signIn', { relayUrl: relay!.url, email, password });
}

/** A console starts again: its access token ended with the process, so its sign-in is renewed. */
async function startAgain(): Promise<void> {
  const { dataDir } = console!;
  await console!.close();
  console = await openConsole({ dataDir, workerScript: null });
}

test('SYNC-L3 SYNC-O6 after a restore whose backup does not know the newest sign-in an agent is told, signs in again, and has lost nothing', async () => {
  const folder = makeFolder('liendesk-restore-');
  mkdirSync(path.join(folder, 'data'));
  relay = await startRelay({ dataFolder: path.join(folder, 'data') });
  await relay.putQueue('sales');
  await relay.putChannel('shop', 'sales');
  const lan = await relay.addAgent('lan', { queueIds: ['sales'] });
  const { conversationId } = await relay.receive({ channelId: 'shop', customerId: 'mai', text: 'alo' });
  console = await openConsole({ dataDir: path.join(folder, 'console'), workerScript: null });
  await signIn(lan);
  await isOnline();

  await backUp(path.join(folder, 'backup'));
  await startAgain();
  await isOnline();
  await console.request('message.send', { conversationId, text: 'sau bản sao' });
  await until('it is sent', async () => (await console!.request('sync.status')).pendingCount === 0);
  await console.request('sync.setOnline', { isOnline: false });
  await console.request('message.send', { conversationId, text: 'chưa gửi' });
  const draft = { conversationId, kind: 'note' as const, text: 'nháp', caret: 0, attachments: [] };
  await console.request('draft.save', draft);
  await restore(path.join(folder, 'backup'), path.join(folder, 'restored'));

  await startAgain();
  await until('it asks for the password', async () => {
    const { state, error } = await console!.request('sync.status');
    return state === 'signed-out' && error?.reason === 'session-ended';
  });
  // Who is not signed in is shown nothing of customers, and all that is the agent's own is there.
  await expect(console.request('message.list', { conversationId })).rejects.toMatchObject({ kind: 'unauthenticated' });
  expect((await console.request('outbox.list')).entries.map(({ text }) => text)).toEqual(['chưa gửi']);

  await signIn(lan);
  await isOnline();
  await until('what waited is sent', async () => (await console!.request('sync.status')).pendingCount === 0);
  expect((await textsOf(conversationId)).slice(0, 2)).toEqual(['alo', 'chưa gửi']);
  expect((await console.request('attention.list')).items).toMatchObject([
    { text: 'sau bản sao', error: { reason: 'relay-restored' } },
  ]);
  expect((await console.request('draft.get', { conversationId })).note?.text).toBe('nháp');
});
