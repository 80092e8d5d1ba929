import { writeSync } from 'node:fs';
import { pino } from 'pino';
import { openRelayDatabase } from '../../src-relay/event-log/open-relay-database.ts';
import { openSqliteEventLog } from '../../src-relay/event-log/sqlite-event-log.ts';
import { ManualClock, seededRandom } from '../fakes/manual-clock.ts';
import { receive, seedWorkspace, send } from './event-log-fixture.ts';

/** Commands under way at a time, as from a handful of consoles. */
const UNDER_WAY = 12;
const STILL = new Int32Array(new SharedArrayBuffer(4));

/**
 * Submits commands number `first` to `last` to the log in `file` and writes each number on its own line once it is
 * answered; waits to be killed in the middle. Number i is always the same command.
 */
export async function submitNumbers(file: string, first: number, last: number): Promise<void> {
  const log = openSqliteEventLog({
    database: openRelayDatabase(file),
    clock: new ManualClock(),
    random: seededRandom(first),
    plan: (_kind, message) => [message],
    hasFile: () => true,
    logger: pino({ level: 'silent' }),
  });
  await seedWorkspace(log);
  let next = first;
  const submitInTurn = async (): Promise<void> => {
    while (next <= last) {
      const number = next;
      next += 1;
      const result = await log.submit(numbered(number));
      if (!result.ok) throw new Error(`command ${number} was refused: ${result.error.message}`);
      say(`${number}\n`);
    }
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, submitInTurn));
  await log.close();
}

/** Waits where the other end does not read as quickly as is written. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, line);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(STILL, 0, 0, 1);
    }
  }
}

function numbered(number: number) {
  const conversationId = `c${number % 7}`;
  // The first seven start the conversations that all later ones go to.
  return number % 3 === 0 && number >= 7 ? send(conversationId, `m${number}`) : receive(conversationId, `m${number}`);
}
