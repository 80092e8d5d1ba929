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
  // Every method is a field of it. With the log as its prototype no two of them would have a shape in common, and all
  // code that reads a log would be compiled anew for each relay.
  const { epoch: _epoch, ...methods } = log;
  return Object.assign(new EpochOf(log), methods, {
    readSnapshot: (...args: Parameters<EventLog['readSnapshot']>) => slowly(log.readSnapshot(...args)),
    readItemsBefore: (...args: Parameters<EventLog['readItemsBefore']>) => slowly(log.readItemsBefore(...args)),
    readEvents: (...args: Parameters<EventLog['readEvents']>) => slowly(log.readEvents(...args)),
    readStoredEvents: (...args: Parameters<EventLog['readStoredEvents']>) => slowly(log.readStoredEvents(...args)),
  });
}

class EpochOf {
  readonly #log: EventLog;

  constructor(log: EventLog) {
    this.#log = log;
  }

  get epoch(): string {
    return this.#log.epoch;
  }
}
