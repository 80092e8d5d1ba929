import { expect, test } from 'vitest';
import { ManualClock } from '../../tests/fakes/manual-clock.ts';
import { SessionCredits } from './session-credits.ts';

const KB = 1024;

test('SYNC-S7 the line is measured by what was acknowledged, from what is large enough to tell', () => {
  const clock = new ManualClock();
  const credits = new SessionCredits(clock);
  expect(credits.isSlowLine).toBeNull();
  credits.sentCatchUp(500);
  clock.advance(300);
  credits.credit();
  expect(credits.isSlowLine).toBeNull();
  // Two at once over 2 Mbit/s: the second one waits for the first.
  credits.sentCatchUp(64 * KB);
  credits.sentCatchUp(64 * KB);
  clock.advance(256);
  credits.credit();
  clock.advance(256);
  credits.credit();
  expect(credits.isSlowLine).toBe(true);
  for (let index = 0; index < 10; index += 1) {
    credits.sentCatchUp(256 * KB);
    clock.advance(10);
    credits.credit();
  }
  expect(credits.isSlowLine).toBe(false);
});

test('SYNC-S7 a console that takes its time to apply what came is not taken for a slow line, nor hides one', () => {
  for (const [lineMs, isSlow] of [
    [2, false],
    [100, true],
  ] as const) {
    const clock = new ManualClock();
    const credits = new SessionCredits(clock);
    const applyMs = 150;
    const arrivals: number[] = [];
    let isAppliedAt = 0;
    for (let index = 0; index < 12; index += 1) {
      credits.sentCatchUp(64 * KB);
      arrivals.push(Math.max(clock.monotonic(), arrivals.at(-1) ?? 0) + lineMs);
      // Two of them are under way.
      if (index === 0) continue;
      const arrivedAt = arrivals.shift()!;
      isAppliedAt = Math.max(arrivedAt, isAppliedAt) + applyMs;
      clock.advance(isAppliedAt - clock.monotonic());
      credits.credit(clock.monotonic() - arrivedAt);
    }
    expect(credits.isSlowLine).toBe(isSlow);
  }
});

test('SYNC-S7 what a busy console finds come together does not make a slow line quick', () => {
  const clock = new ManualClock();
  const credits = new SessionCredits(clock);
  for (let pair = 0; pair < 20; pair += 1) {
    credits.sentCatchUp(64 * KB);
    credits.sentCatchUp(64 * KB);
    // Both came over 20 Mbit/s while it did something else.
    clock.advance(52);
    credits.credit();
    expect(credits.isSlowLine).toBe(true);
    clock.advance(30);
    credits.credit(30);
    expect(credits.isSlowLine).toBe(true);
  }
});

test('SYNC-N2 credits are for the oldest: those of live frames and those of a catch-up are not mistaken for one another', () => {
  const credits = new SessionCredits(new ManualClock());
  credits.sentLive(10, 1, true);
  credits.sentCatchUp(10);
  credits.sentCatchUp(10);
  expect([credits.catchUps, credits.awaitsLive]).toEqual([2, true]);
  credits.credit();
  expect([credits.catchUps, credits.awaitsLive]).toEqual([2, false]);
  credits.credit();
  expect(credits.catchUps).toBe(1);
  credits.credit();
  // One too many has no effect.
  credits.credit();
  expect(credits.catchUps).toBe(0);
});

test('SYNC-N2 INV-14 more than a megabyte or two thousand events of live frames unapplied is too much', () => {
  for (const [bytes, events] of [
    [40 * KB, 1],
    [100, 90],
  ] as const) {
    const credits = new SessionCredits(new ManualClock());
    let asked = 0;
    let sent = 0;
    while (!credits.isOverfull) {
      const hasToAsk = credits.hasToAsk(bytes, events);
      asked += hasToAsk ? 1 : 0;
      credits.sentLive(bytes, events, hasToAsk);
      sent += 1;
    }
    expect(Math.max((sent * bytes) / (1024 * KB), (sent * events) / 2000)).toBeLessThan(1.1);
    expect(asked).toBeGreaterThan(3);
    for (let credit = 0; credit < asked; credit += 1) credits.credit();
    expect([credits.isOverfull, credits.awaitsLive]).toEqual([false, false]);
  }
});
