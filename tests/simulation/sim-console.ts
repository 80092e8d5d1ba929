import type { SyncStatus } from '../../shared/core-api/views.ts';
import { AppError, toErrorBody } from '../../shared/errors.ts';
import { httpStatusOf } from '../../shared/http-status.ts';
import type { Account } from '../../src-main/core/account.ts';
import { outboxHandlers } from '../../src-main/core/features/outbox-list.ts';
import type { Dice } from './dice.ts';
import { hashOf } from './file-depot.ts';
import type { ConsoleEnd, LineState, Network } from './network.ts';
import { plainResponse } from './plain-response.ts';
import type { SimRelay } from './sim-relay.ts';
import { type Machine, type SimProcess, type SimTime, quiet } from './sim-time.ts';
import type { Met } from './sometimes.ts';
import type { ConsoleStore } from './stores/stores.ts';
import type { Trace } from './trace.ts';

const RELAY_URL = 'http://relay.example';
const FETCH_TIMEOUT_MS = 30_000;

/** A command that an agent gave on this console. */
export interface Given {
  commandId: string;
  type: string;
  args: Record<string, unknown>;
  /** The console said that it has it; null when it died before it could say anything. */
  isTaken: boolean | null;
  /** What was typed; null for commands without a text. */
  text: string | null;
  messageId: string | null;
  conversationId: string | null;
  /** Which life of the console it was given in. */
  life: number;
  wasOnline: boolean;
  givenAt: number;
  /** The agent dealt with it otherwise, or its outbox was rolled back: nothing has to become of it any more. */
  isClosed: boolean;
}

interface ConsoleParts {
  name: string;
  agentId: string;
  machine: Machine;
  time: SimTime;
  store: ConsoleStore;
  network: Network;
  relay: SimRelay;
  dice: Dice;
  trace: Trace;
  met: Met;
  onMistake(what: string): void;
}

interface Running {
  process: SimProcess;
  account: Account;
}

/** The real console core on a simulated machine, and the agent before it. */
export class SimConsole implements ConsoleEnd {
  readonly name: string;
  readonly agentId: string;
  readonly machine: Machine;
  readonly store: ConsoleStore;
  readonly line: LineState;
  readonly given: Given[] = [];
  /** Counts processes. */
  life = 0;
  /** How often the cache began anew by other means than a reset. */
  cacheLosses = 0;
  outboxBackup: { copy: unknown; given: number } | null = null;
  /** Its outbox was once put back to an older copy. */
  wasRolledBack = false;
  /** Which life of it was the last before its outbox was put back. */
  rolledBackInLife: number | null = null;
  /** Files of which the network spoilt bytes on their way to the relay. */
  readonly corrupted = new Set<string>();
  readonly #parts: ConsoleParts;
  #running: Running | null = null;
  #isStarting = false;

  constructor(parts: ConsoleParts, line: LineState) {
    this.#parts = parts;
    this.name = parts.name;
    this.agentId = parts.agentId;
    this.machine = parts.machine;
    this.store = parts.store;
    this.line = line;
  }

  get account(): Account | null {
    return this.#running?.account ?? null;
  }

  get status(): SyncStatus | null {
    return this.#running?.account.status() ?? null;
  }

  /** Opens the console, which goes on with its last sign-in. @returns false if it could not, or died on the way */
  async start(): Promise<boolean> {
    if (this.#running !== null || this.#isStarting) return false;
    const { machine, store, trace, dice, onMistake } = this.#parts;
    this.life += 1;
    const process = machine.startProcess();
    this.#process = process;
    // V8 makes a function old at once that is written where it is assigned, and with it all that it refers to.
    const onUncaught = (error: unknown): void => onMistake(`${this.name}, uncaught: ${(error as Error).stack}`);
    process.onUncaught = onUncaught;
    this.#isStarting = true;
    try {
      const account = await store.open({
        relayUrl: RELAY_URL,
        agentId: this.agentId,
        clock: process,
        random: dice.fork().random,
        logger: this.#logger(process),
        connect: (_url, token, handlers) => {
          const wire = this.#parts.network.connect(this, this.line, token, {
            onOpen: () => process.run(() => handlers.onOpen()),
            onMessage: (name, message) => process.run(() => handlers.onMessage(name, message)),
            onClose: (error) => process.run(() => handlers.onClose(error)),
          });
          return {
            send: (name, message) => process.isAlive && wire.send(name, message),
            close: () => process.isAlive && wire.close(),
          };
        },
        fetch: (url, init) => this.#fetch(process, url, init ?? {}),
        push: (name) => {
          if (name !== 'signedOut' || !process.isAlive) return;
          this.cacheLosses += 1;
          this.#parts.met.note('signed-out');
        },
        onEphemeral: () => undefined,
      });
      if (!process.isAlive) return false;
      this.#running = { process, account };
      trace.say(this.name, () => `starts, at ${account.status().cursor}`);
      account.start(null);
      return true;
    } catch (error) {
      if (process.isAlive && !(error instanceof AppError) && !isStorage(error)) {
        this.#parts.onMistake(`${this.name} cannot open: ${(error as Error).stack}`);
      }
      process.isAlive = false;
      return false;
    } finally {
      this.#isStarting = false;
    }
  }

  #process: SimProcess | null = null;

  /** As kill −9, or a power cut. */
  crash(isMachineAlive: boolean): void {
    if (this.#process === null || !this.#process.isAlive) return;
    this.#parts.trace.say(this.name, () => 'dies');
    this.#process.isAlive = false;
    this.#running = null;
    this.#isStarting = false;
    this.store.crash();
    const { network } = this.#parts;
    for (const wire of network.wires) if (wire.console === this) network.abandon(wire, 'console', isMachineAlive);
  }

  /** Puts back the older copy of the outbox; what was given since is not this console's to answer for any more. */
  rollBack(): void {
    const { copy, given } = this.outboxBackup!;
    this.#parts.trace.say(this.name, () => 'outbox is put back to an older copy');
    this.outboxBackup = null;
    this.wasRolledBack = true;
    this.rolledBackInLife = this.life;
    this.store.restoreOutbox(copy);
    for (const one of this.given.slice(given)) one.isClosed = true;
  }

  reach(task: () => void): void {
    this.machine.reach(task);
  }

  /** The agent types a password. @returns whether the relay could be asked and said yes */
  signIn(): boolean {
    const account = this.account;
    if (account === null || !this.line.isUp || this.machine.isAsleep) return false;
    const { relay, machine } = this.#parts;
    try {
      const grant = relay.grant(this.agentId);
      const { refreshToken } = grant;
      const email = `${this.agentId}@example.org`;
      account.outbox.session.set({ relayUrl: RELAY_URL, email, agentId: this.agentId, refreshToken });
      const lifetimeMs = grant.accessExpiresAt - relay.machine.now();
      account.start({ ...grant, agentId: this.agentId, sessionId: this.name, lifetimeMs });
      this.#parts.trace.say(this.name, () => `signs in at ${machine.now()}`);
      return true;
    } catch (error) {
      if (error instanceof AppError || isStorage(error)) return false;
      throw error;
    }
  }

  /** The agent does something. Resolves as soon as nothing is under way any more, whatever became of it. */
  async give(type: string, args: Record<string, unknown>, commandId = this.#parts.dice.newId()): Promise<Given | null> {
    const running = this.#running;
    if (running === null || this.machine.isAsleep) return null;
    const { context } = running.account;
    const isText = type === 'message.send' || type === 'note.add';
    const known = this.given.find((one) => one.commandId === commandId);
    const given: Given = known ?? {
      commandId,
      type,
      args,
      isTaken: null,
      text: isText ? String(args['text']) : null,
      messageId: isText ? String(args['messageId']) : null,
      conversationId: (args['conversationId'] as string | undefined) ?? null,
      life: this.life,
      wasOnline: context.relay.isOnline(),
      givenAt: this.machine.monotonic(),
      isClosed: false,
    };
    if (known === undefined) this.given.push(given);
    context.desk.submit({ type, args, commandId }).then(
      () => {
        if (!running.process.isAlive) return;
        given.isTaken = true;
        this.#parts.trace.say(this.name, () => `${type} ${commandId.slice(-6)} ${JSON.stringify(args).slice(0, 120)}`);
      },
      (error: unknown) => {
        if (!running.process.isAlive || given.isTaken === true) return;
        given.isTaken = false;
        this.#parts.trace.say(
          this.name,
          () => `may not ${type}: ${toErrorBody(error, 'console').reason ?? String(error)}`,
        );
        if (!(error instanceof AppError) && !isStorage(error)) {
          this.#parts.onMistake(`${this.name} ${type}: ${(error as Error).stack}`);
        }
      },
    );
    await quiet();
    return given;
  }

  /** Takes a command back. */
  async undo(given: Given): Promise<void> {
    await this.#do(`undo ${given.commandId.slice(-6)}`, given, ({ context }) => {
      context.outlet.undo(given.commandId);
      this.#parts.met.note('undone');
    });
  }

  /** The agent decides on something in the attention list. */
  async resolve(commandId: string, action: 'send-anyway' | 'edit' | 'discard'): Promise<void> {
    const given = this.given.find((one) => one.commandId === commandId);
    await this.#do(`${action} ${commandId.slice(-6)}`, given ?? null, async ({ context }) => {
      await outboxHandlers['attention.resolve'](context, { commandId, action });
      if (action === 'send-anyway') this.#parts.met.note('sent-anyway');
    });
  }

  /** Older messages, or a conversation that is not held. */
  async fetch(conversationId: string, before: number | null): Promise<void> {
    await this.#do(`fetch ${conversationId} before ${before}`, null, async ({ context }) => {
      await context.relay.fetch(`conversation:${conversationId}`, before, 5);
      this.#parts.met.note('wanted');
    });
  }

  /** Adds a file to the outbox, as a view does before it sends. @returns how a message names it */
  addFile(content: Uint8Array): { fileId: string; name: string; mediaType: string; size: number } | null {
    const account = this.account;
    if (account === null) return null;
    const file = { name: 'note.txt', mediaType: 'text/plain', size: content.length };
    const fileId = hashOf(content);
    try {
      account.outbox.files.add({ id: fileId, ...file }, [content], this.machine.now());
    } catch (error) {
      if (this.#process?.isAlive === true && !isStorage(error)) throw error;
      return null;
    }
    return { fileId, ...file };
  }

  /** @param ends what has ended with it, also if the console dies in the middle */
  async #do(words: string, ends: Given | null, work: (account: Account) => void | Promise<void>): Promise<void> {
    const running = this.#running;
    if (running === null || this.machine.isAsleep) return;
    if (ends !== null) ends.isClosed = true;
    this.#parts.trace.say(this.name, () => words);
    void (async () => {
      try {
        await work(running.account);
      } catch (error) {
        if (!running.process.isAlive) return;
        if (ends !== null) ends.isClosed = false;
        if (error instanceof AppError || isStorage(error)) return;
        this.#parts.onMistake(`${this.name} ${words}: ${(error as Error).stack}`);
      }
    })();
    await quiet();
  }

  async #fetch(process: SimProcess, url: string, init: RequestInit): Promise<Response> {
    const { time, dice, trace } = this.#parts;
    const path = url.slice(RELAY_URL.length);
    await this.#wait(process, this.line.latencyMs * (0.5 + dice.fraction()));
    const { relay } = this.#parts;
    if (!this.line.isUp || relay.running === null || relay.machine.isStalled) {
      const isHanging = dice.chance(0.2);
      await this.#wait(process, isHanging ? FETCH_TIMEOUT_MS : dice.spread(1, 1000));
      throw new TypeError('fetch failed');
    }
    const answer = this.#answer(path, init);
    trace.say(
      'relay',
      () => `answers ${init.method ?? 'GET'} ${path.slice(0, 40)} with ${answer?.status ?? 'nothing'}`,
    );
    await this.#wait(process, this.line.latencyMs * (0.5 + dice.fraction()));
    if (answer === null || !this.line.isUp || time.elapsed < 0) throw new TypeError('fetch failed');
    return answer;
  }

  /** @returns null when the line breaks in the middle of it */
  #answer(path: string, init: RequestInit): Response | null {
    const { relay, dice, met } = this.#parts;
    const headers = (init.headers ?? {}) as Record<string, string>;
    const date = new Date(relay.machine.now()).toUTCString();
    try {
      if (path.startsWith('/api/v1/auth/refresh')) {
        const grant = { ...relay.grant(this.agentId), agentId: this.agentId, sessionId: this.name };
        return plainResponse(200, { date }, grant);
      }
      if (!path.startsWith('/files/uploads/')) return plainResponse(200, { date }, {});
      const agentId = relay.agentOf((headers['authorization'] ?? '').slice('Bearer '.length));
      if (agentId === null) throw new AppError('unauthenticated', 'Sign in first.');
      const fileId = path.slice('/files/uploads/'.length, '/files/uploads/'.length + 64);
      if (init.method === 'HEAD') return uploadAnswer(relay.files.state(fileId, agentId));
      const size = Number(new URL(`${RELAY_URL}${path}`).searchParams.get('size'));
      const offset = Number(headers['upload-offset']);
      let content = new Uint8Array(init.body as Uint8Array);
      const isCut = dice.chance(this.line.uploadTrouble);
      if (isCut) content = content.slice(0, dice.between(0, content.length));
      else if (content.length > 0 && dice.chance(this.line.uploadTrouble / 4)) {
        content[dice.between(0, content.length - 1)]! ^= 1;
        this.corrupted.add(fileId);
        met.note('upload-corrupted');
      }
      if (offset > 0) met.note('upload-resumed');
      const state = relay.files.append({ fileId, agentId, size, offset, content });
      return isCut ? null : uploadAnswer(state);
    } catch (error) {
      const body = toErrorBody(error, 'relay');
      return plainResponse(httpStatusOf(body.kind), { date }, body);
    }
  }

  /** Never ends for a process that died meanwhile. */
  #wait(process: SimProcess, ms: number): Promise<void> {
    return new Promise((resolve) => void process.after(ms, resolve));
  }

  #logger(process: SimProcess) {
    const say = (fields: object, message: string): void => {
      this.#parts.trace.say(this.name, () => `logs: ${message}`);
      const error = (fields as { err?: unknown }).err;
      if (!process.isAlive || !(error instanceof Error) || error instanceof AppError || isStorage(error)) return;
      this.#parts.onMistake(`${this.name}: ${message}: ${error.stack}`);
    };
    return { info: () => undefined, warn: say };
  }
}

/** Of a full or damaged disk, or of a process that is dead. */
function isStorage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_');
}

function uploadAnswer({ offset, isComplete }: { offset: number; isComplete: boolean }): Response {
  const headers = { 'upload-offset': String(offset), 'upload-complete': isComplete ? '?1' : '?0' };
  return plainResponse(200, headers, null);
}
