/** A moment at which the relay does something by itself: the end of a snooze now, SLA clocks later (SYNC-T2). */
export interface Timer {
  id: string;
  subject: string;
  kind: string;
  /** Epoch ms. */
  dueAt: number;
  /** Seq of the event that put it: tells it from an earlier timer of the same id and time. */
  version: number;
}

/** Timers are put and cancelled by the changes that call for them, in their transaction; see `effects.ts`. */
export interface TimerStore {
  /** Pending timers that are due, oldest first. */
  listDue(now: number, limit: number): Timer[];
  /** Removes a timer that was handled; one that was put anew meanwhile stays. */
  remove(timer: Timer): void;
  /** When the next pending timer is due; null when there is none. */
  nextDueAt(): number | null;
}
