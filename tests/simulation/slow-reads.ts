import type { Clock } from '../../shared/primitives/clock.ts';
import type { EventLog } from '../../src-relay/event-log/event-log.ts';
import type { Dice } from './dice.ts';

const SLOW_SHARE = 0.3;
const SLOWEST_MS = 40;

/**
 * The log as one reads it from a database server: an answer may be older than the log by the time it arrives. The SQLite
 * store answers at once; nobody who reads it may count on that.
 * @param isOpen while it is not, nobody but the one who opens it is there to notice: the log answers at once
 */
export function withSlowReads(log: EventLog, clock: Clock, dice: Dice, isOpen: () => boolean): EventLog {
  const slowly = async <Value>(answer: Promise<Value>): Promise<Value> => {
    const value = await answer;
    if (isOpen() && dice.chance(SLOW_SHARE)) {
      await new Promise<void>((resolve) => void clock.after(dice.spread(1, SLOWEST_MS), resolve));
    }
    return value;
  };
  return Object.assign(Object.create(log) as EventLog, {
    readSnapshot: (...args: Parameters<EventLog['readSnapshot']>) => slowly(log.readSnapshot(...args)),
    readItemsBefore: (...args: Parameters<EventLog['readItemsBefore']>) => slowly(log.readItemsBefore(...args)),
    readEvents: (...args: Parameters<EventLog['readEvents']>) => slowly(log.readEvents(...args)),
    readStoredEvents: (...args: Parameters<EventLog['readStoredEvents']>) => slowly(log.readStoredEvents(...args)),
  });
}
