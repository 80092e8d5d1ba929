import type { Database } from 'better-sqlite3';
import type { Timer, TimerStore } from './timer-store.ts';
import type { WriterFence } from './writer-fence.ts';

interface TimerWriter {
  put(timer: Timer): void;
  cancel(id: string): void;
}

/** Timers in SQLite. `put` and `cancel` are for the log's own transaction. */
export function openTimerStore(database: Database, fence: WriterFence): TimerStore & TimerWriter {
  const put = database.prepare(
    `INSERT OR REPLACE INTO timer (id, subject, kind, due_at, version) VALUES (?, ?, ?, ?, ?)`,
  );
  const cancel = database.prepare('DELETE FROM timer WHERE id = ?');
  const remove = database.prepare('DELETE FROM timer WHERE id = ? AND version = ?');
  const listDue = database.prepare<[number, number], Timer>(
    'SELECT id, subject, kind, due_at AS dueAt, version FROM timer WHERE due_at <= ? ORDER BY due_at, id LIMIT ?',
  );
  const nextDueAt = database.prepare<[], number | null>('SELECT min(due_at) FROM timer').pluck();
  const removeFenced = database.transaction((timer: Timer) => {
    fence.check();
    remove.run(timer.id, timer.version);
  });
  return {
    put: ({ id, subject, kind, dueAt, version }) => put.run(id, subject, kind, dueAt, version),
    cancel: (id) => cancel.run(id),
    remove: (timer) => removeFenced.immediate(timer),
    listDue: (now, limit) => listDue.all(now, limit),
    nextDueAt: () => nextDueAt.get() ?? null,
  };
}
