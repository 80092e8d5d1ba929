import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findFreePort } from './free-port.ts';

const OURS = ['relay', 'console', 'logs', 'start.json', 'demo-password'];

/**
 * The port of the relay that `npm start` runs: consoles know a relay by its address, so it stays the same from start
 * to start as long as nobody else takes it.
 */
export async function chooseRelayPort(dataDir: string): Promise<number> {
  const file = path.join(dataDir, 'start.json');
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { relayPort: number }).relayPort : 4600;
  const relayPort = await findFreePort(known);
  writeFileSync(file, `${JSON.stringify({ relayPort })}\n`);
  return relayPort;
}

/** Creates the data folder, after deleting what an earlier start left there if `isReset`. @throws Error in words */
export function prepareDataDir(dataDir: string, isReset: boolean): void {
  try {
    // Only what is ours: the folder may be one that somebody else uses too.
    if (isReset) for (const name of OURS) rmSync(path.join(dataDir, name), { recursive: true, force: true });
    makeFolder(dataDir);
    const probe = path.join(dataDir, '.writable');
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    throw new Error(`Cannot use the folder ${dataDir}: ${(error as Error).message}. Choose another with --data-dir.`, {
      cause: error,
    });
  }
}

/** Node's own recursive `mkdir` never returns where the system answers "no such folder" to a parent that is there. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  mkdirSync(folder);
}
