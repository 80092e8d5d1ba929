import { Worker } from 'node:worker_threads';
import type { Database } from 'better-sqlite3';
import type { Logger } from 'pino';
import type { Clock } from '../../shared/primitives/clock.ts';
import type { EventLog } from './event-log.ts';

/** How often is looked whether it is time. */
const LOOK_MS = 500;
/**
 * While the database is flushed to the disk, so is every commit more slowly. Seldom enough that this is not one commit in
 * a hundred; and pages that are written over meanwhile, nearly all of them, are carried over once.
 */
const EVERY_LOOKS = 8;
/** Pages that are to be carried over at which it is time sooner. */
const MANY_PAGES = 9000;
/**
 * Pages of the write-ahead log from which on it is to begin anew. It does with the first commit that finds nothing left
 * to carry over, so the thread goes on with what came meanwhile until there is nothing; where the writer is quicker than
 * that, it carries over the last of it itself.
 */
const ANEW_PAGES = 6000;
/** Pages at which a commit checkpoints, where the thread does not keep up. The log stays as large as it ever was. */
const WRITER_PAGES = 15_000;
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
  /** The write-ahead log is to begin anew, and there was something left to carry over whenever it looked. */
  isLeft: boolean;
}

/** What the thread is given. */
export interface CheckpointThreadData {
  file: string;
  /** Pages of the log from which on nothing is to be left. */
  anewPages: number;
}

/**
 * Carries what was committed over from the write-ahead log to the database in a thread of its own: within a commit it
 * is several milliseconds three times a second under load, for which everybody would wait. What is durable when stays
 * as it was. @returns its own stop
 */
export function startCheckpoints({ database, eventLog, clock, logger }: CheckpointParts): () => Promise<void> {
  const worker = new Worker(new URL('checkpoint-thread.ts', import.meta.url), {
    workerData: { file: database.name, anewPages: ANEW_PAGES } satisfies CheckpointThreadData,
    resourceLimits: { maxYoungGenerationSizeMb: 2 },
  });
  worker.unref();
  let isOver = false;
  let isWanted = false;
  let isUnderWay = false;
  let looks = 0;
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
    looks = 0;
    lookLater();
  }

  function lookLater(): void {
    cancel = clock.after(LOOK_MS, () => {
      looks += 1;
      if (looks < EVERY_LOOKS && pagesLeft(database) < MANY_PAGES) {
        lookLater();
        return;
      }
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
  worker.on('message', ({ isLeft }: CheckpointDone) => {
    isUnderWay = false;
    if (isOver) return;
    if (isLeft) beginAnew();
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

/** Of the write-ahead log, that are not carried over. */
function pagesLeft(database: Database): number {
  const [result] = database.pragma('wal_checkpoint(NOOP)') as { log: number; checkpointed: number }[];
  return result === undefined ? 0 : result.log - result.checkpointed;
}
