import { createHash } from 'node:crypto';
import { type FileHandle, open, readdir, rm, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createReadStream } from 'node:fs';
import { AppError } from '../../shared/errors.ts';

/** Content that is not whole yet, or not checked yet. */
export class PartFiles {
  readonly #folder: string;
  readonly #busy = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A part belongs to one agent: nobody can spoil, or look into, what somebody else uploads. */
  pathOf(fileId: string, agentId: string): string {
    const owner = createHash('sha256').update(agentId).digest('hex').slice(0, 16);
    return path.join(this.#folder, `${fileId}.${owner}.part`);
  }

  /** Bytes that are there. */
  async length(part: string): Promise<number> {
    const found = await stat(part).catch(() => null);
    return found?.size ?? 0;
  }

  /** Runs `task` while nobody else writes this part. @throws AppError `conflict`, reason `upload-busy` */
  async exclusively<Value>(part: string, task: () => Promise<Value>): Promise<Value> {
    if (this.#busy.has(part)) {
      throw new AppError('conflict', 'This file is being uploaded by another request.', { reason: 'upload-busy' });
    }
    this.#busy.add(part);
    try {
      return await task();
    } finally {
      this.#busy.delete(part);
    }
  }

  /**
   * Appends what arrives and puts it on the disk. What arrived before a connection broke stays, to be continued.
   * @param limit bytes the part may have in the end
   * @returns its length
   * @throws AppError `too_large` when more arrives; the part is cut back to what it was
   */
  async append(part: string, content: AsyncIterable<Uint8Array>, limit: number): Promise<number> {
    const handle = await open(part, 'a', 0o600);
    try {
      const before = (await handle.stat()).size;
      return await this.#write(handle, part, before, content, limit);
    } finally {
      await handle.close();
    }
  }

  async #write(
    handle: FileHandle,
    part: string,
    before: number,
    content: AsyncIterable<Uint8Array>,
    limit: number,
  ): Promise<number> {
    let length = before;
    try {
      for await (const chunk of content) {
        if (length + chunk.length > limit) {
          await truncate(part, before);
          throw new AppError('too_large', `This file has more than ${limit} bytes.`, {
            reason: 'file-too-large',
            params: { limit },
          });
        }
        await handle.appendFile(chunk);
        length += chunk.length;
      }
    } finally {
      await handle.sync();
    }
    return length;
  }

  /** SHA-256, 64 hex digits. */
  async hash(part: string): Promise<string> {
    const hash = createHash('sha256');
    await pipeline(createReadStream(part), hash);
    return hash.digest('hex');
  }

  async drop(part: string): Promise<void> {
    await rm(part, { force: true });
  }

  /** Drops parts nobody wrote to since `before`, epoch ms by the file system. */
  async sweep(before: number): Promise<number> {
    let dropped = 0;
    for (const name of await readdir(this.#folder)) {
      const part = path.join(this.#folder, name);
      const found = await stat(part).catch(() => null);
      if (found === null || found.mtimeMs >= before || this.#busy.has(part)) continue;
      await this.drop(part);
      dropped += 1;
    }
    return dropped;
  }
}
