import { pino } from 'pino';
import { makeEpoch, openEventLog } from '../../src-relay/event-log/open-event-log.ts';
import { ManualClock, seededRandom } from '../fakes/manual-clock.ts';
import { MemoryLogDisk } from '../simulation/stores/memory-log-disk.ts';
import type { EventLogHarness } from './event-log-harness.ts';

/** The log in memory, as simulations have it. */
export function makeMemoryHarness(): EventLogHarness {
  const disk = new MemoryLogDisk();
  const random = seededRandom(1);
  const files = new Set<string>();
  const harness: EventLogHarness = {
    clock: new ManualClock(),
    files,
    plan: (_kind, message) => [message],
    hasFile: (fileId) => files.has(fileId),
    open: () =>
      openEventLog({
        storage: disk.open(() => makeEpoch(harness.clock, random)),
        clock: harness.clock,
        random,
        plan: (kind, message) => harness.plan(kind, message),
        hasFile: (fileId, by) => harness.hasFile(fileId, by),
        logger: pino({ level: 'silent' }),
      }),
    crash: () => disk.crash(),
    fillUp: () => {
      disk.failTransactions = Number.POSITIVE_INFINITY;
      return () => (disk.failTransactions = 0);
    },
    dispose: () => {},
  };
  return harness;
}
