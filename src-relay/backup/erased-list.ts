import { mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const NAME = 'erased.jsonl';

const entrySchema = z.object({ subject: z.string(), at: z.number() });
type Entry = z.infer<typeof entrySchema>;

/**
 * Adds to the list of what was erased, which lies beside the backups: a backup that was made before brings it all back,
 * and is to be rid of it again (SYNC-L7). Ids and times, nothing else.
 */
export async function rememberErased(backupsFolder: string, entries: readonly Entry[]): Promise<void> {
  if (entries.length === 0) return;
  await mkdir(backupsFolder, { recursive: true, mode: 0o700 });
  const handle = await open(path.join(backupsFolder, NAME), 'a', 0o600);
  try {
    // On a line of its own, also behind one that was torn.
    await handle.appendFile(`\n${entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')}`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * What was erased at `since` (epoch ms) or later, as the list beside a backup says; a line that was torn is left out.
 * @throws what the file system says of a list that is there and cannot be read: it may name somebody
 */
export async function listErasedSince(backup: string, since: number): Promise<string[]> {
  const text = await readIfThere(path.join(path.dirname(path.resolve(backup)), NAME));
  const entries = text.split('\n').flatMap(readLine);
  return [...new Set(entries.filter(({ at }) => at >= since).map(({ subject }) => subject))];
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

function readLine(line: string): Entry[] {
  try {
    return [entrySchema.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}
