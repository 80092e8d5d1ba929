import type { SubjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import { AppError } from '../../../shared/errors.ts';
import type { SubjectSnapshot } from '../../../shared/relay-protocol/frames.ts';
import type { FrameBody } from '../../../shared/relay-protocol/read-from-relay.ts';
import type { CachePlace, CacheStore, OpenedCache } from './cache-store.ts';
import { type CachePosition, CacheWriter } from './cache-writer.ts';
import type { DigestOutcome, ToldDigest } from './compare-digest.ts';
import { collectYoungObjects, giveBackMemory } from './give-back-memory.ts';
import {
  type AppliedFrame,
  type FrameContext,
  type GivenFrame,
  type GivenPage,
  frameOf,
  pageOf,
} from './given-frame.ts';
import { needsUpdate } from './needs-update.ts';
import { damageError, isContradiction } from './open-database.ts';
import { stillIn } from './still-count.ts';

export interface CacheOpening extends Omit<OpenedCache, 'store'> {
  position: CachePosition;
}

export type FrameOutcome =
  | { isApplied: true; cursor: number; touched: SubjectRef[]; frame: AppliedFrame }
  /** Resume: the frame does not begin where the cache ends, or one that moves no cursor was lost (SYNC-S2). */
  | { isApplied: false; cursor: number; from: number; isAfterLost: boolean };

export interface PageOutcome {
  cursor: number;
  touched: SubjectRef[];
  /** Subjects on the page. */
  subjects: number;
  totalSubjects: number;
  isLast: boolean;
  /** The snapshot is complete in a file of its own: close the reader, call `swap`, open the reader. */
  isReadyToSwap: boolean;
}

interface OpenWriter {
  store: CacheStore;
  writer: CacheWriter;
}

/** For whoever neither counts frames nor wants news. */
const PLAIN: FrameContext = { still: null, newsSince: Number.POSITIVE_INFINITY };

/** What the writer's thread offers: the cache in use, and the one that a snapshot builds beside it. */
export class WriterHost {
  readonly #place: CachePlace;
  readonly #agentId: string;
  #current: OpenWriter | null = null;
  /** Closed for good. */
  #isEnded = false;
  /** Target of a snapshot's pages. The cache itself while that is empty: then the agent sees the first rows at once. */
  #snapshot: OpenWriter | null = null;

  constructor(place: CachePlace, agentId: string) {
    this.#place = place;
    this.#agentId = agentId;
  }

  /** @throws SqliteError when the folder cannot be written */
  open(): CacheOpening {
    const { store, state, wasUnclean } = this.#place.open();
    this.#current = this.#openWriter(store);
    this.#isEnded = false;
    if (wasUnclean) this.#current.writer.scrubAnyway();
    return { state, wasUnclean, position: this.#writer.position() };
  }

  position(): CachePosition {
    return this.#writer.position();
  }

  heldDigest(): { count: number; digest: string } {
    return this.#writer.heldDigest();
  }

  heldIds(kind: string, afterId: string, limit: number): string[] {
    return this.#writer.heldIds(kind, afterId, limit);
  }

  dirtySubjects(limit: number): SubjectRef[] {
    return this.#writer.dirtySubjects(limit);
  }

  /**
   * @throws AppError `invalid` (`malformed-message`) for bytes that are no frame, and an error that `isDamage` knows
   * where what is held contradicts the frame
   */
  applyFrame(given: GivenFrame, epoch: string, heldSince: number, context = PLAIN): FrameOutcome {
    const frame = frameOf(given);
    const { from, to, isCatchUp } = frame;
    if (context.still !== null && stillIn(frame, context.still) !== (frame.still ?? 0)) {
      return { isApplied: false, cursor: this.#writer.position().cursor, from, isAfterLost: true };
    }
    // Pages come before frames: those of a session that was cut are of no use any more, and what leaves would stay in them.
    if (this.#snapshot !== this.#current) this.abandonSnapshot();
    const outcome = this.#follow(frame, epoch, heldSince);
    if (!outcome.isApplied) return { ...outcome, from, isAfterLost: false };
    const news = frame.events.filter(({ at }) => at > context.newsSince);
    const asked = frame.wantsCredit === true ? { wantsCredit: true as const } : {};
    return { ...outcome, frame: { from, to, isCatchUp, ...asked, news, needsUpdate: needsUpdate(frame) } };
  }

  leaveOnly(given: Pick<FrameBody, 'from' | 'leave'> | Uint8Array): SubjectRef[] {
    return this.#writer.leaveOnly(given instanceof Uint8Array ? frameOf(given) : given);
  }

  applyWanted(snapshot: SubjectSnapshot, before: number | null): boolean {
    return this.#writer.applyWanted(snapshot, before);
  }

  checkDigest(told: ToldDigest): DigestOutcome {
    return this.#writer.checkDigest(told);
  }

  putFile(fileId: string, subject: SubjectRef, chunks: readonly Uint8Array[], fetchedAt: number): void {
    this.#writer.putFile(fileId, subject, chunks, fetchedAt);
  }

  /** A piece of the work that no transaction is to be longer for. */
  tidy(): void {
    this.#current?.store.tidy();
    if (this.#snapshot !== this.#current) this.#snapshot?.store.tidy();
    collectYoungObjects();
  }

  /** There will be less to do from now on. */
  settle(): void {
    this.#current?.writer.settle();
    giveBackMemory();
  }

  prune(): void {
    this.#writer.prune();
  }

  beginSnapshot(): void {
    this.abandonSnapshot();
    const isEmpty = this.#writer.position().epoch === null && this.#writer.heldDigest().count === 0;
    this.#snapshot = isEmpty ? this.#current : this.#openWriter(this.#place.makeNext());
  }

  /** @throws AppError as `applyFrame` */
  applyPage(given: GivenPage, epoch: string, heldSince: number): PageOutcome {
    const target = this.#snapshot;
    if (target === null) throw new AppError('internal', 'A page came without the beginning of a snapshot.');
    const page = pageOf(given);
    const { isLast, totalSubjects } = page;
    const { cursor, touched } = target.writer.applyPage(page, epoch, heldSince);
    const isBeside = target !== this.#current;
    if (isLast && !isBeside) {
      this.#snapshot = null;
      this.#place.dropDamaged();
    }
    const subjects = page.subjects.length;
    const seen = isBeside ? [] : touched;
    return { cursor, touched: seen, subjects, totalSubjects, isLast, isReadyToSwap: isLast && isBeside };
  }

  /** Puts a complete snapshot in the place of the cache. @throws AppError when there is none */
  swap(): CachePosition {
    const next = this.#snapshot;
    if (next === null || next === this.#current) throw new AppError('internal', 'There is no snapshot to swap in.');
    this.#snapshot = null;
    // Closing folds the write-ahead log into the file, which is then all there is of it.
    next.store.close();
    this.#current?.store.close();
    this.#current = null;
    try {
      this.#place.swap();
    } catch (error) {
      // Whichever file is in place now is what counts; the session ends, and the next one tries again.
      this.open();
      throw error;
    }
    this.#place.dropDamaged();
    return this.open().position;
  }

  /** A snapshot that broke off begins anew with the next session. */
  abandonSnapshot(): void {
    const next = this.#snapshot;
    this.#snapshot = null;
    if (next === null) return;
    if (next === this.#current) {
      // Half a snapshot in the cache itself: without an epoch it is thrown away when it is opened.
      if (this.#writer.heldDigest().count === 0) return;
      next.store.close();
      this.#place.removeAll();
      this.open();
      return;
    }
    next.store.close();
    this.#place.dropNext();
  }

  /** Moves a cache that turned out to be damaged aside and begins an empty one. The reader must be closed. */
  rebuild(): CacheOpening {
    this.#closeQuietly();
    this.#place.moveAside();
    return this.open();
  }

  /** Deletes everything cached and begins an empty one. The reader must be closed. */
  clear(): CacheOpening {
    this.#closeQuietly();
    this.#place.removeAll();
    return this.open();
  }

  /** Deletes everything cached. */
  remove(): void {
    this.#isEnded = true;
    this.#closeQuietly();
    this.#place.removeAll();
  }

  close(): void {
    this.#isEnded = true;
    const current = this.#current;
    const next = this.#snapshot;
    this.#current = null;
    this.#snapshot = null;
    if (next !== null && next !== current) {
      next.store.close();
      this.#place.dropNext();
    }
    if (current !== null) current.store.closeInOrder();
  }

  #follow(frame: FrameBody, epoch: string, heldSince: number): ReturnType<CacheWriter['applyFrame']> {
    try {
      return this.#writer.applyFrame(frame, epoch, heldSince);
    } catch (error) {
      if (!isContradiction(error)) throw error;
      // What is held is of another history (SYNC-L3) or was damaged: the next session would be sent the same again.
      throw damageError(`What is cached contradicts what the relay sends: ${String(error)}`, error);
    }
  }

  #openWriter(store: CacheStore): OpenWriter {
    return { store, writer: new CacheWriter(store, this.#agentId) };
  }

  get #writer(): CacheWriter {
    if (this.#isEnded) throw new AppError('internal', 'The cache is closed.');
    // An exchange or a new beginning that failed, on a full disk say, is made up for when there is room again.
    if (this.#current === null) this.open();
    return this.#current!.writer;
  }

  #closeQuietly(): void {
    const open = [this.#snapshot, this.#current];
    this.#snapshot = null;
    this.#current = null;
    for (const one of open) {
      try {
        one?.store.close();
      } catch {
        // It is damaged; what matters is that it is not used any more.
      }
    }
  }
}
