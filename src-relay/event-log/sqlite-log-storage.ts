import BetterSqlite3, { type Database } from 'better-sqlite3';
import type { RootRow, SubjectKind } from '../../shared/domain/subject/subject-kind.ts';
import { type LogStorage, WriterReplacedError } from './log-storage.ts';
import { openDeliveryStore } from './sqlite-delivery-store.ts';
import { prepareLogRecords } from './sqlite-log-records.ts';
import { SqliteProjectionRows } from './sqlite-projection-rows.ts';
import { openTimerStore } from './sqlite-timer-store.ts';
import { becomeWriter } from './become-writer.ts';

/** Root rows read before others have a turn. */
const CHUNK = 500;

/**
 * The event log's storage in SQLite, with one writer: this process.
 * @param database of `openRelayDatabase`; it is the opener's to close
 * @param newEpoch of the first lineage, where the database is new
 */
export function openSqliteLogStorage(database: Database, newEpoch: () => string): LogStorage {
  const records = prepareLogRecords(database);
  database.transaction(() => records.createMeta(newEpoch())).immediate();
  const rows = new SqliteProjectionRows(database);
  const transaction = becomeWriter(database);
  return {
    records,
    rows,
    deliveries: openDeliveryStore(database, transaction),
    timers: openTimerStore(database, transaction),
    transaction,
    failureOf: (error) => {
      if (error instanceof WriterReplacedError) return 'unwritable';
      if (!(error instanceof BetterSqlite3.SqliteError)) return null;
      return /^SQLITE_(CONSTRAINT|MISMATCH|RANGE|TOOBIG|ERROR)/.test(error.code) ? 'refused' : 'unwritable';
    },
    listRoots: (kind, nextTurn) => listRoots(database, kind, nextTurn),
  };
}

async function listRoots(database: Database, kind: SubjectKind, nextTurn: () => Promise<void>): Promise<RootRow[]> {
  // A connection of its own sees one state while others go on writing between its chunks.
  const source = database.memory ? database : new BetterSqlite3(database.name, { readonly: true });
  const list = source
    .prepare<[string], string>(`SELECT row FROM "${kind.tables[0]!.name}" WHERE id > ? ORDER BY id LIMIT ${CHUNK}`)
    .pluck();
  const roots: RootRow[] = [];
  try {
    if (source !== database) source.exec('BEGIN');
    for (;;) {
      const chunk = list.all(roots.at(-1)?.id ?? '').map((row) => JSON.parse(row) as RootRow);
      roots.push(...chunk);
      if (chunk.length < CHUNK) return roots;
      if (source !== database) await nextTurn();
    }
  } finally {
    if (source !== database) source.close();
  }
}
