import type { Database, Statement } from 'better-sqlite3';
import { AppError } from '../../../shared/errors.ts';
import { tableSpecs } from './cache-schema.ts';
import { CacheView } from './cache-view.ts';
import type { ReaderStore, ReaderView, ReaderViewParts } from './reader-store.ts';
import { SqliteBaseRows } from './sqlite-base-rows.ts';
import { SqlitePendingTable } from './sqlite-pending-table.ts';

/** Answers one request of a view. Runs in the reader's thread, inside a read transaction. */
export type ViewQuery = (view: CacheView, input: never) => unknown;

/** A cache's file as its reader sees it. */
export class SqliteReaderStore implements ReaderStore {
  readonly base: SqliteBaseRows;
  readonly pending: ReadonlyMap<string, SqlitePendingTable>;
  readonly #database: Database;
  readonly #queries: Readonly<Record<string, ViewQuery>>;
  readonly #isApplied: Statement<[string]>;
  readonly #version: Statement<[], number>;
  readonly #transact: (work: () => unknown) => unknown;

  constructor(database: Database, queries: Readonly<Record<string, ViewQuery>>) {
    this.#database = database;
    this.#queries = queries;
    this.base = new SqliteBaseRows(database);
    this.pending = new Map(tableSpecs.map((spec) => [spec.name, new SqlitePendingTable(database, spec)]));
    this.#isApplied = database.prepare('SELECT 1 FROM appliedCommand WHERE id = ?');
    this.#version = database.prepare<[], number>('PRAGMA data_version').pluck();
    // Made once: that costs as much as a read.
    this.#transact = database.transaction((work: () => unknown) => work());
  }

  version(): number {
    return this.#version.get()!;
  }

  isApplied(commandId: string): boolean {
    return this.#isApplied.get(commandId) !== undefined;
  }

  transact<Answer>(work: () => Answer): Answer {
    return this.#transact(work) as Answer;
  }

  makeView({ overlay, local, agentId, generation }: ReaderViewParts): ReaderView {
    const view = new CacheView(this.#database, this.base, overlay, local, agentId, generation);
    return {
      answer: (name, input) => {
        const query = this.#queries[name];
        if (query === undefined) throw new AppError('unsupported', `There is no request ${name}.`);
        view.begin();
        return query(view, input as never);
      },
    };
  }

  close(): void {
    this.#database.close();
  }
}
