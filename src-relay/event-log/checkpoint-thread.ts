import { parentPort, workerData } from 'node:worker_threads';
import BetterSqlite3 from 'better-sqlite3';
import type { CheckpointDone, CheckpointThreadData } from './start-checkpoints.ts';

/** Each time the disk is flushed, for which commits wait. */
const MOST_TIMES_AGAIN = 5;

// Entry of the thread that checkpoints. Passive: it waits for nobody, and nobody for it.
const { file, anewPages } = workerData as CheckpointThreadData;
const port = parentPort!;
const database = new BetterSqlite3(file, { fileMustExist: true });
// As the writer's: what was carried over is on the disk before the log may begin anew.
database.pragma('synchronous = FULL');
database.pragma('fullfsync = ON');

port.on('message', (wish: 'checkpoint' | 'stop') => {
  if (wish === 'stop') {
    database.close();
    port.close();
    return;
  }
  let before = 0;
  let pages = checkpoint();
  // As long as commits come while it is at it. Each time there is less, until none has come.
  for (let again = 0; again < MOST_TIMES_AGAIN && pages >= anewPages && pages !== before; again += 1) {
    before = pages;
    pages = checkpoint();
  }
  port.postMessage({ isLeft: pages >= anewPages && pages !== before } satisfies CheckpointDone);
});

/** @returns pages of the write-ahead log when it began */
function checkpoint(): number {
  const [result] = database.pragma('wal_checkpoint(PASSIVE)') as { log: number }[];
  return result?.log ?? 0;
}
