import { expect, test } from 'vitest';
import { checkCursors } from './check-cursors.ts';
import type { CursorStep } from './history.ts';

const at = (cursor: number): CursorStep => ({ console: 0, what: 'cursor', cursor });
const taken = (extent: 'whole' | 'part'): CursorStep => ({ console: 0, what: 'cache-taken', extent });
const clockMoved: CursorStep = { console: 0, what: 'clock-moved' };
const leaseOver: CursorStep = { console: 0, what: 'lease-over' };
const restored: CursorStep = { console: 0, what: 'relay-restored' };

test.each<[string, CursorStep[]]>([
  ['on a full disk, to nothing', [at(4), at(0), at(6)]],
  ['on a full disk, to something', [at(4), at(3)]],
  ['to something, where the cache was taken whole', [at(4), taken('whole'), at(2)]],
  ['a second time, where one cache was taken', [at(4), taken('whole'), at(0), at(6), at(0)]],
  ['to something, where a lease was over', [at(4), clockMoved, leaseOver, at(2)]],
  ['by leases, more often than they ended', [at(4), clockMoved, leaseOver, at(0), at(6), at(0)]],
  ['by a lease that nothing can have ended', [at(4), leaseOver, at(0)]],
  ['a second time in one lineage', [at(9), restored, at(3), at(5), at(4)]],
  ['for the sake of another console', [at(4), { ...taken('whole'), console: 1 }, at(0)]],
])('INV-7 a cursor that goes back %s is found', (_name, steps) => {
  expect(checkCursors(steps)).toHaveLength(1);
});

test.each<[string, CursorStep[]]>([
  ['that only goes on', [at(0), at(4), at(4), at(7)]],
  ['of a cache that was taken', [at(4), taken('whole'), at(0), at(6)]],
  ['of a cache without its newest frames, or that is unusable so', [at(4), taken('part'), at(3), taken('part'), at(0)]],
  ['of a lease that ended, said or not', [at(4), clockMoved, at(0), at(6), clockMoved, leaseOver, at(0)]],
  ['of a lease whose end a full disk did not keep', [at(4), clockMoved, leaseOver, at(0), at(6), leaseOver, at(0)]],
  ['of a sign-in that ended', [at(9), { console: 0, what: 'signed-out' }, at(0), at(12)]],
  ['of another lineage', [at(9), restored, at(3), at(12), restored, at(1)]],
])('INV-7 a cursor %s is accepted', (_name, steps) => {
  expect(checkCursors(steps)).toEqual([]);
});
