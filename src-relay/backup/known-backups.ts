import { appendFile, mkdir, readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { MANIFEST_NAME } from './manifest.ts';

/** Lies beside the backups that the relay makes by itself: where the others went, a path a line. */
const NAME = 'made-elsewhere.txt';

/** Remembers a backup that was made anywhere but in the relay's own folder of backups. */
export async function noteBackup(backupsFolder: string, backup: string): Promise<void> {
  const full = path.resolve(backup);
  if (path.dirname(full) === path.resolve(backupsFolder) || (await readElsewhere(backupsFolder)).includes(full)) return;
  await mkdir(backupsFolder, { recursive: true, mode: 0o700 });
  await appendFile(path.join(backupsFolder, NAME), `${full}\n`, { mode: 0o600 });
}

/** Folders of backups that are whole and can be reached now. */
export async function listBackups(backupsFolder: string): Promise<string[]> {
  const own = await readdir(backupsFolder).catch(() => []);
  const all = [...own.map((name) => path.resolve(backupsFolder, name)), ...(await readElsewhere(backupsFolder))];
  const isWhole = await Promise.all(
    all.map((folder) =>
      stat(path.join(folder, MANIFEST_NAME)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return all.filter((_folder, index) => isWhole[index]);
}

async function readElsewhere(backupsFolder: string): Promise<string[]> {
  const text = await readFile(path.join(backupsFolder, NAME), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}
