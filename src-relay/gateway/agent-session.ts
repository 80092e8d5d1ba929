import type { AgentAccess } from '../../shared/domain/agent/agent-access.ts';
import { kindOf } from '../../shared/domain/registry.ts';
import type { SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { Clock } from '../../shared/primitives/clock.ts';
import type { SubjectSnapshot } from '../../shared/relay-protocol/frames.ts';
import type { Commit, EventLog } from '../event-log/event-log.ts';
import { type FrameEvent, keepChanges } from '../event-log/stored-event.ts';
import type { AgentConnection, Bulk } from './agent-connection.ts';
import type { CatchUpFlow } from './catch-up-flow.ts';
import { type FrameLimits, FrameWriter, frameOf } from './frame-writer.ts';
import type { HeldView } from './held-view.ts';
import { sizeOf, sizeOfAll } from './message-text.ts';
import type { RecentEvents } from './recent-events.ts';
import type { RootIndex } from './root-index.ts';
import type { SessionCredits } from './session-credits.ts';

// More than this at once is sent as a catch-up, at the pace of the console's credits.
const MAX_LIVE_EVENTS = 1000;
const MAX_LIVE_ENTERS = 20;
// A console that lets so much pile up gets no more until it has read it; the log is the buffer meanwhile (SYNC-N2).
const MAX_BACKLOG_BYTES = 1024 * 1024;
const LAGGING_POLL_MS = 100;
/** Events of a catch-up that are gathered before everything else has its turn. */
const SLICE_EVENTS = 256;
/** The same of subjects that are read. */
const SLICE_SUBJECTS = 8;
/** Less is made again for the next console more cheaply than it is sent in two, or as bytes, or packed (SYNC-S7). */
const BULK_FROM_BYTES = 8 * 1024;

export interface SessionParts {
  /** The console's id of the session. */
  id: string;
  connection: AgentConnection;
  view: HeldView;
  flow: CatchUpFlow;
  credits: SessionCredits;
  /** Version of the protocol that the console speaks. */
  protocol: number;
  index: RootIndex;
  recent: RecentEvents;
  eventLog: EventLog;
  clock: Clock;
  limits: FrameLimits;
  /** The session cannot go on: the log was truncated under it, or reading failed. */
  fail(error: unknown): void;
}

/**
 * Leads one console from its cursor to the head and keeps it there. There is a single path (SYNC-S2): each round takes
 * what moved in and out of the console's view since the last one, reads the events in between from memory or the log,
 * and sends them as frames that follow on one another. Nothing is queued per session but names of subjects.
 */
export class AgentSession {
  readonly id: string;
  readonly view: HeldView;
  readonly #parts: SessionParts;
  #writer: FrameWriter;
  /** Events up to here were sent, or do not concern the console. */
  #readTo = 0;
  /** The console's cursor has to get here even if nothing concerns it. */
  #mustReach = 0;
  #isBehind = true;
  /** Of the page that is being gathered. */
  #batch: SubjectSnapshot[] = [];
  #isResetting = false;
  #isRunning = false;
  #isClosed = false;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.view = parts.view;
    this.#writer = new FrameWriter(0, parts.limits);
  }

  /** Frames that it was sent and that moved no cursor, since the last one that did. */
  get still(): number {
    return this.#writer.still;
  }

  /** Version of the protocol that the console speaks. */
  get protocol(): number {
    return this.#parts.protocol;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** True until the console has been led to the head, and again while it is too slow for live frames. */
  get isCatchingUp(): boolean {
    return this.#isBehind;
  }

  /** Goes on from the console's cursor; the view says what the console holds there. */
  startTail(cursor: number): void {
    this.#begin(cursor);
    this.advance();
  }

  /** Sends a snapshot of `subjects`, then goes on from the present head (SYNC-S4). */
  startReset(subjects: readonly SubjectRef[]): void {
    this.#isResetting = true;
    this.#begin(this.#parts.index.head);
    this.#run(() => this.#sendPages(subjects));
  }

  /** Takes up a commit, which the index already contains. Nothing is sent before `advance`. */
  apply(commit: Commit, access: AgentAccess | null): void {
    this.view.apply(commit, this.#parts.index, access);
  }

  /** Subjects were erased by a commit that was applied (SYNC-L7): what was gathered of them goes nowhere. */
  forget(erased: ReadonlySet<SubjectRef>): void {
    this.#writer.forget(erased);
    this.#batch = this.#batch.filter(({ subject }) => !erased.has(subject));
  }

  /** The console's cursor has to get to `seq` with what is sent next, even if nothing up to there concerns it. */
  owe(seq: number): void {
    this.#mustReach = Math.max(this.#mustReach, seq);
  }

  /** Sends what has come up, unless that is under way. @param mustReach the cursor has to get at least here */
  advance(mustReach = 0): void {
    this.owe(mustReach);
    if (this.#isRunning || this.#isClosed) return;
    if (!this.#hasWork()) this.#readTo = this.#parts.index.head;
    else if (!this.#sendAtOnce()) this.#run(async () => {});
  }

  /** The console was sent a subject that it asked for; it holds it from now on. */
  addWanted(subject: SubjectRef): void {
    this.view.addExtra(subject);
    // The rows that a reset brings may replace all others, so then it has to be sent again.
    if (this.#isResetting) this.view.correctAtCursor(subject, 'uncertain');
    else if (this.view.movedAtCursor(subject) !== undefined) this.view.correctAtCursor(subject, 'held');
  }

  /** The console committed a frame or page that takes a credit. @param heldMs how long after it had come */
  credit(heldMs?: number): void {
    this.#parts.credits.credit(heldMs);
    this.#parts.flow.wake();
  }

  close(): void {
    this.#isClosed = true;
    this.#parts.flow.close();
  }

  #begin(cursor: number): void {
    this.#writer = new FrameWriter(cursor, this.#parts.limits, this.#parts.protocol >= 2);
    this.#readTo = cursor;
  }

  #hasWork(): boolean {
    return this.#isBehind || this.view.hasMoves || this.#mustReach > this.#writer.cursor;
  }

  #run(first: () => Promise<void>): void {
    this.#isRunning = true;
    void this.#runAll(first).catch((error: unknown) => {
      if (!this.#isClosed) this.#parts.fail(error);
    });
  }

  async #runAll(first: () => Promise<void>): Promise<void> {
    const { flow, index } = this.#parts;
    try {
      if (this.#isBehind) await first();
      while (!this.#isClosed && this.#hasWork()) {
        if (this.#isLagging()) await this.#waitWhileLagging();
        const isCatchUp = this.#isBehind || index.head - this.#readTo > MAX_LIVE_EVENTS;
        if (isCatchUp) await flow.mayContinue();
        if (this.#isClosed) return;
        await this.#round(isCatchUp);
      }
      this.#readTo = index.head;
    } finally {
      flow.end();
      this.#isRunning = false;
    }
  }

  /**
   * The same as a round where nothing has to be waited for: events of late, still in memory, that fit into one frame, and
   * nothing leaves or enters. Nearly all that is sent to a thousand consoles is of this kind, and promises for each of
   * them cost more than the rest.
   * @returns false when it takes a round
   */
  #sendAtOnce(): boolean {
    const { index, recent, limits } = this.#parts;
    const until = index.head;
    if (this.#isBehind || until - this.#readTo > MAX_LIVE_EVENTS || !this.view.isUnmoved) return false;
    const events = until === this.#readTo ? [] : recent.peek(this.#readTo, until);
    if (events?.length !== until - this.#readTo || this.#isLagging()) return false;
    // Where the console may see all of it, it gets the very list that the others get.
    const visible = this.view.heldOf(events, index);
    const bytes = sizeOfAll(visible);
    if (visible.length > limits.entries || (visible.length > 1 && bytes > limits.bytes)) return false;
    this.view.takeMoves();
    this.#writer.allEvents(visible, bytes);
    if (!this.#writer.isEmpty || this.#mustReach > this.#writer.cursor) this.#send(until, false);
    this.#readTo = until;
    return true;
  }

  /** One step to what is the head when it begins. */
  async #round(isBehind: boolean): Promise<void> {
    const { index, recent } = this.#parts;
    const until = index.head;
    const after = this.#readTo;
    const { leaves, enters } = this.#sortMoves(after);
    const isCatchUp = isBehind || enters.length > MAX_LIVE_ENTERS;
    const entering = new Set(enters);

    for (const subject of leaves) {
      if (!this.#writer.hasRoomFor(subject.length)) await this.#cut(this.#writer.cursor, isCatchUp);
      if (this.#isClosed) return;
      this.#writer.leave(subject);
    }
    for (const [place, subject] of enters.entries()) {
      if (isCatchUp && isSliceOver(place)) await this.#parts.flow.nextSlice();
      let snapshot = await this.#readSnapshot(subject);
      const size = snapshot === null ? 0 : sizeOf(snapshot);
      const { generation } = recent;
      if (!this.#writer.hasRoomFor(size)) await this.#cut(this.#writer.cursor, isCatchUp);
      if (recent.generation !== generation) snapshot = await this.#readSnapshot(subject);
      if (this.#isClosed) return;
      if (snapshot !== null && this.#isHeldNow(subject)) this.#writer.enter(snapshot, size);
      else this.#takeAway(subject);
    }
    await this.#addEvents(after, until, entering, isCatchUp);
    // Others who were away as long get the same frame up to the last event, wherever the head is when they come.
    const { lastSeq, bytes } = this.#writer;
    if (isCatchUp && bytes > BULK_FROM_BYTES && lastSeq < until) await this.#cut(lastSeq, isCatchUp);
    if (this.#isClosed) return;
    // The last frame of a catch-up goes out even if it is empty: by it the console knows that it is at the head.
    const isOwed = this.#isBehind || this.#mustReach > this.#writer.cursor;
    if (!this.#writer.isEmpty || isOwed) this.#send(until, isCatchUp);
    this.#readTo = until;
    this.#isBehind = false;
  }

  /** What leaves and what enters as a snapshot. What was born in the range comes by its events. */
  #sortMoves(after: number): { leaves: SubjectRef[]; enters: SubjectRef[] } {
    const leaves: SubjectRef[] = [];
    const enters: SubjectRef[] = [];
    for (const [subject, held] of this.view.takeMoves()) {
      const root = this.#parts.index.get(subject);
      const isHeld = this.view.holds(subject, root);
      if (!isHeld) {
        if (held !== 'lacking') leaves.push(subject);
      } else if (held === 'uncertain' || (held === 'lacking' && root!.bornSeq <= after)) enters.push(subject);
    }
    return { leaves, enters };
  }

  async #addEvents(after: number, until: number, entering: ReadonlySet<SubjectRef>, isCatchUp: boolean): Promise<void> {
    const { recent } = this.#parts;
    let position = after;
    while (position < until) {
      if (isCatchUp && position > after) await this.#parts.flow.nextSlice();
      if (this.#isClosed) return;
      const stop = Math.min(until, position + SLICE_EVENTS);
      const events = recent.peek(position, stop) ?? (await recent.read(position, stop));
      if (events[0]?.seq !== position + 1) throw new Error(`The log has no event ${position + 1}.`);
      const { generation } = recent;
      for (const event of events) {
        let visible = this.#filter(event, entering);
        if (visible !== null && !this.#writer.hasRoomFor(sizeOf(event))) {
          await this.#cut(position, isCatchUp);
          if (recent.generation !== generation) break;
          visible = this.#filter(event, entering);
        }
        if (this.#isClosed) return;
        if (visible !== null) this.#writer.event(visible, sizeOf(event));
        position = event.seq;
      }
    }
  }

  /** The event with only the changes of subjects that the console holds; null if there are none. */
  #filter(event: FrameEvent, entering: ReadonlySet<SubjectRef>): FrameEvent | null {
    return keepChanges(event, (subject) => {
      const moved = this.view.movedAtCursor(subject);
      if (entering.has(subject) || (moved !== undefined && moved !== 'held')) return false;
      if (this.#isHeldNow(subject)) return true;
      // Lost from view while this round was under way. The cursor must not pass a change of a subject that the console
      // keeps, or it would miss that change for ever if the connection broke now and the subject came back.
      if (moved === 'held') this.#takeAway(subject);
      return false;
    });
  }

  #isHeldNow(subject: SubjectRef): boolean {
    return this.view.holds(subject, this.#parts.index.get(subject));
  }

  #takeAway(subject: SubjectRef): void {
    this.#writer.leave(subject);
    this.view.correctAtCursor(subject, 'lacking');
  }

  /** A snapshot of a subject that the console is to hold, or null if it may not see it after all. */
  async #readSnapshot(subject: SubjectRef): Promise<SubjectSnapshot | null> {
    const snapshot = await this.#parts.recent.asItIs(() => this.#parts.eventLog.readSnapshot(subject));
    const kind = kindOf(subject);
    return snapshot !== null && kind !== undefined && this.view.isVisible(kind, snapshot.root) ? snapshot : null;
  }

  async #sendPages(subjects: readonly SubjectRef[]): Promise<void> {
    const { flow, limits, recent } = this.#parts;
    const startSeq = this.#writer.cursor;
    let page = 0;
    let bytes = 0;
    const sendPage = (isLast: boolean) => {
      const totalSubjects = subjects.length;
      const message = { session: this.id, page, startSeq, subjects: this.#batch, totalSubjects, isLast };
      this.#sendBulk({ name: 'page', message }, bytes);
      page += 1;
      this.#batch = [];
      bytes = 0;
    };
    await flow.mayContinue();
    for (const [place, subject] of subjects.entries()) {
      if (isSliceOver(place)) await flow.nextSlice();
      if (this.#isClosed) return;
      let snapshot = await this.#readSnapshot(subject);
      const size = snapshot === null ? 0 : sizeOf(snapshot);
      const { generation } = recent;
      if (this.#batch.length > 0 && (this.#batch.length >= limits.entries || bytes + size > limits.bytes)) {
        sendPage(false);
        await flow.mayContinue();
      }
      if (recent.generation !== generation) snapshot = await this.#readSnapshot(subject);
      if (snapshot === null || !this.#isHeldNow(subject)) {
        if (this.view.movedAtCursor(subject) !== 'uncertain') this.view.correctAtCursor(subject, 'lacking');
        continue;
      }
      this.#batch.push(snapshot);
      bytes += size;
    }
    if (this.#isClosed) return;
    sendPage(true);
    this.#isResetting = false;
  }

  /** Sends what was gathered and waits until more may be gathered. */
  async #cut(to: number, isCatchUp: boolean): Promise<void> {
    this.#send(to, isCatchUp);
    if (isCatchUp) await this.#parts.flow.mayContinue();
  }

  #send(to: number, isCatchUp: boolean): void {
    if (this.#isClosed) return;
    const { connection, credits, protocol } = this.#parts;
    const { bytes, eventCount } = this.#writer;
    if (isCatchUp) {
      this.#sendBulk({ name: 'frame', message: this.#writer.take(this.id, to, true) }, bytes);
      return;
    }
    const isCounted = protocol >= 2;
    const hasToAsk = isCounted && credits.hasToAsk(bytes, eventCount);
    const frame = this.#writer.take(this.id, to, false, hasToAsk);
    if (isCounted) credits.sentLive(bytes, eventCount, hasToAsk);
    if (isCounted && credits.isSlowLine === true && bytes > BULK_FROM_BYTES && connection.sendBulk !== undefined) {
      connection.sendBulk({ name: 'frame', message: frame }, true);
    } else connection.send('frame', frameOf(frame));
  }

  /** As bytes, packed unless the line is known to be quick (SYNC-S7). @param bytes of JSON */
  #sendBulk(bulk: Bulk, bytes: number): void {
    const { connection, credits, protocol } = this.#parts;
    if (protocol >= 2 && bytes > BULK_FROM_BYTES && connection.sendBulk !== undefined) {
      credits.sentCatchUp(connection.sendBulk(bulk, credits.isSlowLine !== false));
      return;
    }
    if (bulk.name === 'frame') connection.send('frame', frameOf(bulk.message));
    else connection.send('page', bulk.message);
    credits.sentCatchUp(bytes);
  }

  /** The console does not read, or does not apply what it reads. */
  #isLagging(): boolean {
    return this.#parts.connection.backlogBytes() > MAX_BACKLOG_BYTES || this.#parts.credits.isOverfull;
  }

  async #waitWhileLagging(): Promise<void> {
    const { connection, clock, credits } = this.#parts;
    this.#isBehind = true;
    while (!this.#isClosed && (connection.backlogBytes() > 0 || credits.awaitsLive)) {
      await new Promise<void>((resolve) => clock.after(LAGGING_POLL_MS, resolve));
    }
  }
}

function isSliceOver(place: number): boolean {
  return place > 0 && place % SLICE_SUBJECTS === 0;
}
