import type { Database } from 'better-sqlite3';
import type { EventLog } from './event-log.ts';
import { type EventLogOptions, makeEpoch, openEventLog } from './open-event-log.ts';
import { openSqliteLogStorage } from './sqlite-log-storage.ts';

interface SqliteEventLogOptions extends Omit<EventLogOptions, 'storage'> {
  /** Of `openRelayDatabase`. It is the opener's to close, after the log. */
  database: Database;
}

/** The event log on SQLite, with one writer: this process. */
export function openSqliteEventLog({ database, ...options }: SqliteEventLogOptions): EventLog {
  const storage = openSqliteLogStorage(database, () => makeEpoch(options.clock, options.random));
  return openEventLog({ ...options, storage });
}
