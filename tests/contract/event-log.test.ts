import { describeCommands } from './event-log-commands.contract.ts';
import { describeRows } from './event-log-rows.contract.ts';
import { makeSqliteHarness } from './sqlite-harness.ts';

describeCommands('event log on SQLite', makeSqliteHarness);
describeRows('event log on SQLite', makeSqliteHarness);
