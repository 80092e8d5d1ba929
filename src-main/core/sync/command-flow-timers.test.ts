import { expect, test } from 'vitest';
import type { Clock } from '../../../shared/primitives/clock.ts';
import type { Submission } from '../../../shared/relay-protocol/commands.ts';
import type { CommandStore, OutboxCommand } from '../outbox/command-store.ts';
import { CommandFlow } from './command-flow.ts';
import type { Uploader } from './uploader.ts';

test('SYNC-C5 a command is tried again also when the timer runs a little early by the monotonic clock', () => {
  let now = 0;
  let tasks: { dueAt: number; task: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    after: (delayMs, task) => {
      tasks.push({ dueAt: now + delayMs, task });
      return () => undefined;
    },
  };
  const command = {
    id: 'c',
    n: 1,
    type: 'note.add',
    v: 1,
    subjects: ['conversation:k1'],
    args: {},
    after: null,
    clientAt: 0,
  };
  const outbox = {
    command,
    state: 'waiting',
    attempts: 0,
    seq: null,
    at: 0,
    fileIds: [],
    blockedBy: null,
  } as OutboxCommand;
  const commands = { listOpen: () => [], markSent: () => undefined, ackedN: () => 0 } as unknown as CommandStore;
  const ignore = () => undefined;
  const events = { onGone: ignore, onDeclined: ignore, onRefused: ignore, onCounts: ignore };
  const flow = new CommandFlow({ commands, uploader: {} as Uploader, clock, relayNow: () => now, events });
  const sent: Submission[][] = [];
  flow.start({ lanes: 8, send: (submissions) => void sent.push(submissions), fail: () => undefined });
  flow.enqueue(outbox, true);
  expect(sent.length).toBe(1);
  tasks = [];
  const error = { kind: 'retry', origin: 'relay', message: 'later', retryable: true, retryAfterMs: 1000 } as const;
  flow.receive([{ id: 'c', ok: false, error }]);
  expect(sent.length).toBe(1);
  // As libuv does, which counts in whole milliseconds.
  now = tasks[0]!.dueAt - 0.4;
  tasks[0]!.task();
  expect(sent.length).toBe(2);
});
