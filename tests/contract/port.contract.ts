import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FromCoreFrame, Port, ToCoreFrame } from '../../shared/core-api/port.ts';
import { AppError, type ErrorBody } from '../../shared/errors.ts';
import { openConsole, removeFolders, until } from '../fakes/console-process.ts';
import { type TestRelay, startRelay } from '../fakes/start-relay.ts';

/** The view's side of a port, whose other side is a core that is signed in at `signIn`. */
export interface PortHarness {
  port: Port<ToCoreFrame, FromCoreFrame>;
  /** Ends the core while the view is there. */
  endCore(): Promise<void>;
}

export interface PortSignIn {
  relayUrl: string;
  email: string;
  password: string;
}

/** What a view does over any port: requests with replies, pushes, and an end that nobody waits beyond. */
export class PortClient {
  readonly pushes: { push: string; payload: unknown }[] = [];
  readonly ephemerals: unknown[] = [];
  readonly strays: FromCoreFrame[] = [];
  readonly #port: Port<ToCoreFrame, FromCoreFrame>;
  readonly #waiting = new Map<number, { resolve: (output: unknown) => void; reject: (error: Error) => void }>();
  #nextId = 100;

  constructor(port: Port<ToCoreFrame, FromCoreFrame>) {
    this.#port = port;
    port.onFrame((frame) => this.#take(frame));
    port.onClose(() => {
      for (const { reject } of this.#waiting.values()) reject(new AppError('offline', 'The core is gone.'));
      this.#waiting.clear();
    });
  }

  request(request: string, input?: unknown): Promise<unknown> {
    this.#nextId += 1;
    return this.raw({ id: this.#nextId, request, ...(input === undefined ? {} : { input }) }, this.#nextId);
  }

  /** Sends a frame as it is, and waits for the reply to `id`. */
  raw(frame: unknown, id: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#port.send(frame as ToCoreFrame);
    });
  }

  #take(frame: FromCoreFrame): void {
    if ('push' in frame) this.pushes.push(frame);
    else if ('ephemeral' in frame) this.ephemerals.push(frame.payload);
    else {
      const waiting = this.#waiting.get(frame.id);
      this.#waiting.delete(frame.id);
      if (waiting === undefined) this.strays.push(frame);
      else if (frame.ok) waiting.resolve(frame.output);
      else waiting.reject(AppError.fromBody(frame.error as ErrorBody));
    }
  }
}

/** What every implementation of a port has to do. @param open called once; the relay has a conversation `conversationId` */
export function portContract(open: (signIn: PortSignIn) => Promise<PortHarness>): void {
  let relay: TestRelay;
  let harness: PortHarness;
  let client: PortClient;
  let conversationId: string;

  beforeAll(async () => {
    relay = await startRelay();
    await relay.putQueue('sales');
    await relay.putChannel('web', 'sales');
    const { email, password } = await relay.addAgent('lan', { queueIds: ['sales'] });
    ({ conversationId } = await relay.receive({ channelId: 'web', customerId: 'hoa', text: 'Đơn hàng 😀 đâu?' }));
    harness = await open({ relayUrl: relay.url, email, password });
    client = new PortClient(harness.port);
    await until('the core is online', async () => {
      const { state } = (await client.request('sync.status')) as { state: string };
      return state === 'online';
    });
  });
  afterAll(async () => {
    await harness.endCore();
    await relay.stop();
  });

  test('a request is answered with its own reply, whatever its text', async () => {
    const [messages, self, counts] = await Promise.all([
      client.request('message.list', { conversationId }),
      client.request('session.current'),
      client.request('conversation.counts', {}),
    ]);
    expect(messages).toMatchObject({ messages: [{ text: 'Đơn hàng 😀 đâu?' }] });
    expect(self).toMatchObject({ agent: { id: 'lan' } });
    expect(counts).toMatchObject({ unassigned: 1 });
  });

  test('a large reply and a large request arrive whole', async () => {
    const text = '☃\u2028"\\ '.repeat(30_000);
    const draft = { conversationId, kind: 'reply', text, caret: 3, attachments: [] };
    await client.request('draft.save', draft);
    expect(await client.request('draft.get', { conversationId })).toMatchObject({ reply: { text, caret: 3 } });
  });

  test('errors come as errors, and nothing that is sent ends the core', async () => {
    await expect(client.request('no.such')).rejects.toMatchObject({ kind: 'unsupported' });
    await expect(client.request('constructor')).rejects.toMatchObject({ kind: 'unsupported' });
    await expect(client.request('message.list', { conversationId: 7 })).rejects.toMatchObject({ kind: 'invalid' });
    await expect(client.raw({ id: 7, nonsense: true }, 7)).rejects.toMatchObject({ kind: 'invalid' });
    await expect(client.request('conversation.get', { conversationId: 'none' })).rejects.toMatchObject({
      kind: 'not_found',
    });
    harness.port.send({ ephemeral: 'unheard-of', payload: null });
    harness.port.send({ ephemeral: 'typing', payload: { conversationId: [] } });
    expect(await client.request('sync.status')).toMatchObject({ state: 'online' });
  });

  test('pushes come unasked', async () => {
    await relay.receive({ channelId: 'web', customerId: 'hoa', conversationId, text: 'còn đó không?' });
    await until('the message is announced', () =>
      client.pushes.some(
        ({ push, payload }) => push === 'arrived' && (payload as { text: string }).text === 'còn đó không?',
      ),
    );
    await until('the conversation has changed', () =>
      client.pushes.some(
        ({ push, payload }) =>
          push === 'changed' && (payload as { subjects: string[] }).subjects.includes(`conversation:${conversationId}`),
      ),
    );
  });

  test('ephemerals pass both ways', async () => {
    harness.port.send({ ephemeral: 'viewing', payload: { conversationId, isViewing: true } });
    const minh = await relay.addAgent('minh', { queueIds: ['sales'] });
    const colleague = await openConsole({
      signIn: { relayUrl: relay.url, email: minh.email, password: minh.password },
    });
    try {
      await until('a colleague’s typing arrives', () => {
        colleague.send({ ephemeral: 'typing', payload: { conversationId, isTyping: true, isNote: false } });
        return client.ephemerals.some((one) => (one as { kind: string }).kind === 'typing');
      });
      expect(client.ephemerals).toContainEqual(
        expect.objectContaining({ kind: 'typing', conversationId, by: { kind: 'agent', id: 'minh' }, isTyping: true }),
      );
      await until('the colleague sees who looks', () => {
        for (const isViewing of [false, true]) {
          harness.port.send({ ephemeral: 'viewing', payload: { conversationId, isViewing } });
        }
        return colleague.ephemerals.some((one) => {
          const { kind, agentId } = one as { kind: string; agentId?: string };
          return kind === 'viewing' && agentId === 'lan';
        });
      });
    } finally {
      await colleague.close();
      removeFolders();
    }
  });

  test('when the core ends, the port closes and what is pending is rejected', async () => {
    let isClosed = false;
    harness.port.onClose(() => {
      isClosed = true;
    });
    const outcomes = Array.from({ length: 20 }, () =>
      client.request('search.run', { text: 'd' }).then(
        () => 'answered',
        () => 'rejected',
      ),
    );
    await harness.endCore();
    await until('the port is closed', () => isClosed);
    // Answered before the end or rejected by it: nobody waits for ever.
    expect(await Promise.all(outcomes)).toHaveLength(20);
    expect(client.strays).toEqual([]);
  });
}
