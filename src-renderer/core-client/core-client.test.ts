import { expect, test } from 'vitest';
import type { FromCoreFrame } from '../../shared/core-api/port.ts';
import { AppError } from '../../shared/errors.ts';
import { Subscribable } from '../../shared/primitives/subscribable.ts';
import { ManualClock } from '../../tests/fakes/manual-clock.ts';
import type { ConsolePort } from './console-port.ts';
import { CoreClient } from './core-client.ts';

interface Pipe {
  port: ConsolePort;
  sent: Record<string, unknown>[];
  receive(frame: unknown): void;
  close(): void;
}

function makePipe(): Pipe {
  const frames = new Subscribable<FromCoreFrame>();
  const closes = new Subscribable<void>();
  const sent: Record<string, unknown>[] = [];
  return {
    sent,
    receive: (frame) => frames.publish(frame as FromCoreFrame),
    close: () => closes.publish(),
    port: {
      send: (frame) => sent.push(frame as Record<string, unknown>),
      onFrame: (listener) => frames.subscribe(listener),
      onClose: (listener) => closes.subscribe(listener),
      close: () => {},
    },
  };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

async function startClient(pipes: Pipe[]) {
  const clock = new ManualClock();
  const waiting = [...pipes];
  const core = new CoreClient(async () => {
    const next = waiting.shift();
    if (next === undefined) throw new Error('nobody is there');
    return next.port;
  }, clock);
  core.start();
  await settle();
  return { core, clock };
}

test('answers go to the request with their id, in whatever order they come', async () => {
  const pipe = makePipe();
  const { core } = await startClient([pipe]);
  const status = core.request('sync.status', {});
  const queues = core.request('queue.list', {});
  await settle();
  const [first, second] = pipe.sent;
  expect(first).toMatchObject({ request: 'sync.status', input: {} });
  pipe.receive({ id: second!['id'], ok: true, output: { queues: [] } });
  pipe.receive({ id: first!['id'], ok: true, output: 'status' });
  expect(await queues).toEqual({ queues: [] });
  expect(await status).toBe('status');
});

test('a refusal is thrown as the AppError that the core meant', async () => {
  const pipe = makePipe();
  const { core } = await startClient([pipe]);
  const asked = core.request('conversation.get', { conversationId: 'x' });
  await settle();
  const error = {
    kind: 'not_found',
    origin: 'console',
    message: 'no',
    retryable: false,
    reason: 'conversation-not-visible',
  };
  pipe.receive({ id: pipe.sent[0]!['id'], ok: false, error });
  await expect(asked).rejects.toMatchObject({ kind: 'not_found', details: { reason: 'conversation-not-visible' } });
});

test('host and core requests share one counter of ids', async () => {
  const pipe = makePipe();
  const { core } = await startClient([pipe]);
  void core.request('sync.status', {});
  void core.requestHost('host.setBadge', { count: 3 });
  await settle();
  expect(pipe.sent.map((frame) => frame['id'])).toEqual([1, 2]);
  expect(pipe.sent[1]).toMatchObject({ host: 'host.setBadge', input: { count: 3 } });
});

test('when the pipe breaks, requests under way fail as offline and the client comes back by itself', async () => {
  const [first, second] = [makePipe(), makePipe()];
  const { core, clock } = await startClient([first, second]);
  const links: string[] = [];
  core.onLink((link) => links.push(link));
  const lost = core.request('sync.status', {});
  await settle();
  first.close();
  await expect(lost).rejects.toMatchObject({ kind: 'offline', details: { reason: 'core-unreachable' } });

  const patient = core.request('queue.list', {});
  clock.advance(200);
  await settle();
  expect(links).toEqual(['down', 'up']);
  second.receive({ id: second.sent[0]!['id'], ok: true, output: { queues: [] } });
  expect(await patient).toEqual({ queues: [] });

  // The late close of the pipe that was replaced long ago changes nothing.
  first.close();
  expect(core.link).toBe('up');
});

test('a request is refused as offline when no link comes within four seconds', async () => {
  const { core, clock } = await startClient([]);
  expect(core.link).toBe('down');
  const asked = core.request('sync.status', {}).catch((error: unknown) => error);
  clock.advance(4000);
  const error = await asked;
  expect(error).toBeInstanceOf(AppError);
  expect((error as AppError).kind).toBe('offline');
});

test('pushes and ephemerals reach their listeners until these leave', async () => {
  const pipe = makePipe();
  const { core } = await startClient([pipe]);
  const seen: unknown[] = [];
  const stop = core.onPush('changed', ({ subjects }) => seen.push(subjects));
  core.onEphemeral((ephemeral) => seen.push(ephemeral.kind));
  pipe.receive({ push: 'changed', payload: { subjects: ['queue:a'] } });
  pipe.receive({ ephemeral: 'ephemeral', payload: { kind: 'presence', agentId: 'lan', status: 'away' } });
  pipe.receive({ push: 'of-a-newer-core', payload: {} });
  stop();
  pipe.receive({ push: 'changed', payload: { subjects: ['queue:b'] } });
  expect(seen).toEqual([['queue:a'], 'presence']);
});
