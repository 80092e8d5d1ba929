import { Worker } from 'node:worker_threads';
import type { Database } from 'better-sqlite3';
import type { Logger } from 'pino';
import type { Clock } from '../../shared/primitives/clock.ts';
import type { EventLog } from './event-log.ts';

/**
 * While the database is flushed to the disk, so is every commit more slowly. Seldom enough that this is not one commit in
 * a hundred; what was written over meanwhile is carried over once.
 */
const EVERY_MS = 1000;
/**
 * Pages of the write-ahead log at which the writer checkpoints what little the thread has left. It has to: only where
 * nothing is left to carry over does the log begin anew, and a thread beside a busy writer never gets there.
 */
const ANEW_PAGES = 4000;
/** The same, within a commit, where the thread does not keep up. */
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

/** What the thread answers when it is through. */
export interface CheckpointDone {
  /** In the write-ahead log. */
  pages: number;
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

  function beginAnew(): void {
    try {
      database.pragma('wal_checkpoint(PASSIVE)');
    } catch (error) {
      // Nothing is lost by it; a commit for which it is time tries again.
      logger.error({ err: error }, 'the write-ahead log could not be carried over');
    }
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
  worker.on('message', ({ pages }: CheckpointDone) => {
    isUnderWay = false;
    if (isOver) return;
    if (pages >= ANEW_PAGES) beginAnew();
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
