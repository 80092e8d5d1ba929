import { findKind, subjectKinds } from '../../../shared/domain/registry.ts';
import { foldChanges } from '../../../shared/domain/subject/fold-changes.ts';
import {
  type FoldChange,
  type SubjectRef,
  parseSubjectRef,
  positionOf,
  subjectRef,
} from '../../../shared/domain/subject/subject-kind.ts';
import { SetDigest } from '../../../shared/primitives/set-digest.ts';
import type { LoggedEvent, SubjectSnapshot } from '../../../shared/relay-protocol/frames.ts';
import type { FrameBody, PageBody } from '../../../shared/relay-protocol/read-from-relay.ts';
import { cacheSchemaHash } from './cache-schema.ts';
import type { CacheMeta, CacheStore, RowTable } from './cache-store.ts';
import { type DigestOutcome, type ToldDigest, compareDigest } from './compare-digest.ts';
import { isDamage } from './open-database.ts';
import { KnownRoots, RowSession } from './row-session.ts';

/** In events. A command is settled as soon as the cursor has reached it; only an old copy of an outbox is behind. */
const COMMANDS_KNOWN_FOR = 100_000;
/** In subjects. A conversation's messages with their index are some hundred pages in the log at the most. */
const LEAVES_AT_ONCE = 16;

/** What a console tells of its cache in `hello`. */
export interface CachePosition {
  epoch: string | null;
  cursor: number;
  heldSince: number;
  schema: string;
}

export type FrameOutcome =
  | { isApplied: true; cursor: number; touched: SubjectRef[] }
  /** The frame does not begin where the cache ends: resume (SYNC-S2). */
  | { isApplied: false; cursor: number };

/**
 * The one writer of a cache: each frame is one transaction, its cursor with it (SYNC-S2). It knows no kind by
 * name; what a kind declares is enough.
 */
export class CacheWriter {
  readonly #store: CacheStore;
  readonly #agentRef: string;
  readonly #known = new KnownRoots();
  /** Subjects whose rows went bad. */
  readonly #suspects = new Set<SubjectRef>();
  #meta: CacheMeta;
  #digest: SetDigest | null = null;
  /** Something was deleted whose bytes may still lie somewhere. */
  #hasToScrub = false;

  constructor(store: CacheStore, agentId: string) {
    this.#store = store;
    this.#agentRef = `agent:${agentId}`;
    this.#meta = store.meta();
  }

  position(): CachePosition {
    return { ...this.#meta, schema: cacheSchemaHash };
  }

  /** Count and digest of the subjects held, over their refs (SYNC-S1). */
  heldDigest(): { count: number; digest: string } {
    if (this.#digest === null) {
      const digest = new SetDigest();
      for (const kind of subjectKinds) {
        for (const id of this.#roots(kind.name)?.allIds() ?? []) digest.add(subjectRef(kind.name, id));
      }
      this.#digest = digest;
    }
    return this.#digest.value();
  }

  holds(subject: SubjectRef): boolean {
    const { kind, id } = parseSubjectRef(subject);
    return this.#roots(kind)?.findRoot(id) != null;
  }

  /** Ids held of a kind, in order, after `afterId`. */
  heldIds(kind: string, afterId: string, limit: number): string[] {
    return this.#roots(kind)?.ids(afterId, limit) ?? [];
  }

  /** Subjects with a change that this version does not understand. */
  dirtySubjects(limit: number): SubjectRef[] {
    return subjectKinds.flatMap(({ name }) =>
      (this.#roots(name)?.dirtyIds(limit) ?? []).map((id) => subjectRef(name, id)),
    );
  }

  /** Keeps a fetched file, unless its subject was left while it was on its way: then nothing would ever delete it. */
  putFile(fileId: string, subject: SubjectRef, chunks: readonly Uint8Array[], fetchedAt: number): void {
    if (this.holds(subject)) this.#store.files.put(fileId, subject, chunks, fetchedAt);
  }

  /** Applies a frame whole: leaves, enters, events, cursor. */
  applyFrame(frame: FrameBody, epoch: string, heldSince: number): FrameOutcome {
    if (frame.from !== this.#meta.cursor) return { isApplied: false, cursor: this.#meta.cursor };
    const touched = new Set<SubjectRef>();
    this.#transact((session) => {
      for (const subject of frame.leave) {
        session.remove(subject);
        this.#store.files.unlink(subject);
        touched.add(subject);
      }
      for (const snapshot of frame.enter) {
        session.enter(snapshot);
        touched.add(snapshot.subject);
      }
      for (const event of frame.events) this.#applyEvent(session, event, touched);
      session.flush();
      for (const subject of session.left) this.#store.files.unlink(subject);
      this.#moveTo({ epoch, cursor: frame.to, heldSince });
    });
    this.scrub();
    return { isApplied: true, cursor: frame.to, touched: [...touched] };
  }

  /**
   * Removes what a frame takes away, and nothing else of it: for a disk that has no room for the rest (SYNC-F1). A few at
   * a time, since the log of what is deleted takes room until it is folded into the file. The cursor stays, and what is
   * held is said by the next hello as it is.
   * @returns those that were held
   */
  leaveOnly({ from, leave }: Pick<FrameBody, 'from' | 'leave'>): SubjectRef[] {
    if (from !== this.#meta.cursor) return [];
    const held = leave.filter((subject) => this.holds(subject));
    for (let start = 0; start < held.length; start += LEAVES_AT_ONCE) {
      this.#transact((session) => {
        for (const subject of held.slice(start, start + LEAVES_AT_ONCE)) {
          session.remove(subject);
          this.#store.files.unlink(subject);
        }
        session.flush();
      });
      this.scrub();
    }
    return held;
  }

  /** Applies a page of a snapshot; the last one sets the cursor (SYNC-S4). */
  applyPage(page: PageBody, epoch: string, heldSince: number): { cursor: number; touched: SubjectRef[] } {
    this.#transact((session) => {
      for (const snapshot of page.subjects) session.enter(snapshot);
      session.flush();
      if (page.isLast) this.#moveTo({ epoch, cursor: page.startSeq, heldSince });
    });
    return { cursor: this.#meta.cursor, touched: page.subjects.map((snapshot) => snapshot.subject) };
  }

  /**
   * Takes the answer to a `want`: a whole subject (`before` null) or a page of older items.
   * @returns false when the subject moved on since it was read: what came meanwhile may be missing in it, so ask again
   */
  applyWanted(snapshot: SubjectSnapshot, before: number | null): boolean {
    let isTaken = true;
    this.#transact((session) => {
      const held = session.reader(snapshot.subject)?.root() ?? null;
      const isSuspect = before === null && this.#suspects.has(snapshot.subject);
      isTaken = isSuspect ? snapshot.asOf >= this.#meta.cursor : held === null || held.asOf <= snapshot.root.asOf;
      if (!isTaken) return;
      if (isSuspect) session.replace(snapshot);
      else if (before === null) session.enter(snapshot);
      else session.addOlder(snapshot, before);
      session.flush();
    });
    if (isTaken && before === null) this.#suspects.delete(snapshot.subject);
    return isTaken;
  }

  /**
   * Compares the rows of a subject, as they are stored, with what the relay says of them (SYNC-D4). A subject that
   * differs is taken whole when it is fetched next, whatever its rows say of themselves.
   */
  checkDigest(told: ToldDigest): DigestOutcome {
    const subject = told.subject as SubjectRef;
    const outcome = this.#meta.cursor < told.asOf ? 'unknown' : compareDigest(this.#store.tables, told);
    if (outcome === 'differs') {
      this.#known.clear();
      this.#suspects.add(subject);
    }
    return outcome;
  }

  /** There will be less to do from now on. */
  settle(): void {
    this.#known.clear();
    this.#store.settle();
  }

  /** Forgets commands that were applied so long ago that none of them can still be pending. */
  prune(): void {
    this.#store.forgetCommands(this.#meta.cursor - COMMANDS_KNOWN_FOR);
  }

  /** Removes deleted text for good (SYNC-V2). What cannot be done now is tried again after the next frame. */
  scrub(): void {
    if (!this.#hasToScrub) return;
    try {
      this.#hasToScrub = !this.#store.scrub();
    } catch (error) {
      // A disk without room is no reason to say that what was deleted was not.
      if (isDamage(error)) throw error;
    }
  }

  /** The last process may have died between deleting and that. Never throws: what is wrong, the next frame meets. */
  scrubAnyway(): void {
    this.#hasToScrub = true;
    try {
      this.scrub();
    } catch {
      // Damage.
    }
  }

  #applyEvent(session: RowSession, event: LoggedEvent, touched: Set<SubjectRef>): void {
    if (event.actor === this.#agentRef) this.#store.recordCommand(event.commandId, event.seq);
    for (const [subject, changes] of changesBySubject(event)) {
      touched.add(subject);
      const reader = session.reader(subject);
      if (reader === null) continue;
      const outcome = foldChanges(reader, changes);
      if (outcome.known) session.apply(subject, outcome.rows, event.seq);
      else session.markDirty(subject);
    }
  }

  #transact(work: (session: RowSession) => void): void {
    const session = new RowSession(this.#store.tables, this.#known);
    const meta = this.#meta;
    try {
      this.#store.transact(() => work(session));
    } catch (error) {
      this.#known.clear();
      this.#meta = meta;
      throw error;
    }
    session.remember();
    for (const subject of session.entered) this.#digest?.add(subject);
    for (const subject of session.left) this.#digest?.remove(subject);
    if (session.left.length > 0) this.#hasToScrub = true;
  }

  #moveTo(meta: CacheMeta): void {
    this.#store.setMeta(meta);
    this.#meta = meta;
  }

  #roots(kind: string): RowTable | undefined {
    return this.#store.tables.get(findKind(kind)?.tables[0]?.name ?? '');
  }
}

/** An event's changes by subject, in order: a subject's changes are folded together. */
function changesBySubject(event: LoggedEvent): Iterable<[SubjectRef, FoldChange[]]> {
  const [only] = event.changes;
  // Nearly always it is one.
  if (only !== undefined && event.changes.length === 1) return [[only.subject, [foldChangeOf(event, only)]]];
  const bySubject = new Map<SubjectRef, FoldChange[]>();
  for (const change of event.changes) {
    const list = bySubject.get(change.subject);
    if (list === undefined) bySubject.set(change.subject, [foldChangeOf(event, change)]);
    else list.push(foldChangeOf(event, change));
  }
  return bySubject;
}

function foldChangeOf(
  event: LoggedEvent,
  { index, subject, type, v, data }: LoggedEvent['changes'][number],
): FoldChange {
  const { seq, at, actor } = event;
  return { subject, type, v, data, seq, position: positionOf(seq, index), at, actor };
}
