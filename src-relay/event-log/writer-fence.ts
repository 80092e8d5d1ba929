import type { Database, Statement } from 'better-sqlite3';

/** Another process has become the writer of this log: nothing may be written any more (SYNC-L5). */
export class WriterReplacedError extends Error {
  constructor() {
    super('another relay has opened this database for writing');
    this.name = 'WriterReplacedError';
  }
}

/** Makes this process the writer, and tells it when it no longer is. */
export class WriterFence {
  readonly #generation: number;
  readonly #read: Statement<[], number>;

  constructor(database: Database) {
    this.#read = database.prepare<[], number>('SELECT writer_gen FROM log_meta').pluck();
    const raise = database.transaction(() => {
      database.prepare('UPDATE log_meta SET writer_gen = writer_gen + 1').run();
      return this.#read.get() ?? 0;
    });
    this.#generation = raise.immediate();
  }

  /** Call it inside of every writing transaction. @throws WriterReplacedError */
  check(): void {
    if (this.#read.get() !== this.#generation) throw new WriterReplacedError();
  }
}
