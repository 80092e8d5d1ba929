import type { Clock } from '../../shared/primitives/clock.ts';
import type { EventLog } from '../event-log/event-log.ts';

/** The same event log, with the time of every command observed. */
export function measureSubmissions(
  eventLog: EventLog,
  clock: Clock,
  observe: (milliseconds: number) => void,
): EventLog {
  return {
    ...eventLog,
    // It may be rotated, so it is read each time.
    get epoch() {
      return eventLog.epoch;
    },
    submit: async (submission) => {
      const startedAt = clock.monotonic();
      try {
        return await eventLog.submit(submission);
      } finally {
        observe(clock.monotonic() - startedAt);
      }
    },
    submitEach: async (submissions) => {
      const startedAt = clock.monotonic();
      try {
        return await eventLog.submitEach(submissions);
      } finally {
        const elapsedMs = clock.monotonic() - startedAt;
        submissions.forEach(() => observe(elapsedMs));
      }
    },
  };
}
