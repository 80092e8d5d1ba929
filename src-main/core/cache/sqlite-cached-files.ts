import type { Database, Statement } from 'better-sqlite3';
import type { CachedFiles } from './cache-store.ts';

/** Attachments kept on this device beyond those waiting to be uploaded. Beyond it the oldest go. */
const MAX_BYTES = 512 * 1024 * 1024;

/** Files in pieces, so that a part of one can be read. */
export class SqliteCachedFiles implements CachedFiles {
  readonly #database: Database;
  readonly #addFile: Statement<[string, number, number]>;
  readonly #addChunk: Statement<[string, number, Uint8Array]>;
  readonly #link: Statement<[string, string]>;
  readonly #unlink: Statement<[string]>;
  readonly #maxBytes: number;

  constructor(database: Database, maxBytes = MAX_BYTES) {
    this.#database = database;
    this.#maxBytes = maxBytes;
    this.#addFile = database.prepare('INSERT INTO file (id, size, fetchedAt) VALUES (?, ?, ?)');
    this.#addChunk = database.prepare('INSERT INTO fileChunk (fileId, start, content) VALUES (?, ?, ?)');
    this.#link = database.prepare('INSERT OR IGNORE INTO fileLink (subject, fileId) VALUES (?, ?)');
    this.#unlink = database.prepare('DELETE FROM fileLink WHERE subject = ?');
  }

  put(fileId: string, subject: string, chunks: readonly Uint8Array[], fetchedAt: number): void {
    const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    this.#database
      .transaction(() => {
        this.#delete(fileId);
        this.#makeRoom(size);
        this.#addFile.run(fileId, size, fetchedAt);
        let start = 0;
        for (const chunk of chunks) {
          this.#addChunk.run(fileId, start, chunk);
          start += chunk.length;
        }
        this.#link.run(subject, fileId);
      })
      .immediate();
  }

  unlink(subject: string): void {
    if (this.#unlink.run(subject).changes === 0) return;
    const orphans = this.#database
      .prepare<[], string>('SELECT id FROM file WHERE id NOT IN (SELECT fileId FROM fileLink)')
      .pluck()
      .all();
    for (const fileId of orphans) this.#delete(fileId);
  }

  #makeRoom(size: number): void {
    let held = this.#database.prepare<[], number>('SELECT coalesce(sum(size), 0) FROM file').pluck().get() ?? 0;
    while (held + size > this.#maxBytes) {
      const oldest = this.#database
        .prepare<[], { id: string; size: number }>('SELECT id, size FROM file ORDER BY fetchedAt LIMIT 1')
        .get();
      if (oldest === undefined) return;
      this.#delete(oldest.id);
      this.#database.prepare('DELETE FROM fileLink WHERE fileId = ?').run(oldest.id);
      held -= oldest.size;
    }
  }

  #delete(fileId: string): void {
    this.#database.prepare('DELETE FROM fileChunk WHERE fileId = ?').run(fileId);
    this.#database.prepare('DELETE FROM file WHERE id = ?').run(fileId);
  }
}
