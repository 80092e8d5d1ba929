import { describeCommands } from './event-log-commands.contract.ts';
import { describeErasure } from './event-log-erasure.contract.ts';
import { describeFloor } from './event-log-floor.contract.ts';
import { describeRows } from './event-log-rows.contract.ts';
import { describeStoredEvents } from './event-log-stored.contract.ts';
import { makeMemoryHarness } from './memory-harness.ts';
import { makeSqliteHarness } from './sqlite-harness.ts';

for (const [name, makeHarness] of [
  ['event log on SQLite', makeSqliteHarness],
  ['event log in memory', makeMemoryHarness],
] as const) {
  describeCommands(name, makeHarness);
  describeRows(name, makeHarness);
  describeStoredEvents(name, makeHarness);
  describeFloor(name, makeHarness);
  describeErasure(name, makeHarness);
}
