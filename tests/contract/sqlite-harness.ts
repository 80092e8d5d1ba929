import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from 'better-sqlite3';
import { pino } from 'pino';
import { openRelayDatabase } from '../../src-relay/event-log/open-relay-database.ts';
import { openSqliteEventLog } from '../../src-relay/event-log/sqlite-event-log.ts';
import { ManualClock, seededRandom } from '../fakes/manual-clock.ts';
import type { EventLogHarness } from './event-log-harness.ts';

/** The log in a SQLite file of its own. */
export function makeSqliteHarness(): EventLogHarness {
  const folder = mkdtempSync(path.join(tmpdir(), 'event-log-'));
  const random = seededRandom(1);
  const open: Database[] = [];
  const files = new Set<string>();
  const harness: EventLogHarness = {
    clock: new ManualClock(),
    files,
    plan: (_kind, message) => [message],
    hasFile: (fileId) => files.has(fileId),
    open: () => {
      const database = openRelayDatabase(path.join(folder, 'relay.db'));
      open.push(database);
      return openSqliteEventLog({
        database,
        clock: harness.clock,
        random,
        plan: (kind, message) => harness.plan(kind, message),
        hasFile: (fileId, by) => harness.hasFile(fileId, by),
        logger: pino({ level: 'silent' }),
      });
    },
    crash: () => {
      for (const database of open.splice(0)) database.close();
    },
    fillUp: () => {
      const database = open.at(-1)!;
      const pages = Number(database.pragma('page_count', { simple: true }));
      database.pragma(`max_page_count = ${pages}`);
      return () => database.pragma('max_page_count = 1073741823');
    },
    dispose: () => {
      for (const database of open) database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return harness;
}
