import fs from 'node:fs';
import path from 'node:path';
import { inProject } from './project-root.mjs';

const staleAfterMs = 15 * 60_000;

/**
 * Runs `work` while no other launcher on this checkout runs work of the same name:
 * two commands started together in a bare clone must not install into one folder twice.
 */
export async function withFolderLock(name, work) {
  const lockFolder = inProject('.cache', 'launch', `${name}.lock`);
  const ownerFile = path.join(lockFolder, 'owner');
  fs.mkdirSync(path.dirname(lockFolder), { recursive: true });
  for (;;) {
    try {
      fs.mkdirSync(lockFolder);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (isAbandoned(lockFolder, ownerFile)) fs.rmSync(lockFolder, { recursive: true, force: true });
    else await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const release = () => fs.rmSync(lockFolder, { recursive: true, force: true });
  process.once('exit', release);
  try {
    fs.writeFileSync(ownerFile, String(process.pid));
    return await work();
  } finally {
    process.removeListener('exit', release);
    release();
  }
}

function isAbandoned(lockFolder, ownerFile) {
  try {
    if (Date.now() - fs.statSync(lockFolder).mtimeMs > staleAfterMs) return true;
    const owner = Number(fs.readFileSync(ownerFile, 'utf8'));
    if (!Number.isInteger(owner) || owner <= 0) return false;
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
