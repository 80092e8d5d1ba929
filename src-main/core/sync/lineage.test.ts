import { expect, test } from 'vitest';
import type { SettingStore } from '../outbox/setting-store.ts';
import { KnownLineage } from './lineage.ts';

function known(): KnownLineage {
  const values = new Map<string, unknown>();
  return new KnownLineage({
    get: (key) => values.get(key) ?? null,
    set: (key, value) => void values.set(key, value),
  } as SettingStore);
}

const lineages = (...list: [epoch: string, since: number][]) => ({
  epoch: list.at(-1)![0],
  head: 1000,
  lineages: list.map(([epoch, since]) => ({ epoch, since })),
});

test('SYNC-O6 what two histories share ends where the first lineage that is not common began', () => {
  const cases: [before: ReturnType<typeof lineages>, now: ReturnType<typeof lineages>, lostBeyond: number | null][] = [
    [lineages(['a', 0]), lineages(['a', 0]), null],
    [lineages(['a', 0]), lineages(['a', 0], ['b', 80]), 80],
    // Restored twice; the second backup is of before the first restore.
    [lineages(['a', 0]), lineages(['a', 0], ['b', 80], ['c', 60]), 60],
    [lineages(['a', 0], ['b', 80]), lineages(['a', 0], ['b', 80], ['c', 90]), 90],
    // The lineage it knew was itself given up: both histories leave the common one, one of them earlier.
    [lineages(['a', 0], ['b', 80]), lineages(['a', 0], ['c', 100]), 80],
    [lineages(['a', 0], ['b', 100]), lineages(['a', 0], ['c', 80]), 80],
    // Another log altogether.
    [lineages(['a', 0]), lineages(['z', 0]), 0],
  ];
  for (const [before, now, lostBeyond] of cases) {
    const lineage = known();
    expect(lineage.lostBeyond(before)).toBeNull();
    lineage.note(before);
    expect(lineage.lostBeyond(now), JSON.stringify([before, now])).toBe(lostBeyond);
    lineage.note(now);
    expect(lineage.lostBeyond(now)).toBeNull();
  }
});

test('SYNC-O6 a relay that does not tell its lineages is judged by its head', () => {
  const lineage = known();
  lineage.note({ epoch: 'a' });
  expect(lineage.lostBeyond({ epoch: 'a', head: 5 })).toBeNull();
  expect(lineage.lostBeyond({ epoch: 'b', head: 5 })).toBe(5);
  expect(lineage.lostBeyond(lineages(['a', 0], ['b', 3]))).toBe(3);
});
