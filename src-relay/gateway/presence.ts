import type { Clock } from '../../shared/primitives/clock.ts';
import type { Ephemeral } from '../../shared/domain/presence/ephemeral.ts';
import type { FromRelay } from '../../shared/relay-protocol/from-relay.ts';

export type PresenceEphemeral = Extract<Ephemeral, { kind: 'presence' }>;
type PresenceStatus = PresenceEphemeral['status'];

/** Longer than a reconnect: a short cut is not an absence. */
const OFFLINE_AFTER_MS = 45_000;
/** The first change is told at once; those within this time after it are told together. */
const GATHER_MS = 1000;
/** Telling everybody costs as much more as there are more to tell. */
const GATHER_MS_PER_AGENT = 3;

interface Entry {
  /** Status per connection of the agent. */
  statuses: Map<object, PresenceStatus>;
  published: PresenceStatus;
  /** What everybody has been told; null: nothing yet. */
  told: PresenceStatus | null;
  cancelOffline: (() => void) | null;
}

/** Who is there. Agents with several consoles are as available as the most available of them (SYNC-E1). */
export class Presence {
  readonly #clock: Clock;
  readonly #publish: (presences: PresenceEphemeral[]) => void;
  readonly #entries = new Map<string, Entry>();
  readonly #changed = new Map<string, PresenceStatus>();
  /** Everyone's, as everybody has been told; made when it is asked for. */
  #told: { presences: PresenceEphemeral[]; lists: FromRelay['presences'] } | null = null;
  #cancelPublish: (() => void) | null = null;
  #nextPublishAt = Number.NEGATIVE_INFINITY;

  /** @param publish tells all consoles; a thousand that come within seconds cost some lists, not a million messages */
  constructor(clock: Clock, publish: (presences: PresenceEphemeral[]) => void) {
    this.#clock = clock;
    this.#publish = publish;
  }

  /** A console of the agent came. It counts as it was until it says how it is. */
  joined(agentId: string, connection: object): void {
    const entry = this.#entries.get(agentId) ?? {
      statuses: new Map(),
      published: 'offline' as const,
      told: null,
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
      this.#told = null;
      this.#tell(agentId, 'offline');
    });
  }

  /** Whether the agent has a console that says so now. */
  isAvailable(agentId: string): boolean {
    return [...(this.#entries.get(agentId)?.statuses.values() ?? [])].includes('available');
  }

  /**
   * Everyone's presence, for a console that has just come, as everybody was told last: what changed since then it is
   * told together with the others. Many that come at once get the same lists, which are made once.
   */
  list(): { presences: readonly PresenceEphemeral[]; lists: FromRelay['presences'] } {
    if (this.#told === null) {
      const presences: PresenceEphemeral[] = [];
      for (const [agentId, { told: status }] of this.#entries) {
        if (status !== null) presences.push({ kind: 'presence', agentId, status });
      }
      this.#told = { presences, lists: inLists(presences) };
    }
    return this.#told;
  }

  close(): void {
    this.#cancelPublish?.();
    for (const { cancelOffline } of this.#entries.values()) cancelOffline?.();
    this.#entries.clear();
  }

  #update(agentId: string, entry: Entry): void {
    const status = aggregate([...entry.statuses.values()]);
    if (status === entry.published) return;
    entry.published = status;
    this.#tell(agentId, status);
  }

  #tell(agentId: string, status: PresenceStatus): void {
    this.#changed.set(agentId, status);
    const now = this.#clock.monotonic();
    this.#cancelPublish ??= this.#clock.after(Math.max(0, this.#nextPublishAt - now), () => {
      this.#cancelPublish = null;
      this.#nextPublishAt = this.#clock.monotonic() + Math.max(GATHER_MS, this.#entries.size * GATHER_MS_PER_AGENT);
      const changed = [...this.#changed];
      this.#changed.clear();
      for (const [id, changedTo] of changed) {
        const entry = this.#entries.get(id);
        if (entry !== undefined) entry.told = changedTo;
      }
      this.#told = null;
      this.#publish(changed.map(([id, changedTo]) => ({ kind: 'presence', agentId: id, status: changedTo })));
    });
  }
}

function aggregate(statuses: PresenceStatus[]): PresenceStatus {
  if (statuses.includes('available')) return 'available';
  return statuses.includes('away') ? 'away' : 'offline';
}

/** As one message for all. */
export function inLists(presences: readonly PresenceEphemeral[]): FromRelay['presences'] {
  const lists: FromRelay['presences'] = { available: [], away: [], offline: [] };
  for (const { agentId, status } of presences) lists[status].push(agentId);
  return lists;
}
