import { afterEach, beforeEach } from 'vitest';
import type { Conversation } from '../../shared/domain/conversation/conversation.ts';
import type { CommandResult } from '../../shared/relay-protocol/commands.ts';
import type { PlanDelivery } from '../../src-relay/event-log/effects.ts';
import type { EventLog, LogSubmission, Submitter } from '../../src-relay/event-log/event-log.ts';
import type { ManualClock } from '../fakes/manual-clock.ts';
import { seedWorkspace } from './event-log-fixture.ts';

/** Storage of one log, and what surrounds it, under the control of a test. */
export interface EventLogHarness {
  readonly clock: ManualClock;
  /** Ids of files that the relay has. */
  readonly files: Set<string>;
  plan: PlanDelivery;
  /** Called for every file of a command; may throw. */
  hasFile(fileId: string, by: Submitter): boolean;
  /** Opens the log on what is stored; nothing, the first time. */
  open(): EventLog;
  /** Takes everything away from the open log at once, as `kill -9` does. */
  crash(): void;
  /** From now on nothing more can be stored. @returns its undo */
  fillUp(): () => void;
  dispose(): void;
}

/** What a test of the contract works with; a new one for each test. */
interface LogUnderTest {
  harness: EventLogHarness;
  log: EventLog;
  /** All in one turn. */
  submit(...submissions: LogSubmission[]): Promise<CommandResult[]>;
  crashAndOpen(): void;
  conversation(id: string): Conversation;
}

/** Opens a log with a seeded workspace before each test of the present suite, and takes it down afterwards. */
export function openForEachTest(makeHarness: () => EventLogHarness): LogUnderTest {
  const the = {
    submit: (...submissions: LogSubmission[]) => Promise.all(submissions.map((one) => the.log.submit(one))),
    crashAndOpen: () => {
      the.harness.crash();
      the.log = the.harness.open();
    },
    conversation: (id: string) => {
      const root = the.log.read<Conversation>(`conversation:${id}`).root();
      if (root === null) throw new Error(`no conversation ${id}`);
      return root;
    },
  } as LogUnderTest;
  beforeEach(async () => {
    the.harness = makeHarness();
    the.log = the.harness.open();
    await seedWorkspace(the.log);
  });
  afterEach(async () => {
    await the.log.close();
    the.harness.dispose();
  });
  return the;
}
