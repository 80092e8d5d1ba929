import type { Clock } from '../../../shared/primitives/clock.ts';
import type { FeedEntry } from '../../../shared/widget-api/feed.ts';
import type { ToWidget } from '../../../shared/widget-api/socket-events.ts';

/** The part of the Socket.IO namespace `/widget` that speaks to customers. */
export interface WidgetBroadcast {
  to(room: string): { emit<Name extends keyof ToWidget>(name: Name, ...args: Parameters<ToWidget[Name]>): boolean };
}

/** Tells whoever listens to a customer's feed what is new: sockets at once, long polls by waking them. */
export class LiveFeed {
  readonly #clock: Clock;
  readonly #broadcast: WidgetBroadcast;
  readonly #sleepers = new Map<string, Set<() => void>>();

  constructor(clock: Clock, broadcast: WidgetBroadcast) {
    this.#clock = clock;
    this.#broadcast = broadcast;
  }

  publishEntry(customerId: string, entry: FeedEntry): void {
    this.emit(customerId, 'entry', entry);
    this.wake(customerId);
  }

  emit<Name extends keyof ToWidget>(customerId: string, name: Name, ...args: Parameters<ToWidget[Name]>): void {
    this.#broadcast.to(roomOf(customerId)).emit(name, ...args);
  }

  wake(customerId: string): void {
    for (const wake of this.#sleepers.get(customerId) ?? []) wake();
  }

  wakeAll(): void {
    for (const customerId of [...this.#sleepers.keys()]) this.wake(customerId);
  }

  /** Resolves when the customer's feed gets an entry, when `waitMs` have passed, or when `signal` aborts. */
  async sleep(customerId: string, waitMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const sleepers = this.#sleepers.get(customerId) ?? new Set();
    this.#sleepers.set(customerId, sleepers);
    await new Promise<void>((resolve) => {
      const end = () => {
        sleepers.delete(end);
        if (sleepers.size === 0 && this.#sleepers.get(customerId) === sleepers) this.#sleepers.delete(customerId);
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.#clock.after(waitMs, end);
      signal.addEventListener('abort', end);
      sleepers.add(end);
    });
  }
}

/** The Socket.IO room of a customer's feed. */
export function roomOf(customerId: string): string {
  return `feed ${customerId}`;
}
