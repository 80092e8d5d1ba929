import type { Database, Statement } from 'better-sqlite3';
import { CacheFolder } from '../../src-main/core/cache/cache-folder.ts';
import type { OpenDatabase } from '../../src-main/core/cache/open-database.ts';
import type { SqliteCacheStore } from '../../src-main/core/cache/sqlite-cache-store.ts';

interface Run {
  /** Place in `sqls`. */
  statement: number;
  values: unknown[];
}

/** What a writer has its database do, and nothing of how it came to that. */
export class RecordedStatements {
  readonly #sqls: string[] = [];
  readonly #transactions: Run[][] = [];
  #current: Run[] | null = null;

  /** Opens databases as `open` does, and notes what is run on those that are written to. */
  listenTo(open: OpenDatabase): OpenDatabase {
    return (file, mode) => (mode === 'read' ? open(file, mode) : this.#listening(open(file, mode)));
  }

  /** Notes what `work` runs: one transaction. */
  during<Answer>(work: () => Answer): Answer {
    this.#current = [];
    try {
      return work();
    } finally {
      this.#transactions.push(this.#current);
      this.#current = null;
    }
  }

  /**
   * Runs all of it on another copy of the file: prepared statements, values at hand, the same transactions, and the
   * file tidied after each as the writer does. @returns ms, without opening and preparing
   */
  replay(folder: string, open: OpenDatabase, agentId: string): number {
    const { store } = new CacheFolder(folder, open, agentId).open();
    try {
      const statements = this.#sqls.map((sql) => store.database.prepare(sql));
      const startedAt = performance.now();
      for (const runs of this.#transactions) {
        runAll(store, statements, runs);
        store.tidy();
      }
      return performance.now() - startedAt;
    } finally {
      store.close();
    }
  }

  #listening(database: Database): Database {
    const prepare = database.prepare.bind(database);
    // It is called with one set of type arguments or another; only `run` of what it gives is added to.
    database.prepare = ((sql: string) => {
      const statement = prepare(sql);
      const run = statement.run.bind(statement);
      const place = this.#placeOf(sql);
      statement.run = (...values: unknown[]) => {
        const [first] = values;
        this.#current?.push({ statement: place, values: Array.isArray(first) ? (first as unknown[]) : values });
        return run(...values);
      };
      return statement;
    }) as Database['prepare'];
    return database;
  }

  #placeOf(sql: string): number {
    const known = this.#sqls.indexOf(sql);
    return known >= 0 ? known : this.#sqls.push(sql) - 1;
  }
}

function runAll(
  { database }: SqliteCacheStore,
  statements: readonly Statement<unknown[]>[],
  runs: readonly Run[],
): void {
  database.exec('BEGIN IMMEDIATE');
  for (const { statement, values } of runs) statements[statement]!.run(...values);
  database.exec('COMMIT');
}
