import type { Database } from 'better-sqlite3';
import { type LogStorage, WriterReplacedError } from './log-storage.ts';

/**
 * Makes this process the writer of the database. Whoever was it before writes nothing any more (SYNC-L5).
 * @returns runs a transaction as long as nobody else became the writer
 */
export function becomeWriter(database: Database): LogStorage['transaction'] {
  const read = database.prepare<[], number>('SELECT writer_gen FROM log_meta').pluck();
  const raise = database.transaction(() => {
    database.prepare('UPDATE log_meta SET writer_gen = writer_gen + 1').run();
    return read.get();
  });
  const generation = raise.immediate();
  const runFenced = database.transaction((write: () => unknown) => {
    if (read.get() !== generation) throw new WriterReplacedError();
    return write();
  });
  return <Result>(_name: string, write: () => Result) => runFenced.immediate(write) as Result;
}
