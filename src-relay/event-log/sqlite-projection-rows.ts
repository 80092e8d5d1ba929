import type { Database, Statement } from 'better-sqlite3';
import { findKind, subjectKinds } from '../../shared/domain/registry.ts';
import type {
  ItemRow,
  RootRow,
  Row,
  RowChange,
  SubjectKind,
  SubjectRef,
  TableSpec,
} from '../../shared/domain/subject/subject-kind.ts';
import { parseSubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { ProjectionRows } from './log-storage.ts';
import { SubjectOwners } from './subject-owners.ts';

type ColumnValue = string | number | null;

interface Table {
  spec: TableSpec;
  /** Fields of a row that have a column, in the order of `put`; the whole row comes after them. */
  fields: readonly string[];
  put: Statement<ColumnValue[]>;
  findById: Statement<[string], string>;
  deleteById: Statement<[string]>;
}

interface ItemTable extends Table {
  deleteOfSubject: Statement<[string]>;
  listIds: Statement<[string], string>;
  /** Newest first. Parameters: subject id, position (exclusive), limit. */
  listBefore: Statement<[string, number, number], string>;
}

/**
 * The rows of every kind of subject, as `TableSpec` declares them: fields with a column of their own, and the whole row
 * as JSON. The kinds' list indexes are left to consoles: the relay looks rows up by id only.
 */
export class SqliteProjectionRows implements ProjectionRows {
  readonly #roots = new Map<string, Table>();
  readonly #items = new Map<string, ItemTable>();
  readonly #owners: SubjectOwners;

  /** Makes missing tables, and fills a table again from its own rows when its kind has other columns now. */
  constructor(database: Database) {
    database.exec(
      'CREATE TABLE IF NOT EXISTS projection_table (name TEXT PRIMARY KEY, definition TEXT NOT NULL) STRICT',
    );
    const make = database.transaction(() => {
      for (const kind of subjectKinds) for (const spec of kind.tables) this.#open(database, spec);
    });
    make.immediate();
    this.#owners = new SubjectOwners(database);
  }

  readRoot(kind: SubjectKind, id: string): RootRow | null {
    const row = this.#root(kind).findById.get(id);
    return row === undefined ? null : (JSON.parse(row) as RootRow);
  }

  readItem(table: string, id: string): ItemRow | null {
    const row = this.#items.get(table)?.findById.get(id);
    return row === undefined ? null : (JSON.parse(row) as ItemRow);
  }

  write(kind: SubjectKind, change: RowChange): void {
    const root = this.#root(kind);
    const isRoot = change.table === root.spec.name;
    const table = isRoot ? root : this.#items.get(change.table);
    if (table === undefined) throw new Error(`kind ${kind.name} has no table ${change.table}`);
    if (change.op === 'put') {
      table.put.run(...valuesOf(table.fields, change.row));
      if (isRoot) this.#owners.note(kind, change.row as RootRow);
      return;
    }
    table.deleteById.run(change.id);
    if (isRoot) for (const item of this.#itemTables(kind)) item.deleteOfSubject.run(change.id);
  }

  listItemIds(subject: SubjectRef): string[] {
    const { kind, id } = parseSubjectRef(subject);
    const known = findKind(kind);
    return known === undefined ? [] : this.#itemTables(known).flatMap((table) => table.listIds.all(id));
  }

  listOwned(owner: SubjectRef): SubjectRef[] {
    return this.#owners.listOwned(owner);
  }

  listItemsBefore(
    subject: SubjectRef,
    position: number,
    limit: number,
  ): { items: { table: string; row: ItemRow }[]; isComplete: boolean } {
    const { kind: kindName, id } = parseSubjectRef(subject);
    const kind = findKind(kindName);
    if (kind === undefined) return { items: [], isComplete: true };
    const items = this.#itemTables(kind).flatMap((table) =>
      table.listBefore
        .all(id, position, limit + 1)
        .map((json) => ({ table: table.spec.name, row: JSON.parse(json) as ItemRow })),
    );
    items.sort((a, b) => b.row.position - a.row.position);
    return { items: items.slice(0, limit).toReversed(), isComplete: items.length <= limit };
  }

  #root(kind: SubjectKind): Table {
    const table = this.#roots.get(kind.tables[0]?.name ?? '');
    if (table === undefined) throw new Error(`kind ${kind.name} has no root table`);
    return table;
  }

  #itemTables(kind: SubjectKind): ItemTable[] {
    return kind.tables.flatMap((spec) => this.#items.get(spec.name) ?? []);
  }

  #open(database: Database, spec: TableSpec): void {
    const definition = definitionOf(spec);
    const known = database
      .prepare<[string], string>('SELECT definition FROM projection_table WHERE name = ?')
      .pluck()
      .get(spec.name);
    if (known === undefined) database.exec(definition);
    else if (known !== definition) this.#rebuild(database, spec, definition);
    if (known !== definition) {
      database.prepare('INSERT OR REPLACE INTO projection_table VALUES (?, ?)').run(spec.name, definition);
    }
    if (spec.role === 'root') this.#roots.set(spec.name, prepareTable(database, spec));
    else this.#items.set(spec.name, prepareItemTable(database, spec));
  }

  #rebuild(database: Database, spec: TableSpec, definition: string): void {
    const rows = database.prepare<[], string>(`SELECT row FROM "${spec.name}"`).pluck().all();
    database.exec(`DROP TABLE "${spec.name}"`);
    database.exec(definition);
    const { put, fields } = prepareTable(database, spec);
    for (const row of rows) put.run(...valuesOf(fields, JSON.parse(row) as Row));
  }
}

function definitionOf(spec: TableSpec): string {
  const columns = Object.entries(spec.columns).map(([name, type]) => `"${name}" ${type.toUpperCase()}`);
  if (spec.role === 'root') {
    const own = ['id TEXT PRIMARY KEY', 'asOf INTEGER NOT NULL', 'bornSeq INTEGER NOT NULL'];
    return `CREATE TABLE "${spec.name}" (${[...own, ...columns, 'row TEXT NOT NULL'].join(', ')});`;
  }
  const own = [
    'position INTEGER PRIMARY KEY',
    'id TEXT NOT NULL UNIQUE',
    'subjectId TEXT NOT NULL',
    'asOf INTEGER NOT NULL',
  ];
  return (
    `CREATE TABLE "${spec.name}" (${[...own, ...columns, 'row TEXT NOT NULL'].join(', ')});` +
    `CREATE INDEX "${spec.name}_by_subject" ON "${spec.name}" (subjectId, position);`
  );
}

function ownColumns(spec: TableSpec): string[] {
  return spec.role === 'root' ? ['id', 'asOf', 'bornSeq'] : ['position', 'id', 'subjectId', 'asOf'];
}

function prepareTable(database: Database, spec: TableSpec): Table {
  const fields = [...ownColumns(spec), ...Object.keys(spec.columns)];
  const names = [...fields, 'row'].map((name) => `"${name}"`);
  const key = spec.role === 'root' ? 'id' : 'position';
  const updates = names.filter((name) => name !== `"${key}"`).map((name) => `${name} = excluded.${name}`);
  return {
    spec,
    fields,
    put: database.prepare(
      `INSERT INTO "${spec.name}" (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})
       ON CONFLICT ("${key}") DO UPDATE SET ${updates.join(', ')}`,
    ),
    findById: database.prepare<[string], string>(`SELECT row FROM "${spec.name}" WHERE id = ?`).pluck(),
    deleteById: database.prepare(`DELETE FROM "${spec.name}" WHERE id = ?`),
  };
}

function prepareItemTable(database: Database, spec: TableSpec): ItemTable {
  return {
    ...prepareTable(database, spec),
    listIds: database.prepare<[string], string>(`SELECT id FROM "${spec.name}" WHERE subjectId = ?`).pluck(),
    deleteOfSubject: database.prepare(`DELETE FROM "${spec.name}" WHERE subjectId = ?`),
    listBefore: database
      .prepare<[string, number, number], string>(
        `SELECT row FROM "${spec.name}" WHERE subjectId = ? AND position < ? ORDER BY position DESC LIMIT ?`,
      )
      .pluck(),
  };
}

function valuesOf(fields: readonly string[], row: Row): ColumnValue[] {
  const record = row as unknown as Record<string, unknown>;
  const values: ColumnValue[] = [];
  for (const field of fields) values.push(columnValue(record[field]));
  values.push(JSON.stringify(row));
  return values;
}

function columnValue(value: unknown): ColumnValue {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}
