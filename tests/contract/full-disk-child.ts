import fs from 'node:fs';
import path from 'node:path';
import { AppError } from '../../shared/errors.ts';
import { until } from '../fakes/console-process.ts';
import { ScriptedRelay, settle } from '../fakes/scripted-relay.ts';

const BALLAST_BYTES = 2_000_000;
const BLOCK_BYTES = 4096;

/** @returns what it was that ended it */
function fill(file: string): string {
  const handle = fs.openSync(file, 'w');
  try {
    for (;;) fs.writeSync(handle, Buffer.alloc(BLOCK_BYTES, 1));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? '';
  } finally {
    fs.closeSync(handle);
  }
}

/**
 * On a file system of its own: leaves a console with unsent work on it, fills it to the last byte, and starts the console
 * again. @returns what that could do
 */
export async function startOnFullDisk(disk: string, keepsBallast: boolean): Promise<object> {
  const dataDir = path.join(disk, 'console');
  fs.mkdirSync(dataDir);
  const relay = new ScriptedRelay(dataDir);
  const options = { ballastBytes: BALLAST_BYTES };
  const first = await relay.signedIn(options);
  const [account] = fs.readdirSync(path.join(dataDir, 'accounts'));
  const ballast = path.join(dataDir, 'accounts', account!, 'ballast');
  await until('the ballast is there', () => fs.statSync(ballast, { throwIfNoEntry: false })?.size === BALLAST_BYTES);
  await first.request('note.add', { conversationId: 'k1', text: 'trước khi đĩa đầy' });
  await settle();
  await first.close();
  if (!keepsBallast) fs.rmSync(ballast);
  const filledBy = fill(path.join(disk, 'everything else'));

  try {
    const again = await relay.openConsole(options);
    const { storage, pendingCount } = await again.request('sync.status');
    const { total } = await again.request('conversation.list', { filter: { view: 'open' } });
    await again.request('note.add', { conversationId: 'k1', text: 'trên đĩa đầy' });
    const { messages } = await again.request('message.list', { conversationId: 'k1' });
    await again.close();
    return { filledBy, storage, pendingCount, total, texts: messages.map(({ text }) => text) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { filledBy, refused: error.details.reason };
  }
}
