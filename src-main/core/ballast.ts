import fs from 'node:fs';
import path from 'node:path';
import type { Clock, Random } from '../../shared/primitives/clock.ts';
import type { DiskRoom } from './disk-room.ts';

export interface BallastParts {
  file: string;
  sizeBytes: number;
  clock: Clock;
  random: Random;
  /** Bytes that can still be written. Left out: what the file system says. */
  freeBytes?: () => Promise<number>;
}

/** Grown only where so many times its size is free: it is not to be what fills the disk. */
const ROOM_FACTOR = 3;
const PIECE_BYTES = 256 * 1024;
const LOOK_EVERY_MS = 60_000;

/**
 * A file of no use but its size. On a full disk not even a delete or a checkpoint of a database works: emptying this one
 * makes room for them, and for what the agent still writes, until the disk has room again (SYNC-F1). Empty it says to the
 * next process that the room was given up, so that not the cache takes what is left of it.
 */
export class Ballast implements DiskRoom {
  readonly #parts: BallastParts;
  #isLow: boolean;
  #isClosed = false;
  /** Counts growths, and when the room was needed, so that one that was overtaken gives up. */
  #growth = 0;
  #growing: Promise<void> = Promise.resolve();
  #cancelLook: () => void = () => undefined;
  #onChange: () => void = () => undefined;

  constructor(parts: BallastParts) {
    this.#parts = parts;
    this.#isLow = this.#held() === 0;
  }

  get isLow(): boolean {
    return this.#isLow;
  }

  /** Begins to grow it, and goes on whenever there is room. */
  watch(onChange: () => void): void {
    this.#onChange = onChange;
    this.#cancelLook();
    this.#look();
  }

  giveUp(): boolean {
    this.#growth += 1;
    const held = this.#held() ?? 0;
    this.#setLow(true);
    this.#drop();
    return held > 0;
  }

  /** One that has not all of its size yet is no use to the next process; one that has is kept. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelLook();
    await this.#growing;
  }

  #look(): void {
    if (this.#isClosed) return;
    this.#growing = this.#growing.then(() => this.#grow());
    this.#cancelLook = this.#parts.clock.after(LOOK_EVERY_MS, () => this.#look());
  }

  async #grow(): Promise<void> {
    const { file, sizeBytes, random } = this.#parts;
    const growth = (this.#growth += 1);
    try {
      if ((this.#held() ?? 0) < sizeBytes) {
        if ((await this.#freeBytes()) < ROOM_FACTOR * sizeBytes) return;
        const handle = await fs.promises.open(file, 'w', 0o600);
        let written = 0;
        try {
          while (written < sizeBytes && growth === this.#growth && !this.#isClosed) {
            // Noise, since a file system may keep no room for zeros, or for what it can compress.
            await handle.write(random.bytes(Math.min(PIECE_BYTES, sizeBytes - written)));
            written += PIECE_BYTES;
          }
          await handle.sync();
        } finally {
          await handle.close();
        }
        if (written < sizeBytes) this.#drop();
      }
      // It was needed while it grew.
      if (growth !== this.#growth) this.#drop();
      else if (!this.#isClosed) this.#setLow(false);
    } catch {
      // No room for it now; it is looked for again.
      this.#drop();
    }
  }

  /** Bytes of it that are there; null when there is no such file. */
  #held(): number | null {
    return fs.statSync(this.#parts.file, { throwIfNoEntry: false })?.size ?? null;
  }

  /** Gives its bytes back. */
  #drop(): void {
    const { file } = this.#parts;
    try {
      if (this.#isLow) fs.writeFileSync(file, '', { mode: 0o600 });
      else fs.rmSync(file, { force: true });
    } catch {
      // Not even its name has room.
      fs.rmSync(file, { force: true });
    }
  }

  async #freeBytes(): Promise<number> {
    if (this.#parts.freeBytes !== undefined) return this.#parts.freeBytes();
    const { bavail, bsize } = await fs.promises.statfs(path.dirname(this.#parts.file));
    return bavail * bsize;
  }

  #setLow(isLow: boolean): void {
    if (this.#isLow === isLow) return;
    this.#isLow = isLow;
    this.#onChange();
  }
}
