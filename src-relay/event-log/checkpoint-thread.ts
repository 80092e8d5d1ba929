import { parentPort, workerData } from 'node:worker_threads';
import BetterSqlite3 from 'better-sqlite3';
import type { CheckpointDone, CheckpointThreadData } from './start-checkpoints.ts';

// Entry of the thread that checkpoints. Passive: it waits for nobody, and nobody for it.
const { file } = workerData as CheckpointThreadData;
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
  const [result] = database.pragma('wal_checkpoint(PASSIVE)') as { log: number }[];
  port.postMessage({ pages: result?.log ?? 0 } satisfies CheckpointDone);
});
