import type { Database } from 'better-sqlite3';
import type { LogStorage } from './log-storage.ts';
import type { Timer } from './timer-store.ts';

/** Timers in SQLite. */
export function openTimerStore(database: Database, transaction: LogStorage['transaction']): LogStorage['timers'] {
  const put = database.prepare(
    `INSERT OR REPLACE INTO timer (id, subject, kind, due_at, version) VALUES (?, ?, ?, ?, ?)`,
  );
  const cancel = database.prepare('DELETE FROM timer WHERE id = ?');
  const remove = database.prepare('DELETE FROM timer WHERE id = ? AND version = ?');
  const listDue = database.prepare<[number, number], Timer>(
    'SELECT id, subject, kind, due_at AS dueAt, version FROM timer WHERE due_at <= ? ORDER BY due_at, id LIMIT ?',
  );
  const nextDueAt = database.prepare<[], number | null>('SELECT min(due_at) FROM timer').pluck();
  // What is due is asked after every commit, and mostly there is nothing. Undefined once anything was written; what a
  // transaction reads of itself is not kept, as it may be undone.
  let next: number | null | undefined;
  const readNext = (): number | null => {
    if (next !== undefined) return next;
    const read = nextDueAt.get() ?? null;
    if (!database.inTransaction) next = read;
    return read;
  };
  return {
    put: ({ id, subject, kind, dueAt, version }) => {
      next = undefined;
      put.run(id, subject, kind, dueAt, version);
    },
    cancel: (id) => {
      next = undefined;
      cancel.run(id);
    },
    remove: ({ id, version }) => {
      next = undefined;
      transaction('remove-timer', () => void remove.run(id, version));
    },
    listDue: (now, limit) => {
      const earliest = readNext();
      return earliest === null || earliest > now ? [] : listDue.all(now, limit);
    },
    nextDueAt: readNext,
  };
}
