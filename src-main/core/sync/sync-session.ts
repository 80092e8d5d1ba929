import { AppError, makeErrorBody, toErrorBody } from '../../../shared/errors.ts';
import type { Ephemeral } from '../../../shared/domain/presence/ephemeral.ts';
import { subjectKinds } from '../../../shared/domain/registry.ts';
import type { SubjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import type { CommandResult } from '../../../shared/relay-protocol/commands.ts';
import type { FromRelay, Welcome } from '../../../shared/relay-protocol/from-relay.ts';
import { OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION } from '../../../shared/relay-protocol/protocol-version.ts';
import { isMalformed } from '../../../shared/relay-protocol/read-from-relay.ts';
import type { ToRelay } from '../../../shared/relay-protocol/to-relay.ts';
import type { GivenFrame, GivenPage } from '../cache/given-frame.ts';
import { release } from '../cache/own-memory.ts';
import { stillAfter } from '../cache/still-count.ts';
import { type Heard, readHeard } from './heard-message.ts';
import type { RelayLink } from './relay-link.ts';
import { RelayRequests, offline } from './relay-requests.ts';
import type { SessionEnd, SyncSessionParts } from './session-parts.ts';

/** Two ticks of 20 s missed, and some slack. */
const SILENCE_MS = 45_000;
/** The relay is ahead, and nothing came for so long: the last frame was lost (SYNC-D3). */
const LAGGING_MS = 5000;
/** A catch-up of which nothing comes for so long, although there is nothing left to do here, is given up. */
const STALLED_MS = 60_000;
/** Frames and pages after which a catch-up was a long one. */
const LONG_CATCH_UP = 16;
/** A message older than this when it gets here is not news. */
const NEWS_MS = 2 * 60_000;
const HELD_IDS_PER_CHUNK = 6000;
const LOOK_UP_AT_ONCE = 1000;
const LOOK_UP_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60_000;
const STILL_LOST = 'a frame that moves no cursor was lost';

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
  /** Frames that moved no cursor since the last one that did. */
  #still = 0;
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

  /** Monotonic. */
  get lastHeardAt(): number {
    return this.#lastHeardAt;
  }

  send<Name extends 'submit' | 'ephemeral' | 'lookUp'>(name: Name, message: Omit<ToRelay[Name], 'session'>): void {
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
   * @throws AppError the relay's refusal, or `offline` when the session ended before the answer
   */
  async lookUp(commandIds: readonly string[], makeId: () => string): Promise<string[]> {
    const known: string[] = [];
    for (let start = 0; start < commandIds.length; start += LOOK_UP_AT_ONCE) {
      const results = await this.#lookUpSome(commandIds.slice(start, start + LOOK_UP_AT_ONCE), makeId);
      for (const result of results) if (result.ok) known.push(result.id);
    }
    return known;
  }

  /** Asks as often as the relay says that it is asked too much: what it did not answer is not to be taken for lost. */
  async #lookUpSome(commandIds: string[], makeId: () => string): Promise<CommandResult[]> {
    for (;;) {
      const id = makeId();
      const answered = this.#requests.answerTo(id, async ({ answer }: FromRelay['lookedUp']) => answer);
      this.#link.send('lookUp', { session: this.id, id, commandIds });
      const answer = await answered;
      if (answer.ok) return answer.results;
      if (!answer.error.retryable) throw AppError.fromBody(answer.error);
      await this.#requests.pause(Math.min(answer.error.retryAfterMs ?? LOOK_UP_RETRY_MS, LONGEST_RETRY_MS));
    }
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
    if (this.#isOver) return;
    const heardAt = this.#parts.clock.monotonic();
    let heard: Heard | null;
    try {
      heard = readHeard(name, raw);
    } catch (error) {
      this.#endBy(error);
      return;
    }
    if (heard === null || (heard.session !== undefined && heard.session !== this.id)) return;
    this.#lastHeardAt = heardAt;
    this.#take(heard, heardAt);
  }

  #take({ name, message }: Heard, heardAt: number): void {
    switch (name) {
      case 'welcome':
        this.#later(() => this.#welcomed(message));
        return;
      case 'frame':
        this.#lastFrameAt = heardAt;
        this.#later(() => this.#frame(message, heardAt));
        return;
      case 'page':
        this.#lastFrameAt = heardAt;
        this.#later(() => this.#page(message, heardAt));
        return;
      case 'results': {
        const { results } = message;
        this.#later(async () => this.#parts.onResults(results));
        return;
      }
      case 'wanted':
        this.#later(() => this.#requests.receive(message.id, message));
        return;
      case 'lookedUp':
        // At once: everything else waits for it.
        void this.#requests.receive(message.id, message);
        return;
      case 'tick':
        this.#tick(message);
        return;
      case 'ephemeral':
        this.#parts.onEphemeral(message.ephemeral);
        return;
      case 'presences':
        for (const ephemeral of inSingles(message)) this.#parts.onEphemeral(ephemeral);
        return;
      case 'digests':
        this.#parts.onDigests(message);
        return;
      case 'bye': {
        const { afterMs, error } = message;
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
        this.#endBy(error);
      } finally {
        this.#isWorking = false;
      }
    });
  }

  /** What came was malformed, or could not be stored. */
  #endBy(error: unknown): void {
    const body = isMalformed(error)
      ? toErrorBody(error, 'relay')
      : makeErrorBody('storage', 'console', 'What the relay sent could not be stored; trying again.');
    this.end({ error: body, afterMs: null, reason: error instanceof Error ? error.message : String(error) });
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

  async #frame(given: GivenFrame, heardAt: number): Promise<void> {
    const welcome = this.#welcome;
    if (welcome === null) return;
    const { cache, relayClock } = this.#parts;
    const outcome = await cache.applyFrame(given, welcome.epoch, welcome.heldSince, {
      still: this.#isCounted ? this.#still : null,
      newsSince: relayClock.now() - NEWS_MS,
    });
    if (given instanceof Uint8Array) release(given);
    if (!outcome.isApplied) {
      const { cursor, from, isAfterLost } = outcome;
      const reason = isAfterLost ? STILL_LOST : `gap: at ${cursor}, frame from ${from}`;
      this.end({ error: null, afterMs: null, reason });
      return;
    }
    const { frame } = outcome;
    this.#still = stillAfter(frame, this.#still);
    if (frame.isCatchUp) this.#bulks += 1;
    if (frame.isCatchUp || frame.wantsCredit === true) this.#credit(outcome.cursor, heardAt);
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

  /** Whether the relay counts frames that move no cursor. */
  get #isCounted(): boolean {
    return (this.#welcome?.protocol ?? 1) >= 2;
  }

  async #page(given: GivenPage, heardAt: number): Promise<void> {
    const welcome = this.#welcome;
    if (welcome === null) return;
    const { cache } = this.#parts;
    this.#bulks += 1;
    const page = await cache.applyPage(given, welcome.epoch, welcome.heldSince);
    if (given instanceof Uint8Array) release(given);
    this.#pageSubjects += page.subjects;
    this.#credit(cache.position.cursor, heardAt);
    if (page.isLast) {
      this.#startCursor = cache.position.cursor;
      this.#parts.onCursor(cache.position.cursor, null);
    } else {
      const { totalSubjects } = page;
      const share = totalSubjects === 0 ? 0 : this.#pageSubjects / totalSubjects;
      this.#parts.onProgress(share, Math.max(0, totalSubjects - this.#pageSubjects));
    }
  }

  #tick({ head, serverNow, still = 0 }: FromRelay['tick']): void {
    // Once all that came before it is applied; being told the time is no progress.
    void this.#queue.then(() => {
      if (this.#isCounted && still !== this.#still) this.end({ error: null, afterMs: null, reason: STILL_LOST });
    });
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

  /** @param heardAt monotonic: what the line took is over then, and the rest is this console's (SYNC-S7) */
  #credit(cursor: number, heardAt: number): void {
    const heldMs = this.#parts.clock.monotonic() - heardAt;
    if (!this.#isOver) this.#link.send('credit', { session: this.id, cursor, heldMs });
  }
}

function inSingles(presences: FromRelay['presences']): Ephemeral[] {
  return (['available', 'away', 'offline'] as const).flatMap((status) =>
    presences[status].map((agentId): Ephemeral => ({ kind: 'presence', agentId, status })),
  );
}
