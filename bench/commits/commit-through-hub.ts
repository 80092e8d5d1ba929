import { databaseFileOf } from '../../src-relay/data-folder.ts';
import { openRelayDatabase } from '../../src-relay/event-log/open-relay-database.ts';
import { openSqliteEventLog } from '../../src-relay/event-log/sqlite-event-log.ts';
import { AgentHub } from '../../src-relay/gateway/agent-hub.ts';
import { createSystemClock, createSystemRandom } from '../../src-relay/system-clock.ts';
import type { CommitInput, CommitOutcome } from './commit-calls.ts';
import { countRows } from './count-rows.ts';
import { HubConsole } from './hub-console.ts';

/** By the same consoles: each may submit no more than two hundred at once. */
const MAX_GROUPS = 190;

/** Every console submits one command, all in one turn; when all results are back, the next. */
export async function commitThroughHub(input: CommitInput): Promise<CommitOutcome> {
  const database = openRelayDatabase(databaseFileOf(input.folder));
  const clock = createSystemClock();
  const random = createSystemRandom();
  const fail = (fields: unknown, text?: string): never => {
    throw new Error(`${text}: ${JSON.stringify(fields)}`);
  };
  const logger = { info: () => {}, warn: fail, error: fail, fatal: fail };
  const eventLog = openSqliteEventLog({
    database,
    clock,
    random,
    logger,
    plan: (_kind, message) => [message],
    hasFile: () => false,
  });
  const hub = await AgentHub.open({
    eventLog,
    clock,
    random,
    logger,
    showToCustomer: () => {},
    observeFanOut: () => {},
    doubtDeliveries: () => {},
  });
  for (let left = input.warmUpGroups; left > 0; left -= MAX_GROUPS) {
    await submitGroups(hub, input, Math.min(left, MAX_GROUPS));
  }
  const seconds = await submitGroups(hub, input, input.groups);

  await hub.close();
  await eventLog.close();
  // The last of it is written on the way out.
  const rows = countRows(database);
  database.close();
  return { seconds, rows };
}

/** By consoles of their own. @returns seconds */
async function submitGroups(hub: AgentHub, { conversationIds, text }: CommitInput, groups: number): Promise<number> {
  const consoles = conversationIds.map((id, index) => new HubConsole(hub, `agent-${index}`, id));
  await Promise.all(consoles.map(({ ready }) => ready));
  const submissions = Array.from({ length: groups }, () => consoles.map((one) => one.writeNote(text)));
  const startedAt = performance.now();
  for (const group of submissions) {
    await Promise.all(group.map((submission, index) => consoles[index]!.submit(submission)));
  }
  const seconds = (performance.now() - startedAt) / 1000;
  for (const one of consoles) one.close();
  return seconds;
}
