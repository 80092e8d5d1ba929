import { expect, test } from 'vitest';
import { ManualClock } from '../../tests/fakes/manual-clock.ts';
import { Presence } from './presence.ts';

test('SYNC-N1 the more agents there are, the longer changes are gathered; the first is told at once', () => {
  const clock = new ManualClock();
  const told: number[] = [];
  const presence = new Presence(clock, (presences) => void told.push(presences.length));
  presence.joined('first', {});
  clock.advance(0);
  expect(told).toEqual([1]);
  for (let index = 0; index < 999; index += 1) presence.joined(`agent-${index}`, {});
  clock.advance(1000);
  expect(told).toEqual([1, 999]);
  presence.joined('late', {});
  clock.advance(2999);
  expect(told).toEqual([1, 999]);
  clock.advance(1);
  expect(told).toEqual([1, 999, 1]);
  clock.advance(60_000);
  presence.joined('last', {});
  clock.advance(0);
  expect(told).toEqual([1, 999, 1, 1]);
});

test('SYNC-E1 who comes is given what everybody was told, in lists that many share, and the rest with the others', () => {
  const clock = new ManualClock();
  const presence = new Presence(clock, () => {});
  const [desk, laptop] = [{}, {}];
  presence.joined('lan', desk);
  expect(presence.list().lists.available).toEqual([]);
  clock.advance(0);
  const { lists } = presence.list();
  expect(lists).toEqual({ available: ['lan'], away: [], offline: [] });
  expect(presence.list().lists).toBe(lists);
  presence.set('lan', desk, 'away');
  presence.joined('minh', laptop);
  expect(presence.list().lists).toBe(lists);
  clock.advance(1000);
  expect(presence.list().lists).toEqual({ available: ['minh'], away: ['lan'], offline: [] });
  presence.left('minh', laptop);
  clock.advance(45_000);
  expect(presence.list().lists).toEqual({ available: [], away: ['lan'], offline: [] });
});
