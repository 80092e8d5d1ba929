import { type Socket, io } from 'socket.io-client';
import type { SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import type { CommandResult } from '../../shared/relay-protocol/commands.ts';
import { PROTOCOL_VERSION } from '../../shared/relay-protocol/protocol-version.ts';
import { type FromRelay, fromRelay } from '../../shared/relay-protocol/from-relay.ts';
import type { ToRelay } from '../../shared/relay-protocol/to-relay.ts';
import { unpack } from '../../src-main/core/sync/unpack.ts';
import { type Received, Replica } from './replica.ts';
import { makeId } from './start-relay.ts';

interface ClientOptions {
  url: string;
  token: string;
  device?: string;
  /** What an earlier connection of the same device left. */
  replica?: Replica;
  /** False: applies frames without acknowledging them. */
  isCrediting?: boolean;
  ackedN?: number;
}

/**
 * A console that speaks the protocol and nothing else: no cache, no outbox, no reconnecting. Every message from the
 * relay is checked by its schema and kept in `received`.
 */
export class ProtocolClient {
  readonly socket: Socket;
  readonly device: string;
  readonly replica: Replica;
  readonly received: Received[] = [];
  /** Of what came packed: what it was, and its size on the wire. */
  readonly packed: { name: string; bytes: number }[] = [];
  session = '';
  isCrediting: boolean;
  #n = 0;
  #wake: (() => void)[] = [];

  constructor(options: ClientOptions) {
    this.device = options.device ?? makeId();
    this.replica = options.replica ?? new Replica();
    this.isCrediting = options.isCrediting ?? true;
    this.socket = io(`${options.url}/agent`, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      auth: { token: options.token },
    });
    for (const name of Object.keys(fromRelay) as (keyof FromRelay)[]) {
      this.socket.on(name, (message: unknown) => this.#receive(name, message));
    }
    this.socket.on('packed', (raw: unknown) => {
      const { name, session, bytes } = unpack(raw);
      this.packed.push({ name, bytes: (raw as { bytes: Uint8Array }).bytes.length });
      this.#receive(name, { ...(JSON.parse(Buffer.from(bytes).toString()) as object), session });
    });
    this.socket.on('disconnect', () => this.#wakeAll());
  }

  /** Connects, says hello and waits until it is at the head. */
  static async connect(options: ClientOptions): Promise<ProtocolClient> {
    const client = new ProtocolClient(options);
    await client.opened();
    client.hello(options.ackedN ?? 0);
    await client.until(() => client.isAtHead);
    return client;
  }

  /** Resolves once the relay took the token. @throws the ErrorBody by which it refused */
  opened(): Promise<void> {
    if (this.socket.connected) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.socket.once('connect', resolve);
      this.socket.once('connect_error', (error) => reject((error as Error & { data?: ErrorBody }).data ?? error));
    });
  }

  hello(ackedN = 0, fields: Partial<ToRelay['hello']> = {}): void {
    this.session = makeId();
    this.send('hello', {
      protocol: [PROTOCOL_VERSION, PROTOCOL_VERSION],
      schema: 'test',
      device: this.device,
      session: this.session,
      epoch: this.replica.epoch,
      cursor: this.replica.cursor,
      held: { ...this.replica.digest(), since: this.replica.heldSince },
      ackedN,
      ...fields,
    });
  }

  send<Name extends keyof ToRelay>(name: Name, message: ToRelay[Name]): void {
    this.socket.emit(name, message);
  }

  /** Submits one command and waits for its result. */
  async submit(type: string, args: unknown, options: SubmitOptions = {}): Promise<CommandResult> {
    const id = options.id ?? makeId();
    const before = this.resultsOf(id).length;
    this.submitOnly(type, args, { ...options, id });
    await this.until(() => this.resultsOf(id).length > before);
    return this.resultsOf(id).at(-1)!;
  }

  submitOnly(type: string, args: unknown, options: SubmitOptions = {}): void {
    this.#n = options.n ?? this.#n + 1;
    const command = {
      id: options.id ?? makeId(),
      n: this.#n,
      type,
      v: 1,
      subjects: options.subjects ?? (['workspace:this'] as SubjectRef[]),
      args,
      ...(options.base === undefined ? {} : { base: options.base }),
      after: null,
      clientAt: Date.now(),
    };
    this.send('submit', { session: this.session, submissions: [{ command, isDelayed: false }], ackedN: 0 });
  }

  resultsOf(id: string): CommandResult[] {
    return this.messages('results').flatMap(({ results }) => results.filter((result) => result.id === id));
  }

  async want(subject: SubjectRef, before: number | null = null, limit = 30): Promise<FromRelay['wanted']['answer']> {
    const id = makeId();
    this.send('want', { session: this.session, id, subject, before, limit });
    const find = () => this.messages('wanted').find((wanted) => wanted.id === id);
    await this.until(() => find() !== undefined);
    return find()!.answer;
  }

  /** All messages of one name, in order. */
  messages<Name extends keyof FromRelay>(name: Name): FromRelay[Name][] {
    return this.received.filter((one) => one.name === name).map((one) => one.message as FromRelay[Name]);
  }

  get welcome(): FromRelay['welcome'] {
    const welcome = this.messages('welcome').findLast(({ session }) => session === this.session);
    if (welcome === undefined) throw new Error('not welcomed');
    return welcome;
  }

  get isAtHead(): boolean {
    const welcome = this.messages('welcome').findLast(({ session }) => session === this.session);
    const frames = this.messages('frame').filter(({ session }) => session === this.session);
    return welcome !== undefined && frames.length > 0 && this.replica.cursor >= welcome.head;
  }

  /** Resolves when the condition holds; looked at after each message. @throws Error when the connection ends before */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.socket.disconnected && this.received.length > 0) {
        throw new Error(`disconnected; last: ${JSON.stringify(this.received.at(-1))}`);
      }
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  /** Resolves when the relay has ended the connection. @returns its `bye`, if it said so */
  async ended(): Promise<FromRelay['bye'] | undefined> {
    if (this.socket.connected) await new Promise<void>((resolve) => this.socket.once('disconnect', () => resolve()));
    return this.messages('bye').at(-1);
  }

  close(): void {
    this.socket.disconnect();
  }

  #receive(name: keyof FromRelay, raw: unknown): void {
    const message = fromRelay[name].parse(raw) as never;
    this.received.push({ name, message } as Received);
    if (!('session' in message) || (message as { session: string }).session === this.session) {
      this.replica.take({ name, message } as Received, { held: () => this.#sendHeld(), credit: () => this.#credit() });
    }
    this.#wakeAll();
  }

  #sendHeld(): void {
    for (const [kind, ids] of this.replica.heldIds()) {
      for (let start = 0; start < ids.length; start += 6000) {
        this.send('held', { session: this.session, kind, ids: ids.slice(start, start + 6000), isLast: false });
      }
    }
    this.send('held', { session: this.session, kind: 'conversation', ids: [], isLast: true });
  }

  #credit(): void {
    if (this.isCrediting) this.send('credit', { session: this.session, cursor: this.replica.cursor });
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

interface SubmitOptions {
  id?: string;
  n?: number;
  base?: unknown;
  subjects?: SubjectRef[];
}
