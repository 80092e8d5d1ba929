/**
 * Preloaded (`--import`) into a relay or console under test, and into its worker threads. Reads a control file again and
 * again, so that the run can move this process's clock and take its disk away while it works.
 */
import { readFileSync } from 'node:fs';
import BetterSqlite3, { type Database } from 'better-sqlite3';
import { CONTROL_VARIABLE, type ChildControl, parseControl } from './child-control.ts';

const POLL_MS = 50;
const NO_LIMIT = 1_073_741_823;

const controlFile = process.env[CONTROL_VARIABLE];
if (controlFile !== undefined) {
  let control = read(controlFile);
  const databases = new Set<WeakRef<Database>>();
  shiftClock(() => control.clockShiftMs);
  // Whoever opens a database sets its pragmas first; the original is used for our own.
  const { pragma } = BetterSqlite3.prototype;
  const seen = new WeakSet<Database>();
  BetterSqlite3.prototype.pragma = function remember(this: Database, ...call: Parameters<typeof pragma>): unknown {
    const answer: unknown = pragma.apply(this, call);
    // The key comes first, and before it nothing can be read.
    const isOpened = /^\s*(journal_mode|synchronous)\b/u.test(call[0]);
    if (isOpened && !seen.has(this) && !this.readonly) {
      seen.add(this);
      databases.add(new WeakRef(this));
      limit(this, control.disk, pragma);
    }
    return answer;
  };
  setInterval(() => {
    const next = read(controlFile);
    const isOtherDisk = next.disk !== control.disk;
    control = next;
    if (!isOtherDisk) return;
    for (const reference of databases) {
      const database = reference.deref();
      if (database === undefined || !database.open) databases.delete(reference);
      else limit(database, control.disk, pragma);
    }
  }, POLL_MS).unref();
}

/** `full`: no page more; `read-only`: the error code of a file system that was mounted read-only. */
function limit(database: Database, disk: ChildControl['disk'], pragma: Database['pragma']): void {
  try {
    pragma.call(database, `max_page_count = ${disk === 'full' ? 1 : NO_LIMIT}`);
    pragma.call(database, `query_only = ${disk === 'read-only' ? 'ON' : 'OFF'}`);
  } catch {
    // Busy or closing: the next change of the control file comes.
  }
}

function read(file: string): ChildControl {
  try {
    return parseControl(readFileSync(file, 'utf8'));
  } catch {
    // Half written, or not yet: as if nothing was wrong.
    return parseControl('{}');
  }
}

/** Wall-clock time only: what is monotonic goes on as it did. */
function shiftClock(shiftMs: () => number): void {
  const Real = Date;
  class ShiftedDate extends Real {
    constructor(...parts: unknown[]) {
      if (parts.length === 0) super(Real.now() + shiftMs());
      else super(...(parts as [number]));
    }

    static override now(): number {
      return Real.now() + shiftMs();
    }
  }
  globalThis.Date = ShiftedDate as DateConstructor;
}
