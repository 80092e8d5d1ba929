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
  return {
    put: ({ id, subject, kind, dueAt, version }) => void put.run(id, subject, kind, dueAt, version),
    cancel: (id) => void cancel.run(id),
    remove: ({ id, version }) => transaction('remove-timer', () => void remove.run(id, version)),
    listDue: (now, limit) => listDue.all(now, limit),
    nextDueAt: () => nextDueAt.get() ?? null,
  };
}
