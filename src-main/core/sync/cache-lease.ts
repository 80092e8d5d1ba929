import type { Clock } from '../../../shared/primitives/clock.ts';
import type { SettingStore } from '../outbox/setting-store.ts';

/** Where the relay says nothing else. */
const DEFAULT_LEASE_MS = 72 * 60 * 60 * 1000;
/** How much of the time that passed may be forgotten when the process dies. */
const SAVED_EVERY_MS = 10 * 60 * 1000;
/** While the relay was heard so lately, a wall clock that somebody sets forward does not end the lease. */
const PRESENT_MS = 60_000;
const SETTING = 'core.lease';

interface Lease {
  leaseMs: number;
  /** Epoch ms by the relay's clock: when it was heard last. */
  heardAt: number;
  /** Epoch ms by the relay's clock: it is at least so late. */
  floor: number;
  /** The relay's clock minus this device's. */
  offsetMs: number;
}

/**
 * How long the cache may be read without word from the relay (SYNC-V3): what an agent may no longer see cannot be taken
 * from a machine that is offline, so it is bounded by time. Time is what is latest of: this device's clock, and the time
 * that was known before plus what has passed since by a clock that cannot be set. Turning the clock back gains nothing.
 */
export class CacheLease {
  readonly #settings: SettingStore;
  readonly #clock: Clock;
  #lease: Lease | null;
  /** Monotonic time of `floor`. */
  #floorAt: number;
  /** Monotonic time at which the relay was heard last in this process. */
  #heardAt: number | null = null;
  /** What `floor` was when it was saved last. */
  #savedFloor: number;

  constructor(settings: SettingStore, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#lease = settings.get(SETTING) as Lease | null;
    this.#floorAt = clock.monotonic();
    this.#savedFloor = this.#lease?.floor ?? 0;
  }

  /** The relay said what time it is. @param leaseMs how long the lease is, in a welcome; null where it says nothing of it */
  heard(serverNow: number, leaseMs: number | null): void {
    this.#setFloor({
      leaseMs: leaseMs ?? this.#lease?.leaseMs ?? DEFAULT_LEASE_MS,
      heardAt: serverNow,
      floor: serverNow,
      offsetMs: serverNow - this.#clock.now(),
    });
    this.#heardAt = this.#clock.monotonic();
    if (Math.abs(serverNow - this.#savedFloor) > SAVED_EVERY_MS) this.#save();
  }

  /** Whether the cache may not be read any more. To be asked every now and then, which is how time passes for it. */
  isOver(): boolean {
    const lease = this.#lease;
    if (lease === null || this.#isPresent()) return false;
    const now = Math.max(this.#clock.now() + lease.offsetMs, lease.floor + this.#clock.monotonic() - this.#floorAt);
    this.#setFloor({ ...lease, floor: now });
    if (now - this.#savedFloor > SAVED_EVERY_MS) this.#save();
    return now - lease.heardAt > lease.leaseMs;
  }

  /** The cache is empty: there is nothing left to be bounded until the relay is heard again. */
  end(): void {
    this.#lease = null;
    this.#save();
  }

  #isPresent(): boolean {
    return this.#heardAt !== null && this.#clock.monotonic() - this.#heardAt < PRESENT_MS;
  }

  #setFloor(lease: Lease): void {
    this.#lease = lease;
    this.#floorAt = this.#clock.monotonic();
  }

  #save(): void {
    try {
      this.#settings.set(SETTING, this.#lease);
      this.#savedFloor = this.#lease?.floor ?? 0;
    } catch {
      // A full disk is no reason to stop hearing the relay: the next time saves it, and until then less is known of it.
    }
  }
}
