import { Worker } from 'node:worker_threads';
import type { Database } from 'better-sqlite3';
import type { Logger } from 'pino';
import type { Clock } from '../../shared/primitives/clock.ts';
import type { EventLog } from './event-log.ts';

/** A thread that checkpoints what little was written meanwhile is never far behind. */
const EVERY_MS = 250;
/**
 * Pages of the write-ahead log at which a commit itself checkpoints. It has to: only where nothing is left to carry over
 * does the log begin anew, and a thread beside a busy writer never gets there. It finds next to nothing left to do.
 */
const WRITER_PAGES = 8000;
/** Of SQLite, where nobody else checkpoints. */
const ALONE_PAGES = 1000;

interface CheckpointParts {
  /** The writer's connection, on a file. */
  database: Database;
  eventLog: Pick<EventLog, 'onCommit'>;
  clock: Clock;
  logger: Pick<Logger, 'error'>;
}

/** What the thread is given. */
export interface CheckpointThreadData {
  file: string;
}

/**
 * Carries what was committed over from the write-ahead log to the database in a thread of its own: within a commit it
 * is several milliseconds three times a second under load, for which everybody would wait. What is durable when stays
 * as it was. @returns its own stop
 */
export function startCheckpoints({ database, eventLog, clock, logger }: CheckpointParts): () => Promise<void> {
  const worker = new Worker(new URL('checkpoint-thread.ts', import.meta.url), {
    workerData: { file: database.name } satisfies CheckpointThreadData,
    resourceLimits: { maxYoungGenerationSizeMb: 2 },
  });
  worker.unref();
  let isOver = false;
  let isWanted = false;
  let isUnderWay = false;
  let cancel = (): void => {};
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      giveUp();
      resolve();
    });
  });

  function plan(): void {
    isWanted = true;
    if (isUnderWay || isOver) return;
    isUnderWay = true;
    cancel = clock.after(EVERY_MS, () => {
      isWanted = false;
      worker.postMessage('checkpoint');
    });
  }

  function giveUp(): void {
    if (isOver) return;
    isOver = true;
    unsubscribe();
    cancel();
    database.pragma(`wal_autocheckpoint = ${ALONE_PAGES}`);
  }

  const unsubscribe = eventLog.onCommit(plan);
  database.pragma(`wal_autocheckpoint = ${WRITER_PAGES}`);
  worker.on('message', () => {
    isUnderWay = false;
    if (isWanted) plan();
  });
  worker.on('error', (error) => {
    logger.error({ err: error }, 'the thread that checkpoints failed; commits do it themselves from now on');
    giveUp();
  });
  return async () => {
    giveUp();
    worker.postMessage('stop');
    worker.ref();
    await ended;
  };
}
