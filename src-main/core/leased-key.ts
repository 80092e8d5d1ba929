import { hkdfSync } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Random } from '../../shared/primitives/clock.ts';
import type { CacheKey } from './cache/cache-threads.ts';
import { syncFolder } from './durable-file.ts';

const BYTES = 32;

/**
 * The key of one account's cache, which ends with its lease (SYNC-V3). Half of it lies in the host's key store, where it
 * also serves later caches; the other half in a file beside the cache. Without that file nothing of the cache can be read
 * again, whether its own files could be deleted or not. The next cache gets a new half.
 */
export class LeasedKey implements CacheKey {
  readonly #file: string;
  readonly #hostKey: string;
  readonly #random: Random;

  /** @param folder where the cache lies @param hostKey 256 bits, 64 hex digits */
  constructor(folder: string, hostKey: string, random: Random) {
    // Not among the names that the cache's own folder handles; `cache.` since it goes wherever all of a cache goes.
    this.#file = path.join(folder, 'cache.key');
    this.#hostKey = hostKey;
    this.#random = random;
  }

  /** Of the cache that is there, or of the one that is to be made; on the disk before it is used. */
  current(): string {
    const half = this.#read() ?? this.#make();
    return Buffer.from(hkdfSync('sha256', Buffer.from(this.#hostKey, 'hex'), half, 'cache', BYTES)).toString('hex');
  }

  /** Durable when it returns. Overwritten first: a file's name may be gone long before its content is. */
  drop(): void {
    if (!fs.existsSync(this.#file)) return;
    write(this.#file, Buffer.alloc(BYTES), 'r+');
    fs.rmSync(this.#file, { force: true });
    syncFolder(path.dirname(this.#file));
  }

  #read(): Buffer | null {
    if (!fs.existsSync(this.#file)) return null;
    const half = fs.readFileSync(this.#file);
    // Cut short by a full disk, or dropped by a process that died before the file was gone.
    return half.length === BYTES && half.some((byte) => byte !== 0) ? half : null;
  }

  #make(): Buffer {
    const half = Buffer.from(this.#random.bytes(BYTES));
    const next = `${this.#file}.next`;
    write(next, half, 'w');
    fs.renameSync(next, this.#file);
    syncFolder(path.dirname(this.#file));
    return half;
  }
}

function write(file: string, content: Buffer, flags: 'w' | 'r+'): void {
  const handle = fs.openSync(file, flags, 0o600);
  try {
    fs.writeSync(handle, content, 0, content.length, 0);
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}
