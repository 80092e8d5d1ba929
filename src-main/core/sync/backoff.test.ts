import { expect, test } from 'vitest';
import { seededRandom } from '../../../tests/fakes/manual-clock.ts';
import { Backoff } from './backoff.ts';

test('SYNC-N1 a thousand consoles that lost the relay at once come back evenly over a span that doubles to 30 s', () => {
  const consoles = Array.from({ length: 1000 }, (_, seed) => new Backoff(seededRandom(seed + 1)));
  for (const boundMs of [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
    const waits = consoles.map((one) => one.next());
    expect(Math.max(...waits)).toBeLessThan(boundMs);
    const tenths = Array.from(
      { length: 10 },
      (_, tenth) => waits.filter((wait) => Math.floor((wait / boundMs) * 10) === tenth).length,
    );
    // A hundred in each; 40 more or less has a chance of one in some ten thousand.
    for (const count of tenths) expect(Math.abs(count - 100)).toBeLessThan(45);
  }
  const [first] = consoles;
  first!.reset();
  expect(first!.next()).toBeLessThan(500);
});

test('SYNC-N1 hints are followed within two seconds, later ones in a row more slowly, and the bound stays what it was', () => {
  const backoff = new Backoff({ fraction: () => 0.5, bytes: (length) => new Uint8Array(length) });
  for (let tries = 0; tries < 10; tries += 1) backoff.next();
  expect([0, 1, 2, 3, 4, 5, 6].map((second) => backoff.hinted(second * 1000))).toEqual([
    1000, 1000, 2000, 4000, 8000, 15_000, 15_000,
  ]);
  expect(backoff.next()).toBe(15_000);
  expect(backoff.hinted(67_000)).toBe(1000);
  backoff.hinted(68_000);
  backoff.hinted(69_000);
  backoff.reset();
  expect(backoff.hinted(70_000)).toBe(1000);
});
