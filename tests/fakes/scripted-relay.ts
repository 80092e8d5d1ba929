import { zstdCompressSync } from 'node:zlib';
import type { ErrorBody } from '../../shared/errors.ts';
import type { RootRow, SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { LoggedEvent, SubjectSnapshot } from '../../shared/relay-protocol/frames.ts';
import type { FromRelay } from '../../shared/relay-protocol/from-relay.ts';
import type { Hello, ToRelay } from '../../shared/relay-protocol/to-relay.ts';
import type { Fetch } from '../../src-main/core/sync/relay-http.ts';
import type { ConnectRelay, RelayLinkHandlers } from '../../src-main/core/sync/relay-link.ts';
import { EPOCH, eventOf, snapshotOf } from './cache-rig.ts';
import { type TestConsole, attachView, makeFolder, TEST_KEYS } from './console-process.ts';
import { DomainWorld, webChat } from './domain-world.ts';
import { ManualClock, seededRandom } from './manual-clock.ts';
import { type AgentCoreOptions, createAgentCore } from '../../src-main/core/agent-core.ts';

export const RELAY_URL = 'http://relay.test';

/** One connection as the relay of a test sees it. */
export class ScriptedLink {
  readonly heard: { name: keyof ToRelay; message: ToRelay[keyof ToRelay] }[] = [];
  isClosed = false;
  #still = 0;
  readonly #handlers: RelayLinkHandlers;

  constructor(handlers: RelayLinkHandlers) {
    this.#handlers = handlers;
  }

  get hello(): Hello {
    return this.all('hello')[0]!;
  }

  all<Name extends keyof ToRelay>(name: Name): ToRelay[Name][] {
    return this.heard.filter((one) => one.name === name).map(({ message }) => message as ToRelay[Name]);
  }

  /** Commands submitted over this link, in order. */
  submitted(): { id: string; type: string; isDelayed: boolean }[] {
    return this.all('submit').flatMap(({ submissions }) =>
      submissions.map(({ command, isDelayed }) => ({ id: command.id, type: command.type, isDelayed })),
    );
  }

  open(): void {
    this.#handlers.onOpen();
  }

  /** Also after the console closed it: late events of an old socket do come. */
  say<Name extends keyof FromRelay>(name: Name, message: Omit<FromRelay[Name], 'session'>): void {
    const counted = name === 'tick' && this.#still > 0 ? { still: this.#still } : {};
    this.#handlers.onMessage(name, { session: this.hello?.session, ...counted, ...message });
  }

  sayRaw(name: string, message: unknown): void {
    this.#handlers.onMessage(name, message);
  }

  break(error: ErrorBody | null = null): void {
    this.#handlers.onClose(error);
  }

  welcome(fields: Partial<FromRelay['welcome']> = {}): void {
    this.say('welcome', {
      protocol: 1,
      epoch: EPOCH,
      head: 0,
      floor: 0,
      mode: 'tail',
      serverNow: 0,
      needHeld: false,
      heldSince: 0,
      agentId: 'lan',
      ackedN: 0,
      limits: { credit: 2, lanes: 8 },
      ...fields,
    });
  }

  frame(from: number, to: number, fields: Partial<FromRelay['frame']> = {}): void {
    const still = from === to ? this.#still + 1 : this.#still;
    this.#still = from === to ? still : 0;
    const counted = still > 0 ? { still } : {};
    this.say('frame', { from, to, leave: [], enter: [], events: [], isCatchUp: false, ...counted, ...fields });
  }

  /** A frame of a catch-up, as bytes. */
  packed(fields: Partial<FromRelay['frame']>, isZstd: boolean): void {
    const text = JSON.stringify({ leave: [], enter: [], events: [], isCatchUp: true, ...fields });
    const bytes = isZstd ? zstdCompressSync(text) : Buffer.from(text);
    this.sayRaw('packed', { name: 'frame', session: this.hello.session, isZstd, bytes });
  }

  ok(id: string, seq: number): void {
    this.say('results', { results: [{ id, ok: true, seq }] });
  }

  refuse(id: string, error: Partial<ErrorBody>): void {
    const body = { kind: 'forbidden', origin: 'relay', message: 'no', retryable: false, ...error } as ErrorBody;
    this.say('results', { results: [{ id, ok: false, error: body }] });
  }
}

/** A relay that does what the test says, and nothing by itself but sign-in. */
export class ScriptedRelay {
  readonly clock = new ManualClock();
  readonly world = DomainWorld.withDesk();
  readonly links: ScriptedLink[] = [];
  readonly dataDir: string;
  /** What HTTP answers; a test may replace it. */
  http: Fetch = async (url) => this.#grant(url);
  refreshes = 0;

  constructor(dataDir = makeFolder('liendesk-console-')) {
    this.dataDir = dataDir;
    for (const id of ['k1', 'k2', 'k3']) this.customerWrites(id, `alo ${id}`);
  }

  /** The newest connection. */
  get link(): ScriptedLink {
    return this.links.at(-1)!;
  }

  readonly connect: ConnectRelay = (_url, _token, handlers) => {
    const link = new ScriptedLink(handlers);
    this.links.push(link);
    return {
      send: (name, message) => void link.heard.push({ name, message: structuredClone(message) }),
      close: () => {
        link.isClosed = true;
      },
    };
  };

  customerWrites(conversationId: string, text: string): void {
    const identity = { channelId: 'web', externalId: conversationId, isVerified: false };
    const customer = { id: `c-${conversationId}`, identity, profile: { name: conversationId } };
    const messageId = `in-${this.world.seq}`;
    const args = {
      channelId: 'web',
      customer,
      conversationId,
      newConversationId: conversationId,
      messageId,
      text,
      writtenAt: 0,
    };
    this.world.must('message.receive', args, { by: webChat });
  }

  eventsAfter(seq: number): LoggedEvent[] {
    return this.world.log.slice(seq).map((changes) => eventOf(changes));
  }

  /** Everything, as a first snapshot has it. */
  subjects(): SubjectSnapshot[] {
    const refs = new Set(this.world.log.flatMap((changes) => changes.map(({ subject }) => subject)));
    return [...refs].map((subject) => this.#snapshot(subject));
  }

  /** Opens a console on this relay's clock, with everything in one thread. */
  async openConsole(options: Partial<AgentCoreOptions> = {}): Promise<TestConsole> {
    const silent = () => undefined;
    const opening = createAgentCore({
      ballastBytes: 0,
      dataDir: this.dataDir,
      keys: TEST_KEYS,
      clock: this.clock,
      random: seededRandom(7),
      logger: { info: silent, warn: silent, error: silent },
      workerScript: null,
      connect: this.connect,
      fetch: (url, init) => this.http(url, init),
      ...options,
    });
    const core = await opening;
    return { dataDir: this.dataDir, ...attachView(core) };
  }

  /** Signs in and leads the console to the head by a snapshot. */
  async signedIn(options: Partial<AgentCoreOptions> = {}): Promise<TestConsole> {
    const console = await this.openConsole(options);
    const signingIn = console.request('session.signIn', {
      relayUrl: RELAY_URL,
      email: 'lan@shop.example',
      password: 'x',
    });
    await settle();
    await this.reset();
    await this.advance(100);
    await signingIn;
    return console;
  }

  /** Answers a hello with a snapshot of everything. */
  async reset(fields: Partial<FromRelay['welcome']> = {}): Promise<void> {
    const head = this.world.seq;
    this.link.open();
    await settle();
    this.link.welcome({ head, mode: 'reset', serverNow: this.clock.now(), ...fields });
    const subjects = this.subjects();
    this.link.say('page', { page: 0, startSeq: head, subjects, totalSubjects: subjects.length, isLast: true });
    this.link.frame(head, head, { isCatchUp: true });
    await settle();
  }

  /** Answers a hello by going on from the console's cursor to the head. */
  async tail(fields: Partial<FromRelay['welcome']> = {}): Promise<void> {
    this.link.open();
    await settle();
    const { cursor } = this.link.hello;
    const head = this.world.seq;
    this.link.welcome({ head, serverNow: this.clock.now(), ...fields });
    this.link.frame(cursor, head, { events: this.eventsAfter(cursor), isCatchUp: true });
    await settle();
  }

  /** Commits a submitted command's changes and sends them, as the relay would. @returns its seq */
  async commit(id: string): Promise<number> {
    const command = this.links
      .flatMap((link) => link.all('submit'))
      .flatMap(({ submissions }) => submissions)
      .map((submission) => submission.command)
      .find((one) => one.id === id)!;
    const from = this.world.seq;
    this.world.must(command.type, command.args, { base: command.base });
    const changes = this.world.log.at(-1)!;
    this.link.ok(id, this.world.seq);
    this.link.frame(from, this.world.seq, { events: [eventOf(changes, id)] });
    await settle();
    return this.world.seq;
  }

  async advance(ms: number): Promise<void> {
    // In steps, so that what begins on the way gets its turn.
    for (let left = ms; left > 0; left -= 500) {
      this.clock.advance(Math.min(500, left));
      await settle();
    }
  }

  #grant(url: string): Response {
    if (url.endsWith('/refresh')) this.refreshes += 1;
    const body = {
      accessToken: `token-${this.refreshes}`,
      accessExpiresAt: this.clock.now() + 600_000,
      refreshToken: `refresh-${this.refreshes}`,
      agentId: 'lan',
      sessionId: 's',
    };
    return new Response(JSON.stringify(body), { headers: { date: new Date(this.clock.now()).toUTCString() } });
  }

  #snapshot(subject: SubjectRef): SubjectSnapshot {
    const reader = this.world.reader(subject);
    const root: RootRow = reader.root()!;
    const id = subject.slice(subject.indexOf(':') + 1);
    const items = this.world.log
      .flat()
      .filter((change) => change.subject === `conversation:${id}`)
      .flatMap(({ data, position }) => [(data as { messageId?: string }).messageId ?? '', `line-${position}`])
      .map((itemId) => reader.item('message', itemId))
      .filter((row) => row !== null)
      .map((row) => ({ table: 'message', row: { ...row } }));
    return snapshotOf(subject, root, items, { asOf: this.world.seq });
  }
}

/** Lets everything that is ready run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
