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
