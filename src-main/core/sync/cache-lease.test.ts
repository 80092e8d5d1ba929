import { expect, test } from 'vitest';
import { ManualClock } from '../../../tests/fakes/manual-clock.ts';
import type { SettingStore } from '../outbox/setting-store.ts';
import { CacheLease } from './cache-lease.ts';

const HOUR_MS = 60 * 60_000;
const MINUTE_MS = 60_000;
const RELAY_NOW = Date.UTC(2025, 0, 6, 8);

class Machine {
  readonly clock = new ManualClock(RELAY_NOW);
  readonly #values = new Map<string, unknown>();
  isFull = false;
  lease = this.#start();

  restart(): void {
    this.lease = this.#start();
  }

  /** Asks every minute, as the account does. */
  run(hours: number): boolean {
    for (let minute = 0; minute < hours * 60; minute += 1) {
      this.clock.advance(MINUTE_MS);
      if (this.lease.isOver()) return true;
    }
    return false;
  }

  #start(): CacheLease {
    const settings = {
      get: (key: string) => this.#values.get(key) ?? null,
      set: (key: string, value: unknown) => {
        if (this.isFull) throw new Error('SQLITE_FULL');
        this.#values.set(key, value);
      },
    } as SettingStore;
    return new CacheLease(settings, this.clock);
  }
}

test('SYNC-V3 a machine that was off is judged by its clock, one that runs by both of its clocks', () => {
  const machine = new Machine();
  expect(machine.run(100)).toBe(false);
  machine.lease.heard(RELAY_NOW, 72 * HOUR_MS);
  expect(machine.run(71)).toBe(false);
  expect(machine.run(2)).toBe(true);
  machine.lease.heard(RELAY_NOW, null);
  machine.clock.jumpTo(machine.clock.now() + 80 * HOUR_MS);
  machine.restart();
  expect(machine.lease.isOver()).toBe(true);
  machine.lease.end();
  machine.restart();
  expect(machine.lease.isOver()).toBe(false);
});

test('SYNC-V3 a clock that is turned back, also over restarts, makes the lease no longer than it runs', () => {
  const machine = new Machine();
  machine.lease.heard(RELAY_NOW, 72 * HOUR_MS);
  // Ten hours a day, and each evening somebody sets it back to the morning.
  let days = 0;
  while (days < 20 && !machine.run(10)) {
    days += 1;
    machine.clock.jumpTo(machine.clock.now() - 10 * HOUR_MS);
    machine.restart();
    expect(machine.lease.isOver()).toBe(false);
  }
  expect(days).toBe(7);
});

test('SYNC-V3 a clock that was years off all the time neither ends the lease nor prolongs it', () => {
  for (const skewMs of [-10, 10].map((years) => years * 365 * 24 * HOUR_MS)) {
    const machine = new Machine();
    machine.clock.jumpTo(RELAY_NOW + skewMs);
    machine.lease.heard(RELAY_NOW, 72 * HOUR_MS);
    machine.restart();
    expect(machine.run(71)).toBe(false);
    expect(machine.run(2)).toBe(true);
  }
});

test('SYNC-V3 while the relay is heard a clock that is set forward ends no lease', () => {
  const machine = new Machine();
  machine.lease.heard(RELAY_NOW, 72 * HOUR_MS);
  machine.clock.jumpTo(RELAY_NOW + 1000 * HOUR_MS);
  machine.clock.advance(20_000);
  expect(machine.lease.isOver()).toBe(false);
  machine.lease.heard(RELAY_NOW + 20_000, null);
  expect(machine.run(71)).toBe(false);
  expect(machine.run(2)).toBe(true);
});

test('SYNC-V3 a disk that takes nothing costs the lease no more than what it could not write', () => {
  const machine = new Machine();
  machine.lease.heard(RELAY_NOW, 72 * HOUR_MS);
  machine.isFull = true;
  expect(machine.run(10)).toBe(false);
  machine.isFull = false;
  expect(machine.run(61)).toBe(false);
  machine.restart();
  expect(machine.run(2)).toBe(true);
});
