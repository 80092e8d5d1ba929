import { expect, test } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import type { Clock } from '../../../shared/primitives/clock.ts';
import type { Submission } from '../../../shared/relay-protocol/commands.ts';
import type { CommandStore, OutboxCommand } from '../outbox/command-store.ts';
import { CommandFlow } from './command-flow.ts';
import type { Uploader } from './uploader.ts';

interface Timer {
  dueAt: number;
  task: () => void;
}

function makeFlow(parts: { commands?: Partial<CommandStore>; uploader?: Partial<Uploader>; fileIds?: string[] }) {
  const time = { now: 0, timers: [] as Timer[] };
  const clock: Clock = {
    now: () => time.now,
    monotonic: () => time.now,
    after: (delayMs, task) => {
      time.timers.push({ dueAt: time.now + delayMs, task });
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
    fileIds: parts.fileIds ?? [],
    blockedBy: null,
  } as OutboxCommand;
  const nothing = () => undefined;
  const refused: string[] = [];
  const events = {
    onGone: nothing,
    onDeclined: nothing,
    onRefused: (id: string) => void refused.push(id),
    onCounts: nothing,
  };
  const flow = new CommandFlow({
    commands: { listOpen: () => [], markSent: nothing, ackedN: () => 0, ...parts.commands } as unknown as CommandStore,
    uploader: (parts.uploader ?? {}) as Uploader,
    ...{ clock, relayNow: () => time.now, events },
  });
  const sent: Submission[][] = [];
  flow.start({ lanes: 8, send: (submissions) => void sent.push(submissions), fail: nothing });
  flow.enqueue(outbox, true);
  return { time, flow, sent, refused };
}

test('SYNC-C5 a command is tried again also when the timer runs a little early by the monotonic clock', () => {
  const { time, flow, sent } = makeFlow({});
  expect(sent.length).toBe(1);
  time.timers = [];
  const error = { kind: 'retry', origin: 'relay', message: 'later', retryable: true, retryAfterMs: 1000 } as const;
  flow.receive([{ id: 'c', ok: false, error }]);
  expect(sent.length).toBe(1);
  // As libuv does, which counts in whole milliseconds.
  time.now = time.timers[0]!.dueAt - 0.4;
  time.timers[0]!.task();
  expect(sent.length).toBe(2);
});

test('SYNC-F1 a refused upload that a full disk does not let be noted is refused once there is room', async () => {
  let isFull = true;
  const { time, sent, refused } = makeFlow({
    fileIds: ['f1'],
    uploader: {
      isReady: () => false,
      upload: () => Promise.reject(new AppError('invalid', 'That is too large.', { reason: 'file-too-large' })),
    },
    commands: {
      refuse: () => {
        if (isFull) throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
        return [];
      },
    },
  });
  const answered = () => new Promise<void>((resolve) => void setImmediate(resolve));
  await answered();
  expect([sent, refused, time.timers.length]).toEqual([[], [], 1]);
  isFull = false;
  time.now = time.timers[0]!.dueAt;
  time.timers[0]!.task();
  await answered();
  expect([sent, refused]).toEqual([[], ['c']]);
});
