import type { Logger } from 'pino';
import { subjectKinds } from '../../shared/domain/registry.ts';
import { type SubjectRef, parseSubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { Clock } from '../../shared/primitives/clock.ts';
import { deriveId } from '../event-log/derived-id.ts';
import type { EventLog, LogSubmission } from '../event-log/event-log.ts';
import type { Timer } from '../event-log/timer-store.ts';

const CHUNK = 100;
/** Longest sleep, whatever the timetable says: the wall clock may jump. */
const LONGEST_SLEEP_MS = 60_000;
const RETRY_MS = 2000;

/** What the relay does when a timer is due, by its name. */
const commandsByTimer = new Map(subjectKinds.flatMap(({ timers = {} }) => Object.entries(timers)));

interface TimerReactorParts {
  eventLog: EventLog;
  clock: Clock;
  logger: Pick<Logger, 'error' | 'warn'>;
}

export interface TimerReactor {
  /** Fires what became due while nobody was there, and then each timer when it is due. */
  start(): void;
  /** Looks for due timers now. Commits wake it by themselves. */
  poke(): void;
  stop(): Promise<void>;
}

/**
 * Fires timers exactly once (SYNC-T2): the command has an id that follows from the timer, and what it changes takes
 * the timer away in the same transaction. After a restart they fire late, with the true time of the event.
 */
export function createTimerReactor({ eventLog, clock, logger }: TimerReactorParts): TimerReactor {
  const { timers } = eventLog;
  let isRunning = false;
  let isFiring = false;
  let isWanted = false;
  let firing = Promise.resolve();
  let unsubscribe = (): void => {};
  let cancelSleep = (): void => {};
  let isPokePlanned = false;

  /** After a commit, once whoever waits for it has heard of it. */
  function pokeSoon(): void {
    if (isPokePlanned) return;
    isPokePlanned = true;
    clock.after(0, () => {
      isPokePlanned = false;
      poke();
    });
  }

  function poke(): void {
    isWanted = true;
    if (isFiring || !isRunning) return;
    isFiring = true;
    firing = fireWhileWanted().finally(() => {
      isFiring = false;
      // Asked for after the last look.
      if (isWanted) poke();
    });
  }

  async function fireWhileWanted(): Promise<void> {
    cancelSleep();
    let sleepMs = LONGEST_SLEEP_MS;
    while (isWanted && isRunning) {
      isWanted = false;
      sleepMs = await fireDue().catch((error: unknown) => {
        logger.error({ err: error }, 'timers could not be read or fired');
        return RETRY_MS;
      });
    }
    if (isRunning) cancelSleep = clock.after(sleepMs, poke);
  }

  /** @returns how long to sleep if nothing happens */
  async function fireDue(): Promise<number> {
    const due = timers.listDue(clock.now(), CHUNK);
    const known = due.filter((timer) => commandsByTimer.has(timer.kind));
    if (known.length < due.length)
      logger.warn({ timers: due.length - known.length }, 'timers of unknown kinds are due');
    const results = await Promise.all(known.map((timer) => eventLog.submit(submissionOf(timer))));
    let hasToTryAgain = false;
    for (const [index, result] of results.entries()) {
      if (!result.ok && result.error.retryable) hasToTryAgain = true;
      // What it was for is over: there is nothing left to wake.
      else timers.remove(known[index]!);
    }
    if (hasToTryAgain || known.length < due.length) return RETRY_MS;
    const next = timers.nextDueAt();
    return next === null ? LONGEST_SLEEP_MS : Math.min(LONGEST_SLEEP_MS, Math.max(1, next - clock.now()));
  }

  return {
    start: () => {
      if (isRunning) return;
      isRunning = true;
      unsubscribe = eventLog.onCommit(pokeSoon);
      poke();
    },
    poke,
    stop: async () => {
      isRunning = false;
      unsubscribe();
      cancelSleep();
      await firing;
    },
  };
}

function submissionOf(timer: Timer): LogSubmission {
  const { id: subjectId } = parseSubjectRef(timer.subject as SubjectRef);
  const { type, args } = commandsByTimer.get(timer.kind)!({ subjectId, dueAt: timer.dueAt });
  return {
    command: { id: deriveId('timer', timer.id, timer.version), type, v: 1, args },
    by: { kind: 'system', name: 'desk' },
    isDelayed: false,
  };
}
