import type { Clock } from '../../shared/primitives/clock.ts';
import type { Ephemeral } from '../../shared/domain/presence/ephemeral.ts';

type PresenceStatus = Extract<Ephemeral, { kind: 'presence' }>['status'];

/** Longer than a reconnect: a short cut is not an absence. */
const OFFLINE_AFTER_MS = 45_000;

interface Entry {
  /** Status per connection of the agent. */
  statuses: Map<object, PresenceStatus>;
  published: PresenceStatus;
  cancelOffline: (() => void) | null;
}

/** Who is there. Agents with several consoles are as available as the most available of them (SYNC-E1). */
export class Presence {
  readonly #clock: Clock;
  readonly #publish: (ephemeral: Ephemeral) => void;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock, publish: (ephemeral: Ephemeral) => void) {
    this.#clock = clock;
    this.#publish = publish;
  }

  /** A console of the agent came. It counts as it was until it says how it is. */
  joined(agentId: string, connection: object): void {
    const entry = this.#entries.get(agentId) ?? {
      statuses: new Map(),
      published: 'offline' as const,
      cancelOffline: null,
    };
    this.#entries.set(agentId, entry);
    entry.cancelOffline?.();
    entry.cancelOffline = null;
    entry.statuses.set(connection, entry.published === 'offline' ? 'available' : entry.published);
    this.#update(agentId, entry);
  }

  set(agentId: string, connection: object, status: PresenceStatus): void {
    const entry = this.#entries.get(agentId);
    if (entry === undefined || !entry.statuses.has(connection)) return;
    entry.statuses.set(connection, status);
    this.#update(agentId, entry);
  }

  left(agentId: string, connection: object): void {
    const entry = this.#entries.get(agentId);
    if (entry === undefined || !entry.statuses.delete(connection)) return;
    if (entry.statuses.size > 0) {
      this.#update(agentId, entry);
      return;
    }
    entry.cancelOffline = this.#clock.after(OFFLINE_AFTER_MS, () => {
      this.#entries.delete(agentId);
      this.#publish({ kind: 'presence', agentId, status: 'offline' });
    });
  }

  /** Whether the agent has a console that says so now. */
  isAvailable(agentId: string): boolean {
    return [...(this.#entries.get(agentId)?.statuses.values() ?? [])].includes('available');
  }

  /** Everyone's presence, for a console that has just come. */
  list(): Ephemeral[] {
    return [...this.#entries].map(([agentId, { published: status }]) => ({ kind: 'presence', agentId, status }));
  }

  close(): void {
    for (const { cancelOffline } of this.#entries.values()) cancelOffline?.();
    this.#entries.clear();
  }

  #update(agentId: string, entry: Entry): void {
    const status = aggregate([...entry.statuses.values()]);
    if (status === entry.published) return;
    entry.published = status;
    this.#publish({ kind: 'presence', agentId, status });
  }
}

function aggregate(statuses: PresenceStatus[]): PresenceStatus {
  if (statuses.includes('available')) return 'available';
  return statuses.includes('away') ? 'away' : 'offline';
}
