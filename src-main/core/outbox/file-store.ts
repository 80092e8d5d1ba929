import type { Database } from 'better-sqlite3';
import { AppError } from '../../../shared/errors.ts';
import type { DiskRoom } from '../disk-room.ts';

export interface PendingFile {
  /** SHA-256, 64 hex digits. */
  id: string;
  name: string;
  mediaType: string;
  /** Bytes. */
  size: number;
  isUploaded: boolean;
}

/** Uploaded files stay a little, so that what was just sent is shown without being fetched. */
export const UPLOADED_KEPT_MS = 24 * 60 * 60 * 1000;

/** Attachments that an agent added, until the relay has them. */
export interface FileStore {
  /** Keeps a whole file. One that is here already stays as it is. @param addedAt epoch ms */
  add(file: Omit<PendingFile, 'isUploaded'>, chunks: readonly Uint8Array[], addedAt: number): void;
  find(fileId: string): PendingFile | null;
  read(fileId: string, offset: number, length: number): Uint8Array;
  setUploaded(fileId: string, isUploaded: boolean): void;
  remove(fileIds: readonly string[]): void;
  /** Deletes what nobody needs any more. @param needed files of drafts, unsent commands and refused ones */
  prune(needed: ReadonlySet<string>, now: number): void;
}

export class SqliteFileStore implements FileStore {
  readonly #database: Database;
  readonly #room: DiskRoom;

  /** @param room while it is low no file is taken: what is left is for texts */
  constructor(database: Database, room: DiskRoom) {
    this.#database = database;
    this.#room = room;
  }

  add(file: Omit<PendingFile, 'isUploaded'>, chunks: readonly Uint8Array[], addedAt: number): void {
    if (this.#room.isLow) {
      throw new AppError('storage', 'The disk is full; free some space before adding files.', { reason: 'disk-full' });
    }
    this.#database
      .transaction(() => {
        const { changes } = this.#database
          .prepare(
            'INSERT OR IGNORE INTO file (id, name, mediaType, size, addedAt, isUploaded) VALUES (?, ?, ?, ?, ?, 0)',
          )
          .run(file.id, file.name, file.mediaType, file.size, addedAt);
        if (changes === 0) return;
        const put = this.#database.prepare('INSERT INTO fileChunk (fileId, start, content) VALUES (?, ?, ?)');
        let start = 0;
        for (const chunk of chunks) {
          put.run(file.id, start, chunk);
          start += chunk.length;
        }
      })
      .immediate();
  }

  find(fileId: string): PendingFile | null {
    const row = this.#database
      .prepare<[string], Omit<PendingFile, 'isUploaded'> & { isUploaded: number }>(
        'SELECT id, name, mediaType, size, isUploaded FROM file WHERE id = ?',
      )
      .get(fileId);
    return row === undefined ? null : { ...row, isUploaded: row.isUploaded === 1 };
  }

  read(fileId: string, offset: number, length: number): Uint8Array {
    const chunks = this.#database
      .prepare<[string, number, number], { start: number; content: Uint8Array }>(
        'SELECT start, content FROM fileChunk WHERE fileId = ? AND start < ? AND start + length(content) > ? ORDER BY start',
      )
      .all(fileId, offset + length, offset);
    return Buffer.concat(
      chunks.map(({ start, content }) =>
        content.subarray(Math.max(0, offset - start), Math.max(0, offset + length - start)),
      ),
    );
  }

  setUploaded(fileId: string, isUploaded: boolean): void {
    this.#database.prepare('UPDATE file SET isUploaded = ? WHERE id = ?').run(isUploaded ? 1 : 0, fileId);
  }

  prune(needed: ReadonlySet<string>, now: number): void {
    const old = this.#database
      .prepare<[number], string>('SELECT id FROM file WHERE addedAt < ?')
      .pluck()
      .all(now - UPLOADED_KEPT_MS);
    this.remove(old.filter((fileId) => !needed.has(fileId)));
  }

  remove(fileIds: readonly string[]): void {
    this.#database
      .transaction(() => {
        for (const fileId of fileIds) {
          this.#database.prepare('DELETE FROM fileChunk WHERE fileId = ?').run(fileId);
          this.#database.prepare('DELETE FROM file WHERE id = ?').run(fileId);
        }
      })
      .immediate();
  }
}
