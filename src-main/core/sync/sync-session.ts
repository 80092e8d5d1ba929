import type { ErrorBody } from '../../../shared/errors.ts';
import { AppError, makeErrorBody } from '../../../shared/errors.ts';
import type { Ephemeral } from '../../../shared/domain/presence/ephemeral.ts';
import { subjectKinds } from '../../../shared/domain/registry.ts';
import type { SubjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import type { Clock } from '../../../shared/primitives/clock.ts';
import type { CommandResult } from '../../../shared/relay-protocol/commands.ts';
import type { Frame, SnapshotPage } from '../../../shared/relay-protocol/frames.ts';
import { type FromRelay, type Welcome, fromRelay } from '../../../shared/relay-protocol/from-relay.ts';
import { OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION } from '../../../shared/relay-protocol/protocol-version.ts';
import type { ToRelay } from '../../../shared/relay-protocol/to-relay.ts';
import type { Cache } from '../cache/cache.ts';
import type { CacheLease } from './cache-lease.ts';
import type { ConnectRelay, RelayLink } from './relay-link.ts';
import type { RelayClock } from './relay-clock.ts';
import { RelayRequests, offline } from './relay-requests.ts';
import { StillFrames } from './still-frames.ts';

/** Two ticks of 20 s missed, and some slack. */
const SILENCE_MS = 45_000;
/** The relay is ahead, and nothing came for so long: the last frame was lost (SYNC-D3). */
const LAGGING_MS = 5000;
/** A catch-up of which nothing comes for so long, although there is nothing left to do here, is given up. */
const STALLED_MS = 60_000;
/** Frames and pages after which a catch-up was a long one. */
const LONG_CATCH_UP = 16;
const HELD_IDS_PER_CHUNK = 6000;
const LOOK_UP_AT_ONCE = 1000;

/** Why a session ended. */
export interface SessionEnd {
  /** What the relay said, or what is wrong here; null when the network broke. */
  error: ErrorBody | null;
  /** The relay's wish, for how long to stay away. */
  afterMs: number | null;
  /** For the log. */
  reason: string;
}

export interface SyncSessionParts {
  id: string;
  relayUrl: string;
  accessToken: string;
  connect: ConnectRelay;
  cache: Cache;
  clock: Clock;
  relayClock: RelayClock;
  lease: CacheLease;
  hello: { device: string; ackedN: number };
  onWelcome(welcome: Welcome): void;
  /** The relay has heard all it needs to begin: from now on it answers. What it says meanwhile waits until this is done. */
  onReady(welcome: Welcome): Promise<void>;
  /** The cache is at the relay's head: for the first time in this session, or again after `onBehind`. */
  onHead(): void;
  /** Frames come, but the relay is ahead and stays ahead. */
  onBehind(): void;
  /** How far the relay is, whenever it says so. */
  onRelayHead(head: number): void;
  /** The cursor moved. `frame` is what was applied, null after a snapshot. */
  onCursor(cursor: number, frame: Frame | null): void;
  /** @param remaining changes, or subjects of a snapshot, that are still to come */
  onProgress(progress: number, remaining: number): void;
  onResults(results: CommandResult[]): void;
  onEphemeral(ephemeral: Ephemeral): void;
  onDigests(digests: FromRelay['digests']): void;
  /** Called once, and nothing after it. */
  onEnd(end: SessionEnd): void;
}

/**
 * One connection and what is said over it, from `hello` to its end. Everything it is told is worked off in order; once it
 * has ended nothing that still arrives has any effect (SYNC-D2).
 */
export class SyncSession {
  readonly id: string;
  readonly #parts: SyncSessionParts;
  readonly #link: RelayLink;
  readonly #requests: RelayRequests;
  #welcome: Welcome | null = null;
  #queue: Promise<void> = Promise.resolve();
  /** What the relay said and was not begun with. */
  #workLeft = 0;
  #isWorking = false;
  /** Monotonic; when the last of it was done. */
  #workedAt = 0;
  #isOver = false;
  #isAtHead = false;
  /** The newest that the relay is known to have. */
  #relayHead = 0;
  #helloAt = 0;
  #startCursor = 0;
  #pageSubjects = 0;
  readonly #still = new StillFrames();
  /** Frames and pages of a catch-up that were applied. */
  #bulks = 0;
  #lastHeardAt: number;
  #lastFrameAt: number;
  #cancelWatch: () => void = () => undefined;

  constructor(parts: SyncSessionParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.#lastHeardAt = parts.clock.monotonic();
    this.#lastFrameAt = this.#lastHeardAt;
    this.#requests = new RelayRequests(parts.clock);
    this.#link = parts.connect(parts.relayUrl, parts.accessToken, {
      onOpen: () => this.#later(() => this.#sayHello()),
      onMessage: (name, message) => this.#hear(name, message),
      onClose: (error) => this.end({ error, afterMs: null, reason: error?.reason ?? 'connection-lost' }),
    });
    this.#watch();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get isAtHead(): boolean {
    return this.#isAtHead && !this.#isOver;
  }

  send<Name extends 'submit' | 'ephemeral'>(name: Name, message: Omit<ToRelay[Name], 'session'>): void {
    if (!this.#isOver) this.#link.send(name, { ...message, session: this.id } as ToRelay[Name]);
  }

  /**
   * Fetches a subject that is not held, or older items of one, into the cache.
   * @returns false when it changed on the way: ask again
   * @throws AppError the relay's refusal, or `offline` when the session ended before the answer
   */
  want(subject: SubjectRef, before: number | null, limit: number, id: string): Promise<boolean> {
    if (this.#isOver || this.#welcome === null) return Promise.reject(offline());
    const isTaken = this.#requests.answerTo(id, ({ answer }: FromRelay['wanted']) =>
      answer.ok
        ? this.#parts.cache.applyWanted(answer.snapshot, before)
        : Promise.resolve(AppError.fromBody(answer.error)),
    );
    this.#link.send('want', { session: this.id, id, subject, before, limit });
    return isTaken;
  }

  /**
   * Which of these commands the relay's log contains.
   * @throws AppError `offline` when the session ended before the answer
   */
  async lookUp(commandIds: readonly string[], makeId: () => string): Promise<string[]> {
    const known: string[] = [];
    for (let start = 0; start < commandIds.length; start += LOOK_UP_AT_ONCE) {
      const id = makeId();
      const answer = this.#requests.answerTo(id, async ({ results }: FromRelay['lookedUp']) => results);
      this.#link.send('lookUp', { session: this.id, id, commandIds: commandIds.slice(start, start + LOOK_UP_AT_ONCE) });
      for (const result of await answer) if (result.ok) known.push(result.id);
    }
    return known;
  }

  /** Ends the session; whoever waits for an answer of it is told. */
  end(end: SessionEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelWatch();
    this.#link.close();
    this.#requests.failAll();
    this.#parts.onEnd(end);
  }

  /** Resolves when what was under way has been worked off. */
  async idle(): Promise<void> {
    await this.#queue;
  }

  #hear(name: string, raw: unknown): void {
    if (this.#isOver || !Object.hasOwn(fromRelay, name)) return;
    const parsed = fromRelay[name as keyof FromRelay].safeParse(raw);
    if (!parsed.success) {
      const where = [name, ...(parsed.error.issues[0]?.path ?? [])].join('.');
      const error = makeErrorBody('invalid', 'relay', `The relay sent something malformed: ${where}.`, {
        reason: 'malformed-message',
      });
      this.end({ error, afterMs: null, reason: `malformed ${where}` });
      return;
    }
    if ('session' in parsed.data && parsed.data.session !== this.id) return;
    this.#lastHeardAt = this.#parts.clock.monotonic();
    this.#take(name as keyof FromRelay, parsed.data);
  }

  #take(name: keyof FromRelay, message: FromRelay[keyof FromRelay]): void {
    switch (name) {
      case 'welcome':
        this.#later(() => this.#welcomed(message as Welcome));
        return;
      case 'frame':
        this.#lastFrameAt = this.#lastHeardAt;
        this.#later(() => this.#frame(message as Frame));
        return;
      case 'page':
        this.#lastFrameAt = this.#lastHeardAt;
        this.#later(() => this.#page(message as SnapshotPage));
        return;
      case 'results': {
        const { results } = message as FromRelay['results'];
        this.#later(async () => this.#parts.onResults(results));
        return;
      }
      case 'wanted':
        this.#later(() => this.#requests.receive((message as FromRelay['wanted']).id, message));
        return;
      case 'lookedUp':
        // At once: everything else waits for it.
        void this.#requests.receive((message as FromRelay['lookedUp']).id, message);
        return;
      case 'tick':
        this.#tick(message as FromRelay['tick']);
        return;
      case 'ephemeral':
        this.#parts.onEphemeral((message as FromRelay['ephemeral']).ephemeral);
        return;
      case 'presences':
        for (const ephemeral of inSingles(message as FromRelay['presences'])) this.#parts.onEphemeral(ephemeral);
        return;
      case 'digests':
        this.#parts.onDigests(message as FromRelay['digests']);
        return;
      case 'bye': {
        const { afterMs, error } = message as FromRelay['bye'];
        this.end({ error, afterMs, reason: error?.reason ?? 'bye' });
      }
    }
  }

  /** Works off one after the other. A failure ends the session: the next one begins where the cache stands. */
  #later(work: () => Promise<void>): void {
    this.#workLeft += 1;
    this.#queue = this.#queue.then(async () => {
      this.#workLeft -= 1;
      if (this.#isOver) return;
      this.#isWorking = true;
      try {
        await work();
        this.#workedAt = this.#parts.clock.monotonic();
      } catch (error) {
        const body = makeErrorBody('storage', 'console', 'What the relay sent could not be stored; trying again.');
        this.end({ error: body, afterMs: null, reason: error instanceof Error ? error.message : String(error) });
      } finally {
        this.#isWorking = false;
      }
    });
  }

  async #sayHello(): Promise<void> {
    const { cache, clock, hello } = this.#parts;
    const { epoch, cursor, heldSince, schema } = cache.position;
    const held = await cache.heldDigest();
    if (this.#isOver) return;
    this.#helloAt = clock.monotonic();
    this.#link.send('hello', {
      protocol: [OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION],
      schema,
      session: this.id,
      epoch,
      cursor,
      held: { ...held, since: heldSince },
      ...hello,
    });
  }

  async #welcomed(welcome: Welcome): Promise<void> {
    const { cache, clock, relayClock, lease } = this.#parts;
    this.#welcome = welcome;
    this.#relayHead = welcome.head;
    this.#startCursor = cache.position.cursor;
    relayClock.set(welcome.serverNow, clock.monotonic() - this.#helloAt);
    lease.heard(welcome.serverNow, welcome.limits.leaseMs ?? null);
    this.#parts.onWelcome(welcome);
    if (this.#isOver) return;
    if (welcome.mode === 'reset') await cache.beginSnapshot();
    if (welcome.needHeld) await this.#sendHeld();
    // Not before: what comes ahead of the held ids belongs to no session yet, and nobody would answer it.
    if (!this.#isOver) await this.#parts.onReady(welcome);
  }

  /** Ids held, kind by kind; the very last chunk says so, and is empty when nothing is held. */
  async #sendHeld(): Promise<void> {
    const { cache } = this.#parts;
    let last = { kind: subjectKinds[0]!.name, ids: [] as string[] };
    for (const { name: kind } of subjectKinds) {
      for (let after = ''; ;) {
        const ids = await cache.heldIds(kind, after, HELD_IDS_PER_CHUNK);
        if (this.#isOver || ids.length === 0) break;
        if (last.ids.length > 0) this.#link.send('held', { session: this.id, ...last, isLast: false });
        last = { kind, ids };
        after = ids.at(-1)!;
      }
    }
    if (!this.#isOver) this.#link.send('held', { session: this.id, ...last, isLast: true });
  }

  async #frame(frame: Frame): Promise<void> {
    const welcome = this.#welcome;
    if (welcome === null) return;
    if (this.#missed(this.#still.before(frame), frame.still)) return;
    const outcome = await this.#parts.cache.applyFrame(frame, welcome.epoch, welcome.heldSince);
    if (!outcome.isApplied) {
      this.end({ error: null, afterMs: null, reason: `gap: at ${outcome.cursor}, frame from ${frame.from}` });
      return;
    }
    this.#still.note(frame);
    if (frame.isCatchUp) this.#bulks += 1;
    if (frame.isCatchUp || frame.wantsCredit === true) this.#credit(outcome.cursor);
    this.#parts.onCursor(outcome.cursor, frame);
    if (this.#isAtHead || this.#isOver) return;
    if (outcome.cursor >= this.#relayHead) {
      this.#isAtHead = true;
      this.#parts.onHead();
      if (this.#bulks >= LONG_CATCH_UP) void this.#parts.cache.settle();
      this.#bulks = 0;
    } else {
      const span = this.#relayHead - this.#startCursor;
      this.#parts.onProgress(
        span === 0 ? 1 : (outcome.cursor - this.#startCursor) / span,
        this.#relayHead - outcome.cursor,
      );
    }
  }

  /** Whether the relay counts more frames that moved no cursor than came here: then the session ends. */
  #missed(heard: number, told = 0): boolean {
    if (heard === told || (this.#welcome?.protocol ?? 1) < 2) return false;
    this.end({ error: null, afterMs: null, reason: 'a frame that moves no cursor was lost' });
    return true;
  }

  async #page(page: SnapshotPage): Promise<void> {
    const welcome = this.#welcome;
    if (welcome === null) return;
    const { cache } = this.#parts;
    this.#pageSubjects += page.subjects.length;
    this.#bulks += 1;
    await cache.applyPage(page, welcome.epoch, welcome.heldSince);
    this.#credit(cache.position.cursor);
    if (page.isLast) {
      this.#startCursor = cache.position.cursor;
      this.#parts.onCursor(cache.position.cursor, null);
    } else {
      const { totalSubjects } = page;
      const share = totalSubjects === 0 ? 0 : this.#pageSubjects / totalSubjects;
      this.#parts.onProgress(share, Math.max(0, totalSubjects - this.#pageSubjects));
    }
  }

  #tick({ head, serverNow, still }: FromRelay['tick']): void {
    // Once all that came before it is applied; being told the time is no progress.
    void this.#queue.then(() => this.#isOver || this.#missed(this.#still.count, still));
    this.#parts.relayClock.set(serverNow, 0);
    this.#parts.lease.heard(serverNow, null);
    this.#relayHead = Math.max(this.#relayHead, head);
    this.#parts.onRelayHead(this.#relayHead);
    if (!this.#isAtHead || head <= this.#parts.cache.position.cursor) return;
    const noticedAt = this.#parts.clock.monotonic();
    this.#parts.clock.after(LAGGING_MS, () => {
      if (this.#isOver || head <= this.#parts.cache.position.cursor) return;
      if (this.#lastFrameAt < noticedAt) {
        this.end({ error: null, afterMs: null, reason: 'a frame was lost' });
      } else if (this.#isAtHead) {
        this.#isAtHead = false;
        this.#startCursor = this.#parts.cache.position.cursor;
        this.#parts.onBehind();
      }
    });
  }

  #watch(): void {
    this.#cancelWatch = this.#parts.clock.after(LAGGING_MS, () => {
      if (this.#isOver) return;
      const now = this.#parts.clock.monotonic();
      if (now - this.#lastHeardAt > SILENCE_MS) {
        this.end({ error: null, afterMs: null, reason: 'the relay fell silent' });
      } else if (this.#isStalled(now)) {
        this.end({ error: null, afterMs: null, reason: 'the catch-up stalled' });
      } else this.#watch();
    });
  }

  /** The relay is there and says so, but leads this console no further (SYNC-D3). */
  #isStalled(now: number): boolean {
    if (this.#isAtHead || this.#isWorking || this.#workLeft > 0) return false;
    return now - Math.max(this.#lastFrameAt, this.#workedAt) > STALLED_MS;
  }

  #credit(cursor: number): void {
    if (!this.#isOver) this.#link.send('credit', { session: this.id, cursor });
  }
}

function inSingles(presences: FromRelay['presences']): Ephemeral[] {
  return (['available', 'away', 'offline'] as const).flatMap((status) =>
    presences[status].map((agentId): Ephemeral => ({ kind: 'presence', agentId, status })),
  );
}
