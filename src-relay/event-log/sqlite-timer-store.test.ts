import { expect, test } from 'vitest';
import { openRelayDatabase } from './open-relay-database.ts';
import { openSqliteLogStorage } from './sqlite-log-storage.ts';
import type { Timer } from './timer-store.ts';

const timer = (id: string, dueAt: number): Timer => ({
  ...{ id, subject: `conversation:${id}`, kind: 'snooze', dueAt, version: 1 },
});

test('SYNC-T2 what is due follows every change of the timetable, also one that is undone', () => {
  const database = openRelayDatabase(':memory:');
  const { timers, transaction } = openSqliteLogStorage(database, () => 'epoch');
  const ids = (now: number): string[] => timers.listDue(now, 10).map(({ id }) => id);
  expect(timers.nextDueAt()).toBeNull();
  expect(ids(1000)).toEqual([]);

  transaction('execute-commands', () => {
    timers.put(timer('b', 300));
    timers.put(timer('a', 200));
  });
  expect([timers.nextDueAt(), ids(199), ids(200), ids(300)]).toEqual([200, [], ['a'], ['a', 'b']]);

  const undo = new Error('undone');
  const undone = (): void => {
    timers.put(timer('early', 100));
    timers.cancel('a');
    // Nobody reads in the middle; whoever did would not spoil it.
    timers.nextDueAt();
    throw undo;
  };
  expect(() => transaction('execute-commands', undone)).toThrow(undo);
  expect([timers.nextDueAt(), ids(199), ids(200)]).toEqual([200, [], ['a']]);

  // Put again for later, and the earlier one taken away.
  transaction('execute-commands', () => timers.put(timer('a', 400)));
  expect([timers.nextDueAt(), ids(299), ids(300)]).toEqual([300, [], ['b']]);
  timers.remove(timer('b', 300));
  expect([timers.nextDueAt(), ids(399), ids(400)]).toEqual([400, [], ['a']]);
  transaction('execute-commands', () => timers.cancel('a'));
  expect([timers.nextDueAt(), ids(1000)]).toEqual([null, []]);
  database.close();
});
