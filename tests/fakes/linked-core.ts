import { cpSync, rmSync } from 'node:fs';
import type { CoreInput, CoreOutput, CoreRequestName } from '../../shared/core-api/requests.ts';
import type { ToRelay } from '../../shared/relay-protocol/to-relay.ts';
import type { FromRelay } from '../../shared/relay-protocol/from-relay.ts';
import { type AgentCore, createAgentCore } from '../../src-main/core/agent-core.ts';
import type { ConnectRelay, RelayLinkHandlers } from '../../src-main/core/sync/relay-link.ts';
import type { AgentConnection } from '../../src-relay/gateway/agent-connection.ts';
import type { AgentPeer } from '../../src-relay/gateway/agent-peer.ts';
import { TEST_KEYS, attachView, makeFolder } from './console-process.ts';
import type { HubRig } from './hub-rig.ts';

const LATENCY_MS = 1;
const ACCESS_MS = 15 * 60_000;

interface Wire {
  handlers: RelayLinkHandlers;
  peer: AgentPeer | null;
  /** Nothing passes any more, and one side or both do not know. */
  isDead: boolean;
}

type Said = { [Name in keyof ToRelay]: { name: Name; message: ToRelay[Name] } }[keyof ToRelay];
type Heard = { [Name in keyof FromRelay]: { name: Name; message: FromRelay[Name] } }[keyof FromRelay];

interface LinkedCoreOptions {
  dataDir?: string;
  clockSkewMs?: number;
  /** It is started without a network. */
  isOffline?: boolean;
  /** Done to the files that a killed one left, before the next one starts. */
  prepare?(dataDir: string): void;
}

/**
 * A whole console core (real files, real cache, real outbox, threads inline) linked to a real hub on the rig's clock,
 * over a network that is up, down, or half open. `kill` is a kill −9: the files stay as they were at that moment.
 */
export class LinkedCore {
  readonly agentId: string;
  readonly dataDir: string;
  readonly said: Said[] = [];
  readonly heard: Heard[] = [];
  /** Requests that failed by a mistake of ours. */
  readonly mistakes: object[] = [];
  core!: AgentCore;
  #view!: ReturnType<typeof attachView>;
  readonly #rig: HubRig;
  readonly #options: LinkedCoreOptions;
  #wires = new Set<Wire>();
  #isUp = true;
  /** Answers a download. */
  onDownload: () => Promise<Uint8Array> = () => Promise.resolve(new Uint8Array());
  /** How wrong this machine's wall clock is, in ms. */
  clockSkewMs: number;
  /** Frames get lost on the way, and nothing else. */
  dropFrames = false;

  private constructor(rig: HubRig, agentId: string, options: LinkedCoreOptions) {
    this.#rig = rig;
    this.agentId = agentId;
    this.#options = options;
    this.clockSkewMs = options.clockSkewMs ?? 0;
    this.#isUp = options.isOffline !== true;
    this.dataDir = options.dataDir ?? makeFolder('liendesk-core-');
  }

  /** Opens the core, signs in where nobody is signed in, and waits until it has what there is. */
  static async open(rig: HubRig, agentId: string, options: LinkedCoreOptions = {}): Promise<LinkedCore> {
    const linked = new LinkedCore(rig, agentId, options);
    await linked.#start();
    return linked;
  }

  async request<Name extends CoreRequestName>(name: Name, input?: CoreInput<Name>): Promise<CoreOutput<Name>> {
    return this.drive(this.#view.request(name, input));
  }

  pushes: ReturnType<typeof attachView>['pushes'] = (name) => this.#view.pushes(name);

  /** Lets time pass until `work` is done. */
  async drive<Value>(work: Promise<Value>): Promise<Value> {
    let isDone = false;
    const mark = (): void => {
      isDone = true;
    };
    work.then(mark, mark);
    while (!isDone) await this.#rig.settle();
    return work;
  }

  /** Lets time pass, in small steps so that everything has its turn. */
  async pass(milliseconds: number): Promise<void> {
    const until = this.#rig.clock.monotonic() + milliseconds;
    while (this.#rig.clock.monotonic() < until) {
      this.#rig.clock.advance(Math.min(200, Math.max(0, until - this.#rig.clock.monotonic() - 20)));
      await this.#rig.settle();
    }
  }

  /** The network goes down; both sides notice. */
  cut(): void {
    this.#isUp = false;
    for (const wire of this.#wires) this.#break(wire);
  }

  /** The network goes down, and nobody notices (a half-open socket). */
  cutSilently(): void {
    for (const wire of this.#wires) wire.isDead = true;
  }

  /** New connections are possible again. */
  reconnect(): void {
    this.#isUp = true;
  }

  /** As kill −9. @returns the console that was started again on its files */
  async kill(options: LinkedCoreOptions = {}): Promise<LinkedCore> {
    const dataDir = makeFolder('liendesk-core-');
    // What the process had written is in the files; its locks and its memory are not.
    cpSync(this.dataDir, dataDir, { recursive: true, filter: (source) => !source.endsWith('-shm') });
    this.cut();
    await this.drive(this.core.close());
    rmSync(this.dataDir, { recursive: true, force: true });
    options.prepare?.(dataDir);
    const { clockSkewMs } = this;
    return LinkedCore.open(this.#rig, this.agentId, { ...this.#options, clockSkewMs, ...options, dataDir });
  }

  async close(): Promise<void> {
    await this.drive(this.core.close());
    for (const wire of this.#wires) this.#break(wire);
  }

  /** Connections that this console has open, or believes to have. */
  get openWires(): number {
    return this.#wires.size;
  }

  async #start(): Promise<void> {
    const { clock, random } = this.#rig;
    const silent = (): void => undefined;
    const opening = createAgentCore({
      dataDir: this.dataDir,
      keys: TEST_KEYS,
      ballastBytes: 0,
      clock: {
        now: () => Math.floor(clock.now()) + this.clockSkewMs,
        monotonic: () => clock.monotonic(),
        after: (delayMs, task) => clock.after(delayMs, task),
      },
      random,
      logger: { info: silent, warn: silent, error: (fields) => void this.mistakes.push(fields) },
      workerScript: null,
      connect: (url, token, handlers) => this.#connect(url, token, handlers),
      fetch: (url) => this.#fetch(url),
      signIn: { relayUrl: 'http://relay.example', email: `${this.agentId}@example.org`, password: 'some password' },
    });
    this.core = await this.drive(opening);
    this.#view = attachView(this.core);
  }

  async #fetch(url: string): Promise<Response> {
    if (!this.#isUp) throw new TypeError('fetch failed');
    const now = this.#rig.clock.now();
    const headers = { date: new Date(now).toUTCString() };
    if (url.includes('/files/')) return new Response(Uint8Array.from(await this.onDownload()));
    if (url.endsWith('/sign-out')) return Response.json({}, { headers });
    const id = this.#rig.newId();
    const grant = {
      accessToken: `access ${this.agentId}`,
      accessExpiresAt: now + ACCESS_MS,
      refreshToken: `refresh ${id}`,
      agentId: this.agentId,
      sessionId: id,
    };
    return Response.json(grant, { headers });
  }

  readonly #connect: ConnectRelay = (_url, _token, handlers) => {
    const { clock, hub } = this.#rig;
    const wire: Wire = { handlers, peer: null, isDead: !this.#isUp };
    this.#wires.add(wire);
    const later = (task: () => void): void => void clock.after(LATENCY_MS, () => wire.isDead || task());
    const connection: AgentConnection = {
      send: (name, message) => {
        // As on the wire: a copy, and nothing that JSON would lose.
        const copy = JSON.parse(JSON.stringify(message)) as never;
        later(() => {
          if (this.dropFrames && name === 'frame') return;
          this.heard.push({ name, message: copy });
          handlers.onMessage(name, copy);
        });
      },
      sendVolatile: (name, message) => connection.send(name, message),
      backlogBytes: () => 0,
      end: (afterMs, error) => {
        connection.send('bye', { afterMs, error });
        later(() => this.#break(wire));
      },
    };
    if (wire.isDead) clock.after(LATENCY_MS, () => this.#wires.has(wire) && this.#break(wire));
    later(() => {
      wire.peer = hub.connect(connection, { agentId: this.agentId, sessionId: `sign-in of ${this.agentId}` });
      handlers.onOpen();
    });
    return {
      send: (name, message) => {
        const copy = JSON.parse(JSON.stringify(message)) as never;
        later(() => {
          const said = { name, message: copy } as Said;
          this.said.push(said);
          wire.peer?.receive(name, copy);
        });
      },
      close: () => {
        this.#wires.delete(wire);
        wire.isDead = true;
        wire.peer?.closed();
      },
    };
  };

  #break(wire: Wire): void {
    if (!this.#wires.delete(wire)) return;
    wire.isDead = true;
    wire.peer?.closed();
    wire.handlers.onClose(null);
  }
}
