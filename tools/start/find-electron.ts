import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const FETCH_LIMIT_MS = 60_000;

/**
 * Path of Electron's binary. Electron's package brings an installer that downloads it; this runs it once, for a
 * minute at most.
 * @returns the path, or in words why there is none
 */
export async function findElectron(options: { mayFetch: boolean }): Promise<{ binary: string } | { whyNot: string }> {
  const folder = electronFolder();
  if (folder === null) return { whyNot: 'the electron package is not installed' };
  const known = readBinaryPath(folder);
  if (known !== null) return { binary: known };
  // Lies inside the package: a fresh install may try again.
  const triedMark = path.join(folder, 'liendesk-fetch-failed');
  if (!options.mayFetch || existsSync(triedMark)) {
    return { whyNot: 'Electron’s binary is not on this machine and could not be fetched' };
  }
  process.stderr.write('Fetching Electron (once, at most a minute) …\n');
  await fetchBinary(path.join(folder, 'install.js'));
  const fetched = readBinaryPath(folder);
  if (fetched === null) writeFileSync(triedMark, '');
  return fetched === null ? { whyNot: 'Electron’s binary could not be fetched' } : { binary: fetched };
}

function electronFolder(): string | null {
  try {
    return path.dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  } catch {
    return null;
  }
}

function readBinaryPath(folder: string): string | null {
  try {
    const relative = readFileSync(path.join(folder, 'path.txt'), 'utf8').trim();
    const binary = path.join(folder, 'dist', relative);
    return existsSync(binary) ? binary : null;
  } catch {
    return null;
  }
}

function fetchBinary(installer: string): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [installer], { stdio: 'ignore' });
    const limit = setTimeout(() => child.kill('SIGKILL'), FETCH_LIMIT_MS);
    const end = (): void => {
      clearTimeout(limit);
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
}
