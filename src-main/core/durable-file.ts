import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/**
 * Makes a file that is either whole or not there, wherever the process or the machine stops; name and content are on the
 * disk when it returns.
 * @throws Error `EEXIST` where it is there already, and any other of the file system: then nothing is left of it
 */
export function makeDurableFile(file: string, content: string | Buffer): void {
  const next = `${file}.${randomBytes(4).toString('hex')}.next`;
  try {
    const handle = fs.openSync(next, 'wx', 0o600);
    try {
      fs.writeFileSync(handle, content);
      fs.fsyncSync(handle);
    } finally {
      fs.closeSync(handle);
    }
    giveName(next, file);
    syncFolder(path.dirname(file));
  } finally {
    fs.rmSync(next, { force: true });
  }
}

/** So that the names in it are on the disk as well. */
export function syncFolder(folder: string): void {
  const handle = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(handle);
  } catch (error) {
    // Windows flushes only what may be written to, which a folder may not; it keeps names by its own journal.
    if (!hasCode(error, 'EPERM')) throw error;
  } finally {
    fs.closeSync(handle);
  }
}

/** A link takes no name that another process has given meanwhile, as a renaming would. */
function giveName(next: string, file: string): void {
  try {
    fs.linkSync(next, file);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) throw error;
    // A file system without links.
    fs.renameSync(next, file);
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
