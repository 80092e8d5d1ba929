import type { Database, Statement } from 'better-sqlite3';
import { kindOf } from '../../../shared/domain/registry.ts';
import {
  type ItemRow,
  type RootRow,
  type Row,
  type SubjectReader,
  type SubjectRef,
  subjectRef,
} from '../../../shared/domain/subject/subject-kind.ts';
import { hiddenTableOf, pendingTableOf, searchTableOf } from './cache-schema.ts';
import type { LocalState } from './local-state.ts';
import { parseStoredRow } from './open-database.ts';
import type { Overlay } from './overlay.ts';
import type { BaseRows, HeldWindow } from './reader-store.ts';

/** Part of a list: SQL over the declared columns of a table, with its parameters. */
export interface Condition {
  sql: string;
  parameters: readonly (string | number)[];
}

export interface RowQuery {
  table: string;
  /** The list is the union of these; they must not overlap. One per value of an index's first column reads fastest. */
  anyOf: readonly Condition[];
  /** Columns or expressions to sort by; the rowid decides between equals. */
  orderBy: readonly { column: string; isDescending: boolean }[];
  offset?: number;
  limit: number;
}

export interface FoundRow<Found extends Row = Row> {
  row: Found;
  rowid: number;
  /** The pending command that made the row what it is; null for a confirmed row. */
  commandId: string | null;
}

/**
 * What queries of features read: confirmed rows with pending work on top, and what only this device knows. Good for the
 * time of one query.
 */
export class CacheView {
  readonly agentId: string;
  readonly local: LocalState;
  readonly #database: Database;
  readonly #base: BaseRows;
  readonly #overlay: Overlay;
  readonly #generation: () => string;
  readonly #statements = new Map<string, Statement<unknown[]>>();
  readonly #roots = new Map<SubjectRef, RootRow | null>();
  readonly #counted = new Map<string, unknown>();
  #countedAt = '';

  /** @param generation changes whenever anything may look different */
  constructor(
    database: Database,
    base: BaseRows,
    overlay: Overlay,
    local: LocalState,
    agentId: string,
    generation: () => string,
  ) {
    this.#database = database;
    this.#base = base;
    this.#overlay = overlay;
    this.local = local;
    this.agentId = agentId;
    this.#generation = generation;
  }

  get overlay(): Overlay {
    return this.#overlay;
  }

  /** A query begins: what the one before it read may have changed. */
  begin(): void {
    this.#roots.clear();
  }

  /** Fifty rows name the same few agents and queues; each is read once per query. */
  root<Root extends RootRow>(kind: string, id: string): Root | null {
    const subject = subjectRef(kind, id);
    let root = this.#roots.get(subject);
    if (root === undefined) {
      root = this.#overlay.reader(subject).root();
      this.#roots.set(subject, root);
    }
    return root as Root | null;
  }

  /** One declared column of a root, as text; cheaper than its row where nothing else of it is needed. */
  column(kind: string, id: string, name: string): string | null {
    const subject = subjectRef(kind, id);
    if (this.#roots.has(subject) || this.#overlay.isPredicted(subject)) {
      const root = this.root(kind, id) as unknown as Record<string, string | null> | null;
      return root?.[name] ?? null;
    }
    const table = kindOf(subject)?.tables[0]?.name ?? '';
    const found = this.#prepare(`SELECT "${name}" AS value FROM main."${table}" WHERE id = ?`).get(id);
    return (found as { value: string | null } | undefined)?.value ?? null;
  }

  confirmed(subject: SubjectRef): SubjectReader {
    return this.#base.reader(subject);
  }

  item<Item extends ItemRow>(subject: SubjectRef, table: string, id: string): Item | null {
    return this.#overlay.reader(subject).item<Item>(table, id);
  }

  /** Which items of a subject are held; null for a subject that is not. */
  windowOf(subject: SubjectRef): HeldWindow | null {
    return this.#base.windowOf(subject);
  }

  /** The items of a subject, for `find`. */
  itemsOf(subject: SubjectRef, more = '', ...parameters: (string | number)[]): Condition {
    const sql = more === '' ? 'subject = ?' : `subject = ? AND ${more}`;
    return { sql, parameters: [this.#overlay.rows.rootRowid(subject), ...parameters] };
  }

  find<Found extends Row>(query: RowQuery): FoundRow<Found>[] {
    const { table, offset = 0, limit } = query;
    const columns = query.orderBy.map(({ column }, index) => `, ${column} AS k${index}`).join('');
    const orderSql = [
      ...query.orderBy.map(({ isDescending }, index) => `k${index} ${direction(isDescending)}`),
      `r ${direction(query.orderBy[0]?.isDescending ?? true)}`,
    ].join(', ');
    const { sql, parameters } = this.#union(
      table,
      query.anyOf,
      (isPending) => `rowid AS r, ${isPending} AS p${columns}`,
    );
    return this.#readAll<Found>(table, `${sql} ORDER BY ${orderSql} LIMIT ? OFFSET ?`, [...parameters, limit, offset]);
  }

  /** A value that is costly to make, kept until anything changes. */
  remembered<Value>(key: string, make: () => Value): Value {
    const generation = this.#generation();
    if (generation !== this.#countedAt) this.#counted.clear();
    this.#countedAt = generation;
    if (!this.#counted.has(key)) this.#counted.set(key, make());
    return this.#counted.get(key) as Value;
  }

  count(table: string, anyOf: readonly Condition[]): number {
    const { sql, parameters } = this.#union(table, anyOf, () => 'count(*) AS n');
    return (this.#prepare(sql).all(...parameters) as { n: number }[]).reduce((sum, { n }) => sum + n, 0);
  }

  /**
   * Rows whose text matches, newest rowid first.
   * @param match an FTS5 expression over folded text
   */
  search<Found extends Row>(table: string, match: string, limit: number): FoundRow<Found>[] {
    const index = `"${searchTableOf(table)}"`;
    if (!this.#overlay.rows.hasRows(table)) {
      const sql = `SELECT rowid AS r, 0 AS p FROM ${index} WHERE ${index} MATCH ? ORDER BY rowid DESC LIMIT ?`;
      return this.#readAll(table, sql, [match, limit]);
    }
    const confirmed = this.#prepare(
      `SELECT rowid AS r, 0 AS p FROM ${index} WHERE ${index} MATCH ?` +
        ` AND rowid NOT IN (SELECT rid FROM temp."${hiddenTableOf(table)}") ORDER BY rowid DESC LIMIT ?`,
    ).all(match, limit);
    const pendingIndex = `"${searchTableOf(pendingTableOf(table))}"`;
    const pending = this.#prepare(
      `SELECT rowid AS r, 1 AS p FROM temp.${pendingIndex} WHERE ${pendingIndex} MATCH ? ORDER BY rowid DESC LIMIT ?`,
    ).all(match, limit);
    return ([...pending, ...confirmed] as { r: number; p: number }[])
      .sort((a, b) => b.r - a.r)
      .slice(0, limit)
      .map(({ r, p }) => this.#read<Found>(table, r, p === 1));
  }

  /** Bytes of a cached attachment; null when it is not here. */
  readFile(fileId: string, offset: number, length: number): { content: Uint8Array; size: number } | null {
    const size = (this.#prepare('SELECT size FROM file WHERE id = ?').get(fileId) as { size: number } | undefined)
      ?.size;
    if (size === undefined) return null;
    const chunks = this.#prepare(
      'SELECT start, content FROM fileChunk WHERE fileId = ? AND start < ? AND start + length(content) > ? ORDER BY start',
    ).all(fileId, offset + length, offset) as { start: number; content: Uint8Array }[];
    const parts = chunks.map(({ start, content }) =>
      content.subarray(Math.max(0, offset - start), Math.max(0, offset + length - start)),
    );
    return { content: Buffer.concat(parts), size };
  }

  #union(
    table: string,
    anyOf: readonly Condition[],
    select: (isPending: 0 | 1) => string,
  ): { sql: string; parameters: (string | number)[] } {
    const hasPending = this.#overlay.rows.hasRows(table);
    const parameters: (string | number)[] = [];
    const arms = anyOf.flatMap((condition) => {
      const where = condition.sql === '' ? '1' : condition.sql;
      parameters.push(...condition.parameters);
      if (!hasPending) return [`SELECT ${select(0)} FROM main."${table}" WHERE (${where})`];
      parameters.push(...condition.parameters);
      return [
        `SELECT ${select(0)} FROM main."${table}" WHERE (${where})` +
          ` AND rowid NOT IN (SELECT rid FROM temp."${hiddenTableOf(table)}")`,
        `SELECT ${select(1)} FROM temp."${pendingTableOf(table)}" WHERE (${where})`,
      ];
    });
    return { sql: arms.join(' UNION ALL '), parameters };
  }

  /**
   * The rows that a list of places (`r` a rowid, `p` whether it is pending) names, in its order. Only the places are
   * sorted; where nothing is pending one statement reads them all.
   */
  #readAll<Found extends Row>(table: string, places: string, parameters: readonly unknown[]): FoundRow<Found>[] {
    if (this.#overlay.rows.hasRows(table)) {
      const found = this.#prepare(places).all(...parameters) as { r: number; p: number }[];
      return found.map(({ r, p }) => this.#read<Found>(table, r, p === 1));
    }
    // A cross join keeps the order of its left side, which is a list that was made before.
    const found = this.#prepare(
      `SELECT r, row FROM (${places}) CROSS JOIN main."${table}" AS found ON found.rowid = r`,
    ).all(...parameters) as { r: number; row: string }[];
    return found.map(({ r, row }) => ({ row: parseStoredRow<Found>(row), rowid: r, commandId: null }));
  }

  #read<Found extends Row>(table: string, rowid: number, isPending: boolean): FoundRow<Found> {
    const source = isPending ? `temp."${pendingTableOf(table)}"` : `main."${table}"`;
    const command = isPending ? 'commandId' : 'NULL';
    const found = this.#prepare(`SELECT row, ${command} AS commandId FROM ${source} WHERE rowid = ?`).get(rowid) as {
      row: string;
      commandId: string | null;
    };
    return { row: parseStoredRow<Found>(found.row), rowid, commandId: found.commandId };
  }

  #prepare(sql: string): Statement<unknown[]> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function direction(isDescending: boolean): string {
  return isDescending ? 'DESC' : 'ASC';
}
