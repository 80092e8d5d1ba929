import { createReadStream, mkdirSync, rmSync } from 'node:fs';
import { mkdir, open, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { Attachment } from '../../shared/domain/conversation/message.ts';
import { AppError } from '../../shared/errors.ts';
import { cleanLine } from '../../shared/primitives/clean-text.ts';
import { cutText } from '../../shared/primitives/cut-text.ts';
import type { Clock, Random } from '../../shared/primitives/clock.ts';
import { migratePart } from '../event-log/schema-migrations.ts';
import { fileMigrations } from './file-migrations.ts';
import { nameFor, sniffMediaType } from './file-types.ts';
import { PartFiles } from './part-files.ts';

export interface FileLimits {
  /** Largest file, in bytes. */
  maxBytes: number;
}

export const DEFAULT_FILE_LIMITS: FileLimits = { maxBytes: 10 * 1024 * 1024 };

/** Files that no message shows are kept this long: the message may still lie in an outbox. */
const UNLINKED_KEPT_MS = 24 * 60 * 60 * 1000;
/** Files that are looked at before everything else has a turn. */
const SWEPT_AT_ONCE = 500;
const MAX_NAME_LENGTH = 200;

export interface FileStoreParts {
  /** Its own folder; made where there is none. */
  folder: string;
  database: Database;
  clock: Clock;
  random: Random;
  limits: FileLimits;
}

export interface StoredFile {
  /** SHA-256 of the content, 64 hex digits. */
  fileId: string;
  /** Bytes. */
  size: number;
  /** As sniffed from the content. */
  mediaType: string;
}

/** One step of a resumable upload, by an agent. */
export interface UploadStep {
  fileId: string;
  agentId: string;
  /** Bytes the whole file has. */
  size: number;
  /** Where `content` begins: the number of bytes that the relay said it has. */
  offset: number;
  content: AsyncIterable<Uint8Array>;
  /** As on the agent's disk; empty where it is not known. */
  name: string;
}

export interface UploadState {
  /** Bytes the relay has. */
  offset: number;
  /** The file once it is whole; null before. */
  file: StoredFile | null;
}

/**
 * Files by the hash of their content. Rights are decided in `file-rights.ts`: callers of `read` have asked there.
 */
export interface FileStore {
  readonly limits: FileLimits;
  has(fileId: string): boolean;
  find(fileId: string): StoredFile | null;
  /** A range of a file's bytes, both ends included; the whole file without one. Null where there is no such file. */
  read(
    fileId: string,
    range?: { start: number; end: number },
  ): Promise<{ content: Readable; size: number; mediaType: string } | null>;
  /** Keeps what a channel's customer sent. @throws AppError `too_large`, `unsupported`, `storage` */
  store(name: string, content: AsyncIterable<Uint8Array>): Promise<Attachment>;
  /** How far this agent's upload is. */
  uploadState(fileId: string, agentId: string): Promise<UploadState>;
  /**
   * @throws AppError `conflict` (`upload-offset-mismatch` with `params.offset`, `upload-busy`), `too_large`,
   * `invalid` (`file-hash-mismatch`, `upload-longer-than-size`), `unsupported`, `storage`
   */
  upload(step: UploadStep): Promise<UploadState>;
  /** Whether this agent uploaded the file. */
  isUploader(fileId: string, agentId: string): boolean;
  /** Deletes files, whoever still knows of them. */
  remove(fileIds: readonly string[]): void;
  /** Deletes files older than a day that `isLinked` denies, and abandoned uploads. @returns how many files */
  sweep(isLinked: (fileId: string) => boolean): Promise<number>;
}

/** Makes its own tables in `database`, and its folders. */
export function createFileStore(parts: FileStoreParts): FileStore {
  return new DiskFileStore(parts);
}

class DiskFileStore implements FileStore {
  readonly limits: FileLimits;
  readonly #parts: FileStoreParts;
  readonly #partFiles: PartFiles;

  constructor(parts: FileStoreParts) {
    this.#parts = parts;
    this.limits = parts.limits;
    migratePart(parts.database, 'files', fileMigrations);
    const uploads = path.join(parts.folder, 'uploads');
    mkdirSync(uploads, { recursive: true, mode: 0o700 });
    this.#partFiles = new PartFiles(uploads);
  }

  has(fileId: string): boolean {
    return this.find(fileId) !== null;
  }

  find(fileId: string): StoredFile | null {
    const row = this.#parts.database
      .prepare('SELECT id AS fileId, size, media_type AS mediaType FROM file WHERE id = ?')
      .get(fileId) as StoredFile | undefined;
    return row ?? null;
  }

  async read(fileId: string, range?: { start: number; end: number }) {
    const file = this.find(fileId);
    if (file === null || !(await this.#isOnDisk(fileId))) return null;
    return { content: createReadStream(this.#pathOf(fileId), range), size: file.size, mediaType: file.mediaType };
  }

  async store(name: string, content: AsyncIterable<Uint8Array>): Promise<Attachment> {
    const nonce = Buffer.from(this.#parts.random.bytes(16)).toString('hex');
    const part = this.#partFiles.pathOf(nonce, 'channel');
    try {
      await this.#onDisk(() => this.#partFiles.append(part, content, this.limits.maxBytes));
      const file = await this.#keep(part, await this.#partFiles.hash(part), name);
      return { ...file, name: attachmentName(name, file.mediaType) };
    } finally {
      await this.#partFiles.drop(part);
    }
  }

  async uploadState(fileId: string, agentId: string): Promise<UploadState> {
    const file = this.find(fileId);
    if (file !== null && this.isUploader(fileId, agentId) && (await this.#isOnDisk(fileId))) {
      return { offset: file.size, file };
    }
    return { offset: await this.#partFiles.length(this.#partFiles.pathOf(fileId, agentId)), file: null };
  }

  async upload(step: UploadStep): Promise<UploadState> {
    const { fileId, agentId, size, offset, name } = step;
    if (size > this.limits.maxBytes) {
      throw new AppError('too_large', `A file may have ${this.limits.maxBytes} bytes at most.`, {
        reason: 'file-too-large',
        params: { limit: this.limits.maxBytes },
      });
    }
    const part = this.#partFiles.pathOf(fileId, agentId);
    return this.#partFiles.exclusively(part, async () => {
      const state = await this.uploadState(fileId, agentId);
      if (state.file !== null) return state;
      if (state.offset !== offset) {
        throw new AppError('conflict', `The relay has ${state.offset} bytes of this file; go on from there.`, {
          reason: 'upload-offset-mismatch',
          params: { offset: state.offset },
        });
      }
      const length = await this.#onDisk(() => this.#append(part, step.content, size));
      if (length < size) return { offset: length, file: null };
      try {
        const file = await this.#complete(part, fileId, agentId, name);
        return { offset: file.size, file };
      } finally {
        await this.#partFiles.drop(part);
      }
    });
  }

  isUploader(fileId: string, agentId: string): boolean {
    return (
      this.#parts.database
        .prepare('SELECT 1 FROM file_uploader WHERE file_id = ? AND agent_id = ?')
        .get(fileId, agentId) !== undefined
    );
  }

  async sweep(isLinked: (fileId: string) => boolean): Promise<number> {
    const { database, clock } = this.#parts;
    const before = clock.now() - UNLINKED_KEPT_MS;
    const list = database
      .prepare<[number, string], string>(
        `SELECT id FROM file WHERE stored_at < ? AND id > ? ORDER BY id LIMIT ${SWEPT_AT_ONCE}`,
      )
      .pluck();
    let swept = 0;
    for (let old = list.all(before, ''); old.length > 0; old = list.all(before, old.at(-1)!)) {
      for (const fileId of old) {
        if (isLinked(fileId) || this.#wasUploadedSince(fileId, before)) continue;
        this.#remove(fileId);
        swept += 1;
      }
      await setImmediate();
    }
    await this.#partFiles.sweep(before);
    return swept;
  }

  remove(fileIds: readonly string[]): void {
    for (const fileId of fileIds) this.#remove(fileId);
  }

  /** Both in one turn, so that no upload comes in between; the row first: a file without a row is only waste. */
  #remove(fileId: string): void {
    this.#parts.database.prepare('DELETE FROM file WHERE id = ?').run(fileId);
    rmSync(this.#pathOf(fileId), { force: true });
  }

  #wasUploadedSince(fileId: string, since: number): boolean {
    return (
      this.#parts.database
        .prepare('SELECT 1 FROM file_uploader WHERE file_id = ? AND uploaded_at >= ?')
        .get(fileId, since) !== undefined
    );
  }

  async #append(part: string, content: AsyncIterable<Uint8Array>, size: number): Promise<number> {
    try {
      return await this.#partFiles.append(part, content, size);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      throw new AppError('invalid', 'More bytes arrived than the file was said to have.', {
        reason: 'upload-longer-than-size',
        cause: error,
      });
    }
  }

  async #complete(part: string, fileId: string, agentId: string, name: string): Promise<StoredFile> {
    const actual = await this.#partFiles.hash(part);
    if (actual !== fileId) {
      throw new AppError('invalid', 'What arrived is not the file that was announced; upload it again.', {
        reason: 'file-hash-mismatch',
      });
    }
    const file = await this.#keep(part, fileId, name);
    this.#parts.database
      .prepare(
        `INSERT INTO file_uploader VALUES (?, ?, ?)
         ON CONFLICT (file_id, agent_id) DO UPDATE SET uploaded_at = excluded.uploaded_at`,
      )
      .run(fileId, agentId, this.#parts.clock.now());
    return file;
  }

  /** Moves a checked part to its place and makes its row; the content is on the disk before the row is. */
  async #keep(part: string, fileId: string, name: string): Promise<StoredFile> {
    // One that the disk has lost is put back by what arrived. Asked first, so that nothing comes between row and date.
    const known = (await this.#isOnDisk(fileId)) ? this.find(fileId) : null;
    if (known !== null) {
      this.#parts.database.prepare('UPDATE file SET stored_at = ? WHERE id = ?').run(this.#parts.clock.now(), fileId);
      return known;
    }
    const mediaType = await sniffMediaType(part, name);
    const size = await this.#partFiles.length(part);
    const target = this.#pathOf(fileId);
    await this.#onDisk(async () => {
      await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
      await rename(part, target);
      await syncFolder(path.dirname(target));
    });
    this.#parts.database
      .prepare('INSERT INTO file VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET stored_at = excluded.stored_at')
      .run(fileId, size, mediaType, this.#parts.clock.now());
    return { fileId, size, mediaType };
  }

  async #isOnDisk(fileId: string): Promise<boolean> {
    return (await stat(this.#pathOf(fileId)).catch(() => null)) !== null;
  }

  #pathOf(fileId: string): string {
    return path.join(this.#parts.folder, fileId.slice(0, 2), fileId);
  }

  async #onDisk<Value>(task: () => Promise<Value>): Promise<Value> {
    try {
      return await task();
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
      if (code !== 'ENOSPC' && code !== 'EDQUOT' && code !== 'EACCES' && code !== 'EROFS' && code !== 'EIO')
        throw cause;
      throw new AppError('storage', 'The relay cannot write the file to its disk.', {
        reason: 'file-not-written',
        cause,
      });
    }
  }
}

function attachmentName(name: string, mediaType: string): string {
  const clean = cleanLine(name.replace(/[/\\]/gu, '_')) || 'file';
  const fitting = nameFor(clean, mediaType);
  if (fitting.length <= MAX_NAME_LENGTH) return fitting;
  const ending = /\.[\p{L}\p{N}]{1,10}$/u.exec(fitting)?.[0] ?? '';
  return `${cutText(fitting, MAX_NAME_LENGTH - ending.length)}${ending}`;
}

/** After a rename only this makes the new name durable; Windows neither needs nor allows it. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  if (handle === null) return;
  await handle.sync().catch(() => {});
  await handle.close();
}
