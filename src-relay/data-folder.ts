import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import BetterSqlite3, { type Database } from 'better-sqlite3';
import { z } from 'zod';
import { AppError } from '../shared/errors.ts';
import type { Random } from '../shared/primitives/clock.ts';

const KEY_BYTES = 32;

/** What `relay.json` tells programs of the same user: where the relay is, and how to administer it. */
export interface RelayFile {
  /** Base address, or null when no relay runs on this folder. */
  url: string | null;
  /** Address for people and links, of the relay that ran last; null before any did. */
  publicUrl: string | null;
  /** PEM, for an `https` address: the name in it is the public one, so whoever calls by `url` compares it whole. */
  certificate: string | null;
  /** Bearer token of the admin API; stays the same over restarts. */
  adminToken: string;
}

const relayFileSchema: z.ZodType<RelayFile> = z.object({
  url: z.string().nullable(),
  publicUrl: z.string().nullable().default(null),
  certificate: z.string().nullable().default(null),
  adminToken: z.string(),
});

export interface DataFolder {
  databaseFile: string;
  filesFolder: string;
  /** 32 bytes; signs access tokens. */
  signingKey: Uint8Array;
  adminToken: string;
  /** Writes where the relay is into `relay.json`. */
  announce(url: string, publicUrl: string, certificate: string | null): void;
  /** Takes the address out of `relay.json` and releases the lock. */
  close(): void;
}

/**
 * Takes a folder for one relay: makes it where there is none, locks it, and makes its keys on first use (mode 0600).
 * The lock is the operating system's, so it ends with the process, however that ends.
 * @throws AppError `conflict` (`data-folder-in-use`), `storage` (`data-folder-unusable`)
 */
export function openDataFolder(folder: string, random: Random): DataFolder {
  const lock = withClearErrors(folder, () => {
    makeFolder(folder);
    return takeLock(folder);
  });
  try {
    return withClearErrors(folder, () => {
      // SQLite gives the files beside its database the mode of the database.
      closeSync(openSync(databaseFileOf(folder), 'a', 0o600));
      const signingKey = readOrMakeKey(path.join(folder, 'signing.key'), random);
      const former = readRelayFile(folder);
      let publicUrl = former?.publicUrl ?? null;
      const adminToken = former?.adminToken ?? Buffer.from(random.bytes(KEY_BYTES)).toString('base64url');
      const write = (url: string | null, certificate: string | null): void =>
        writePrivately(
          relayFile(folder),
          `${JSON.stringify({ url, publicUrl, certificate, adminToken } satisfies RelayFile, null, 2)}\n`,
        );
      write(null, null);
      return {
        databaseFile: databaseFileOf(folder),
        filesFolder: filesFolderOf(folder),
        signingKey,
        adminToken,
        announce: (url, newPublicUrl, certificate) => {
          publicUrl = newPublicUrl;
          write(url, certificate);
        },
        close: () => {
          write(null, null);
          lock.close();
        },
      };
    });
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** What `relay.json` of this folder says; null where there is none, or none that can be read. */
export function readRelayFile(folder: string): RelayFile | null {
  try {
    return relayFileSchema.parse(JSON.parse(readFileSync(relayFile(folder), 'utf8')));
  } catch {
    return null;
  }
}

export function databaseFileOf(folder: string): string {
  return path.join(folder, 'relay.db');
}

export function filesFolderOf(folder: string): string {
  return path.join(folder, 'files');
}

function relayFile(folder: string): string {
  return path.join(folder, 'relay.json');
}

/** An exclusive transaction on a database of its own: SQLite knows how to lock a file on every platform. */
function takeLock(folder: string): Database {
  const lock = new BetterSqlite3(path.join(folder, 'relay.lock'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock.close();
    const isBusy = cause instanceof Error && 'code' in cause && cause.code === 'SQLITE_BUSY';
    if (!isBusy) throw cause;
    throw new AppError('conflict', `Another relay is running on ${folder}; stop it, or choose another data folder.`, {
      reason: 'data-folder-in-use',
      cause,
    });
  }
}

function readOrMakeKey(file: string, random: Random): Uint8Array {
  if (!existsSync(file)) writePrivately(file, `${Buffer.from(random.bytes(KEY_BYTES)).toString('hex')}\n`);
  const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'hex');
  if (key.length === KEY_BYTES) return key;
  throw new AppError('storage', `${file} is damaged; delete it, and everybody has to sign in again.`, {
    reason: 'signing-key-damaged',
  });
}

function writePrivately(file: string, content: string): void {
  const half = `${file}.new`;
  rmSync(half, { force: true });
  writeFileSync(half, content, { mode: 0o600, flush: true });
  chmodSync(half, 0o600);
  renameSync(half, file);
}

function withClearErrors<Value>(folder: string, run: () => Value): Value {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('storage', `The data folder ${folder} cannot be used: ${detail}.`, {
      reason: 'data-folder-unusable',
      cause,
    });
  }
}

/** Node's own recursive `mkdir` never returns where the system answers "no such folder" to a parent that is there. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}
