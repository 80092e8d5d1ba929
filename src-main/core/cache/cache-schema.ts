import { createHash } from 'node:crypto';
import { subjectKinds } from '../../../shared/domain/registry.ts';
import type { TableSpec } from '../../../shared/domain/subject/subject-kind.ts';

/** Raised when rows, folding of text or what is indexed change while the tables stay as they are. */
const CACHE_REVISION = 1;

/** Folding has been done before, with more than the tokenizer's own knows (`đ`). */
const TOKENIZER = 'unicode61 remove_diacritics 0';

export const tableSpecs: readonly TableSpec[] = subjectKinds.flatMap((kind) => kind.tables);

/** What every row has beside the columns its kind declares. `row` is the whole row as JSON. */
const ROOT_COLUMNS = [
  'id TEXT NOT NULL UNIQUE',
  'asOf INTEGER NOT NULL',
  // Position of the first item held; items older than it are at the relay only, unless `isComplete`.
  'windowFrom INTEGER NOT NULL',
  'isComplete INTEGER NOT NULL',
  'isDirty INTEGER NOT NULL',
  'row TEXT NOT NULL',
];
const ITEM_COLUMNS = [
  // Not unique: nothing that another console makes up may stop this one. Ids are made in order of time, so their index
  // grows at its end.
  'id TEXT NOT NULL',
  // The root's rowid: an index over it is a fifth of one over ids, and as many pages fewer are touched by each frame.
  'subject INTEGER NOT NULL',
  'asOf INTEGER NOT NULL',
  'row TEXT NOT NULL',
];

const OTHER_TABLES = `
  CREATE TABLE meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    schema TEXT NOT NULL,
    agentId TEXT NOT NULL,
    epoch TEXT,
    cursor INTEGER NOT NULL,
    heldSince INTEGER NOT NULL,
    isOpen INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE appliedCommand (id TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE file (id TEXT PRIMARY KEY, size INTEGER NOT NULL, fetchedAt INTEGER NOT NULL) STRICT;
  CREATE TABLE fileChunk (fileId TEXT NOT NULL, start INTEGER NOT NULL, content BLOB NOT NULL) STRICT;
  CREATE INDEX fileChunk_by_place ON fileChunk (fileId, start);
  CREATE TABLE fileLink (subject TEXT NOT NULL, fileId TEXT NOT NULL, PRIMARY KEY (subject, fileId)) STRICT, WITHOUT ROWID;
`;

/** Name of the full-text index of a table. Its rowid is the table's rowid, for items the position (SYNC-S6). */
export function searchTableOf(table: string): string {
  return `${table}_search`;
}

/** Columns of a table in the order of the insert statements, the rowid's alias first. */
export function columnsOf(spec: TableSpec): string[] {
  const fixed =
    spec.role === 'root'
      ? ['rid', 'id', 'asOf', 'windowFrom', 'isComplete', 'isDirty', 'row']
      : ['position', 'id', 'subject', 'asOf', 'row'];
  return [...fixed, ...Object.keys(spec.columns)];
}

/** Table of the rows that pending commands make of a table's rows, and of the rowids that they take the place of. */
export function pendingTableOf(table: string): string {
  return `pending_${table}`;
}
export function hiddenTableOf(table: string): string {
  return `hidden_${table}`;
}

/** The same columns as the table itself, so that a query reads both alike, and the command that made the row last. */
export function createPendingSql(spec: TableSpec): string {
  const pending = pendingTableOf(spec.name);
  const index = `"${searchTableOf(pending)}"`;
  return [
    createTableSql({ ...spec, name: pending }, 'TEMP', ['commandId TEXT NOT NULL']),
    `CREATE TEMP TABLE "${hiddenTableOf(spec.name)}" (rid INTEGER PRIMARY KEY);`,
    `CREATE VIRTUAL TABLE temp.${index} USING fts5(text, tokenize='${TOKENIZER}');`,
  ].join('\n');
}

function createTableSql(spec: TableSpec, place: '' | 'TEMP', extra: readonly string[] = []): string {
  const isRoot = spec.role === 'root';
  const declared = Object.entries(spec.columns).map(([name, type]) => `"${name}" ${type.toUpperCase()}`);
  const columns = [
    `${isRoot ? 'rid' : 'position'} INTEGER PRIMARY KEY`,
    ...(isRoot ? ROOT_COLUMNS : ITEM_COLUMNS),
    ...declared,
    ...extra,
  ];
  return `CREATE ${place} TABLE "${spec.name}" (${columns.join(', ')}) STRICT;`;
}

/**
 * Text is folded before it comes here. No copy of it is kept in the index (`content=''`): the rows have it. With
 * `secure-delete` a deleted word is really gone from the file (SYNC-V2).
 */
function createSearchSql(table: string): string {
  const name = `"${searchTableOf(table)}"`;
  return (
    `CREATE VIRTUAL TABLE ${name} USING fts5(text, content='', tokenize='${TOKENIZER}');` +
    `INSERT INTO ${name}(${name}, rank) VALUES ('secure-delete', 1);`
  );
}

function indexSql(spec: TableSpec): string[] {
  // Every index ends with the rowid, which an item's position is: the items of a subject are in order in it.
  const indexes = spec.role === 'item' ? [['subject'], ['id'], ...spec.indexes] : spec.indexes;
  return indexes.map((columns) => {
    const list = columns.map((column) => `"${column}"`).join(', ');
    return `CREATE INDEX "${spec.name}_by_${columns.join('_')}" ON "${spec.name}" (${list});`;
  });
}

/** Everything of an empty cache but its `meta` row. */
export const cacheSchemaSql: string = [
  OTHER_TABLES,
  ...tableSpecs.flatMap((spec) => [
    createTableSql(spec, ''),
    ...indexSql(spec),
    ...(spec.searchText === undefined ? [] : [createSearchSql(spec.name)]),
  ]),
].join('\n');

/** A cache made from another schema is not migrated but fetched again (SYNC-P1). */
export const cacheSchemaHash: string = createHash('sha256')
  .update(`${CACHE_REVISION}\n${cacheSchemaSql}`)
  .digest('hex')
  .slice(0, 32);
