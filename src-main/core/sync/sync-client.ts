import { AppError, type ErrorBody, makeErrorBody, toErrorBody } from '../../../shared/errors.ts';
import type { Ephemeral } from '../../../shared/domain/presence/ephemeral.ts';
import type { SubjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import type { Clock, Random } from '../../../shared/primitives/clock.ts';
import { makeUuidV7 } from '../../../shared/primitives/uuid-v7.ts';
import type { Welcome } from '../../../shared/relay-protocol/from-relay.ts';
import type { Cache } from '../cache/cache.ts';
import type { AppliedFrame } from '../cache/given-frame.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { AcknowledgedCommands } from './acknowledged-commands.ts';
import type { CacheLease } from './cache-lease.ts';
import type { CommandFlow } from './command-flow.ts';
import { ConnectionState, type ConnectionStatus } from './connection-state.ts';
import { LineCheck } from './line-check.ts';
import { NextTry } from './next-try.ts';
import type { RelayClock } from './relay-clock.ts';
import type { ConnectRelay } from './relay-link.ts';
import { SubjectCare } from './subject-care.ts';
import type { SessionEnd } from './session-parts.ts';
import { SyncSession } from './sync-session.ts';
import type { TokenKeeper } from './token-keeper.ts';

export interface SyncLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface SyncClientParts {
  relayUrl: string;
  connect: ConnectRelay;
  cache: Cache;
  outbox: Outbox;
  flow: CommandFlow;
  tokens: TokenKeeper;
  clock: Clock;
  relayClock: RelayClock;
  lease: CacheLease;
  random: Random;
  logger: SyncLog;
  onStatus(): void;
  /** A session begins: the relay tells anew what is true for seconds only. */
  onBegin(): void;
  /** A frame is in the cache; null for a whole snapshot. */
  onFrame(frame: AppliedFrame | null): void;
  onEphemeral(ephemeral: Ephemeral): void;
  /** Something came that only a newer version understands, and that must not be missed. */
  onUpdateNeeded(): void;
  /** Caught up; what is true for seconds only has to be said again. */
  onOnline(): void;
  /** The sign-in is no longer good. */
  onSignedOut(reason: string): void;
  /** The relay goes on from another history: what it confirmed may not be in it. @param sharedUpTo seq */
  onOtherHistory(sharedUpTo: number): void;
  /** The relay was restored from a backup; these commands need the agent. */
  onReclaimed(commandIds: string[]): void;
}

/** After a longer outage commands wait until the head is reached, so that guards see what came meanwhile (SYNC-O5). */
const LONG_OUTAGE_MS = 60_000;
/** A try that has taken this long when the network comes back began without it, and may hang for much longer. */
const HANGING_MS = 2000;
const WANT_TRIES = 3;
/**
 * Ends of a sign-in after which this device is not to keep what the agent could see. A relay that is asked later only
 * says that the session ended; a process that was killed before it had removed the cache finds nobody signed in.
 */
const ENDS_ACCESS = new Set(['session-revoked', 'session-ended', 'agent-inactive', 'not-signed-in']);

/** Keeps one session with the relay going: connects, resumes, waits, tries again. */
export class SyncClient {
  readonly #parts: SyncClientParts;
  readonly #nextTry: NextTry;
  readonly #connection: ConnectionState;
  readonly #acknowledged: AcknowledgedCommands;
  readonly #care: SubjectCare;
  readonly #lineCheck: LineCheck;
  #session: SyncSession | null = null;
  /** The newest session, also after its end. */
  #previous: SyncSession | null = null;
  /** Counts tries, so that one that was overtaken gives up. */
  #try = 0;
  /** Monotonic; when the last one began. */
  #triedAt = 0;
  #lanes = 1;
  #protocol = 1;
  /** The session by which commands go out already. */
  #flowSession: SyncSession | null = null;
  #isClosed = false;
  /** The last session was refused as unauthenticated. */
  #wasRefused = false;
  /** While the cache is emptied after the end of a sign-in, nothing may begin from where it stood. */
  #forgetting: Promise<unknown> = Promise.resolve();

  constructor(parts: SyncClientParts) {
    this.#parts = parts;
    const { outbox, cache, clock, relayClock, logger, onOtherHistory, onReclaimed } = parts;
    this.#acknowledged = new AcknowledgedCommands({ outbox, now: () => relayClock.now(), onOtherHistory, onReclaimed });
    this.#care = new SubjectCare({ cache, clock, logger, fetch: (subject) => this.fetch(subject, null, 1) });
    this.#connection = new ConnectionState(clock, () => parts.onStatus());
    this.#lineCheck = new LineCheck(clock);
    this.#nextTry = new NextTry({
      ...{ clock, random: parts.random },
      onPlanned: (delayMs, error) => {
        const nextTryAt = clock.now() + delayMs;
        this.#connection.enter('offline', { nextTryAt, error, progress: null });
      },
      run: () => this.#tryNow(),
    });
  }

  get status(): ConnectionStatus {
    return this.#connection.describe(this.#parts.cache.position.cursor);
  }

  get isOnline(): boolean {
    return this.#connection.state === 'online';
  }

  start(): void {
    this.#tryNow();
  }

  /** Goes offline on purpose, or online again. */
  setOnline(isOnline: boolean): void {
    if (this.#connection.state === 'signed-out') return;
    if (isOnline) {
      if (this.#connection.state === 'paused' || this.#connection.state === 'offline') this.#tryNow();
      return;
    }
    this.#nextTry.cancel();
    this.#try += 1;
    this.#connection.enter('paused', { nextTryAt: null, error: null });
    this.#session?.end({ error: null, afterMs: null, reason: 'paused' });
  }

  /** Begins a new session at once, from where the cache stands now. */
  restart(reason: string): void {
    if (this.#session !== null) this.#session.end({ error: null, afterMs: 0, reason });
  }

  /**
   * The machine woke, or its network is back: no connection of before is to be relied on, nor is there a reason to wait
   * for long. Spread a little, since a whole office wakes at once (SYNC-N1).
   */
  hint(): void {
    if (this.#connection.state === 'paused' || this.#connection.state === 'signed-out' || this.#isClosed) return;
    this.#try += 1;
    this.#session?.end({ error: null, afterMs: null, reason: 'woken' });
    this.#nextTry.hint();
  }

  /** The window, or its host, says that the network is back. It may speak of another one. */
  networkBack(): void {
    const { clock } = this.#parts;
    const { state } = this.#connection;
    const isHanging = state === 'connecting' && clock.monotonic() - this.#triedAt > HANGING_MS;
    if (state === 'offline' || isHanging) this.hint();
    else if (state !== 'connecting' && this.#session !== null && this.#protocol >= 2) {
      this.#lineCheck.check(this.#session, this.#makeId());
    }
  }

  sendEphemeral(ephemeral: Ephemeral): void {
    if (this.isOnline) this.#session?.send('ephemeral', { ephemeral });
  }

  /**
   * Brings a subject that is not held, or older items of one, into the cache.
   * @throws AppError `offline`, or the relay's refusal
   */
  async fetch(subject: SubjectRef, before: number | null, limit: number): Promise<void> {
    for (let tries = 0; tries < WANT_TRIES; tries += 1) {
      const session = this.#session;
      if (session === null || !session.isAtHead) {
        throw new AppError('offline', 'There is no connection to the relay.', { reason: 'offline' });
      }
      if (await session.want(subject, before, limit, this.#makeId())) return;
    }
    throw new AppError('retry', 'It changes faster than it can be fetched; try again.');
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#nextTry.cancel();
    this.#try += 1;
    const session = this.#session;
    session?.end({ error: null, afterMs: null, reason: 'closing' });
    await session?.idle();
    await this.#forgetting;
  }

  #tryNow(): void {
    if (this.#isClosed) return;
    this.#nextTry.cancel();
    this.#triedAt = this.#parts.clock.monotonic();
    this.#try += 1;
    const currentTry = this.#try;
    this.#connection.enter('connecting', { nextTryAt: null });
    const isCurrent = () => currentTry === this.#try && !this.#isClosed;
    this.#connect(isCurrent).catch((error: unknown) => {
      if (isCurrent()) this.#couldNotBegin(error);
    });
  }

  /** There is no token, or a disk failed while it was read, which it may not do the next time. */
  #couldNotBegin(error: unknown): void {
    const isDisk = !(error instanceof AppError);
    const disk = 'What is on this device could not be read; trying again.';
    const body = isDisk ? makeErrorBody('storage', 'console', disk) : toErrorBody(error, 'console');
    if (body.kind === 'unauthenticated') this.#signedOut(body);
    else this.#nextTry.wait({ error: body, afterMs: body.retryAfterMs ?? null });
  }

  async #connect(isCurrent: () => boolean): Promise<void> {
    const { tokens, outbox } = this.#parts;
    const accessToken = await tokens.accessToken();
    if (!isCurrent()) return;
    // What the last session was at has to be done before the next one says where the cache stands: a subject that got
    // into it afterwards would be held without the relay's knowing, and never leave.
    const previous = this.#previous;
    await previous?.idle();
    await this.#forgetting;
    if (!isCurrent()) return;
    this.#dismiss();
    const { relayUrl, connect, cache, clock, relayClock, lease } = this.#parts;
    this.#parts.onBegin();
    const session: SyncSession = new SyncSession({
      id: this.#makeId(),
      ...{ relayUrl, accessToken, connect, cache, clock, relayClock, lease },
      hello: {
        device: outbox.device.id(),
        ackedN: outbox.commands.ackedN(),
        ...this.#acknowledged.newestIn(cache.position.epoch),
      },
      onWelcome: (welcome) => this.#welcomed(session, welcome),
      onReady: (welcome) => this.#ready(session, welcome),
      onHead: () => this.#reachedHead(session),
      onBehind: () => this.#connection.enter('catching-up', {}),
      onRelayHead: (head) => {
        this.#connection.noteHead(head);
        this.#parts.onStatus();
      },
      onCursor: (cursor, frame) => this.#moved(cursor, frame),
      onProgress: (progress, remaining) => this.#connection.noteProgress(progress, remaining),
      onResults: (results) => this.#parts.flow.receive(results),
      onEphemeral: this.#parts.onEphemeral,
      onDigests: (digests) => void this.#care.check(digests),
      onEnd: (end) => this.#ended(session, end),
    });
    this.#session = session;
    this.#previous = session;
  }

  /** Ends the session that another one takes the place of: its end is no reason to try again. */
  #dismiss(): void {
    const session = this.#session;
    if (session === null) return;
    this.#session = null;
    this.#flowSession = null;
    this.#parts.flow.stop();
    session.end({ error: null, afterMs: null, reason: 'begun-anew' });
  }

  #welcomed(session: SyncSession, welcome: Welcome): void {
    const { outbox, flow } = this.#parts;
    if (welcome.ackedN > outbox.commands.ackedN()) {
      // Under this id somebody went further than this file knows: it is an old copy of the other's (SYNC-C3).
      outbox.device.renew();
      session.end({ error: null, afterMs: 0, reason: 'device-renewed' });
      return;
    }
    this.#connection.noteHead(welcome.head, true);
    this.#wasRefused = false;
    this.#connection.enter('catching-up', { error: null });
    this.#lanes = welcome.limits.lanes;
    this.#protocol = welcome.protocol;
    flow.reach(this.#parts.cache.position.cursor);
  }

  async #ready(session: SyncSession, welcome: Welcome): Promise<void> {
    await this.#acknowledged.findLost(welcome, (ids) => session.lookUp(ids, () => this.#makeId()));
    const wasLong = (this.#connection.awayMs ?? Number.POSITIVE_INFINITY) > LONG_OUTAGE_MS;
    if (!wasLong && welcome.mode === 'tail') this.#startFlow(session);
  }

  #startFlow(session: SyncSession): void {
    if (this.#flowSession === session || session.isOver) return;
    this.#flowSession = session;
    this.#parts.flow.start({
      lanes: this.#lanes,
      send: (submissions, ackedN) => session.send('submit', { submissions, ackedN }),
      fail: (reason) => session.end({ error: null, afterMs: null, reason }),
    });
  }

  #reachedHead(session: SyncSession): void {
    this.#nextTry.succeeded();
    this.#connection.enter('online', { progress: null, error: null });
    this.#startFlow(session);
    this.#parts.onOnline();
    void this.#care.mendDirty(() => session.isAtHead);
  }

  #moved(cursor: number, frame: AppliedFrame | null): void {
    // A line that is cut again and again still brings something each time: it is not to be punished with longer waits.
    this.#nextTry.succeeded();
    this.#connection.noteHead(cursor);
    this.#parts.flow.reach(cursor);
    this.#parts.onFrame(frame);
    if (frame?.needsUpdate === true) this.#parts.onUpdateNeeded();
  }

  #ended(session: SyncSession, end: SessionEnd): void {
    if (this.#session !== session) return;
    this.#session = null;
    this.#flowSession = null;
    this.#parts.flow.stop();
    if (this.#isClosed || this.#connection.state === 'paused') return;
    this.#parts.logger.info({ reason: end.reason, error: end.error?.kind }, 'session with the relay ended');
    if (end.error?.kind === 'unauthenticated') {
      // The access token may just be too old. Whether the sign-in is good only its renewal tells.
      this.#parts.tokens.forget();
      if (this.#wasRefused) {
        this.#signedOut(end.error);
        return;
      }
      this.#wasRefused = true;
      this.#tryNow();
      return;
    }
    // This console was there all the time, so it was another one that came under its id: a copy of its folder. As long
    // as both went by one id, each would send the other away (SYNC-D1).
    if (end.error?.reason === 'superseded') this.#unlessDiskFull(() => this.#parts.outbox.device.renew());
    if (end.afterMs === 0 && end.error === null) this.#tryNow();
    else this.#nextTry.wait(end);
  }

  #signedOut(error: ErrorBody): void {
    this.#unlessDiskFull(() => this.#parts.outbox.session.clear());
    this.#connection.enter('signed-out', { nextTryAt: null, error, progress: null });
    if (ENDS_ACCESS.has(error.reason ?? '')) void this.dropCache();
    this.#parts.onSignedOut(error.reason ?? error.kind);
  }

  /** What is not written now is done again: the relay says the same the next time. */
  #unlessDiskFull(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#parts.logger.warn({ err: error }, 'the outbox could not be written');
    }
  }

  /**
   * Empties the cache. What was not sent lies in the outbox and stays; the same agent fetches the rest again.
   * @returns whether it could be done; if not, it is to be tried again
   */
  dropCache(): Promise<boolean> {
    this.#session?.end({ error: null, afterMs: null, reason: 'cache-dropped' });
    const dropping = this.#emptyCache();
    this.#forgetting = dropping;
    return dropping;
  }

  async #emptyCache(): Promise<boolean> {
    try {
      await this.#previous?.idle();
      await this.#parts.cache.clear();
      return true;
    } catch (error) {
      this.#parts.logger.warn({ err: error }, 'the cache could not be removed; it is tried again');
      return false;
    }
  }

  #makeId(): string {
    return makeUuidV7(this.#parts.clock.now(), this.#parts.random.bytes(10));
  }
}
