import { type SubjectRef, subjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import { AppError } from '../../../shared/errors.ts';
import type { SubjectSnapshot } from '../../../shared/relay-protocol/frames.ts';
import { type DiskRoom, isDiskFull } from '../disk-room.ts';
import { giveBackMemory } from './give-back-memory.ts';
import type { CacheReader, PreparedCommand } from './cache-reader.ts';
import type { CacheThreads } from './cache-threads.ts';
import type { CachePosition } from './cache-writer.ts';
import type { DigestOutcome, ToldDigest } from './compare-digest.ts';
import type { FrameContext, GivenFrame, GivenPage } from './given-frame.ts';
import type { LocalStateCopy, RefusedCommand } from './local-state.ts';
import { isDamage } from './open-database.ts';
import type { PendingCommand } from './pending-command.ts';
import { type ThreadLink, isThreadDeath } from './thread-link.ts';
import type { FrameOutcome, PageOutcome, WriterHost } from './writer-host.ts';

/** What lies in the outbox file, for the reader. */
export interface LocalCopy {
  local: LocalStateCopy;
  pending: readonly PendingCommand[];
}

export interface CacheParts {
  threads: CacheThreads;
  events: CacheEvents;
  /** Asked for it whenever a reader begins. */
  readLocal(): LocalCopy;
  /** Given up when the disk is full; while it is low nothing more is cached. */
  room: DiskRoom;
}

export interface CacheEvents {
  /** The cache could not be used and begins anew: a snapshot has to be fetched. */
  onRebuilt(): void;
  /** These subjects look different now. */
  onChanged(subjects: readonly SubjectRef[]): void;
  /** The whole content was exchanged for a newer snapshot. */
  onSwapped(): void;
}

/**
 * The cache as the core's main thread uses it: one writer, one reader, each in a thread of its own. A damaged file is
 * noticed by whichever meets it first, moved aside and begun anew; whoever asked meanwhile gets an answer from the new one.
 * A thread that died is started again.
 */
export class Cache {
  readonly #parts: CacheParts;
  #writer: ThreadLink<WriterHost>;
  #reader: ThreadLink<CacheReader>;
  /** While the file is exchanged, whoever reads waits for this, and for one that follows on it. */
  #exchange: Promise<void> | null = null;
  #position: CachePosition;
  #isClosed = false;

  private constructor(
    parts: CacheParts,
    writer: ThreadLink<WriterHost>,
    reader: ThreadLink<CacheReader>,
    position: CachePosition,
  ) {
    this.#parts = parts;
    this.#writer = writer;
    this.#reader = reader;
    this.#position = position;
  }

  /** Opens the cache, making an empty one where there is none that can be used. */
  static async open(parts: CacheParts): Promise<Cache> {
    const { threads, events, readLocal, room } = parts;
    const writer = threads.startWriter();
    const reader = threads.startReader();
    try {
      const opening = writer.call('open').catch((error: unknown) => {
        if (isDiskFull(error) && room.giveUp()) return writer.call('open');
        throw error;
      });
      const { state, wasUnclean, position } = await opening;
      const cache = new Cache(parts, writer, reader, position);
      const { local, pending } = readLocal();
      await reader.call('setLocal', local, pending);
      try {
        await reader.call('open');
      } catch (error) {
        if (!isDamage(error)) throw error;
        await cache.#rebuild();
      }
      if (state === 'rebuilt') events.onRebuilt();
      else if (wasUnclean) void quietly(cache.#check());
      return cache;
    } catch (error) {
      await Promise.all([writer.end(), reader.end()]);
      throw error;
    }
  }

  /** As of the last frame applied. */
  get position(): CachePosition {
    return this.#position;
  }

  heldDigest(): Promise<{ count: number; digest: string }> {
    return this.#write(() => this.#writer.call('heldDigest'));
  }

  heldIds(kind: string, afterId: string, limit: number): Promise<string[]> {
    return this.#write(() => this.#writer.call('heldIds', kind, afterId, limit));
  }

  dirtySubjects(limit: number): Promise<SubjectRef[]> {
    return this.#write(() => this.#writer.call('dirtySubjects', limit));
  }

  /** @throws AppError `invalid` (`malformed-message`) for bytes that are no frame */
  async applyFrame(frame: GivenFrame, epoch: string, heldSince: number, context?: FrameContext): Promise<FrameOutcome> {
    const outcome = await this.#grow(() => this.#writer.call('applyFrame', frame, epoch, heldSince, context)).catch(
      async (error: unknown) => {
        if (this.#parts.room.isLow) await this.#leaveOnly(frame);
        throw error;
      },
    );
    if (!outcome.isApplied) return outcome;
    // Behind it: whoever waits for the frame does not wait for this. What fails here fails again there.
    void quietly(this.#writer.call('tidy'));
    this.#position = { ...this.#position, epoch, heldSince, cursor: outcome.cursor };
    if (outcome.touched.length > 0) this.#parts.events.onChanged(outcome.touched);
    return outcome;
  }

  /** What the agent may not see any more goes also when there is no room for what is new (SYNC-V2, SYNC-F1). */
  async #leaveOnly(frame: GivenFrame): Promise<void> {
    const given = frame instanceof Uint8Array ? frame : { from: frame.from, leave: frame.leave };
    const left = await this.#write(() => this.#writer.call('leaveOnly', given));
    if (left.length > 0) this.#parts.events.onChanged(left);
  }

  async beginSnapshot(): Promise<void> {
    await this.#write(async () => {
      await this.#readerRests(() => this.#writer.call('beginSnapshot'));
      this.#position = await this.#writer.call('position');
    });
  }

  /** With the last page the snapshot is complete and in use. @throws AppError as `applyFrame` */
  async applyPage(page: GivenPage, epoch: string, heldSince: number): Promise<PageOutcome> {
    return this.#grow(async () => {
      const outcome = await this.#writer.call('applyPage', page, epoch, heldSince);
      const { touched, isReadyToSwap } = outcome;
      if (isReadyToSwap) await this.#readerRests(() => this.#writer.call('swap'));
      else void quietly(this.#writer.call('tidy'));
      if (outcome.isLast) this.#position = await this.#writer.call('position');
      if (isReadyToSwap) this.#parts.events.onSwapped();
      else if (touched.length > 0) this.#parts.events.onChanged(touched);
      return outcome;
    });
  }

  async abandonSnapshot(): Promise<void> {
    await this.#write(async () => {
      await this.#readerRests(() => this.#writer.call('abandonSnapshot'));
      this.#position = await this.#writer.call('position');
    });
  }

  /** @returns false when it has to be asked for again */
  async applyWanted(snapshot: SubjectSnapshot, before: number | null): Promise<boolean> {
    const isTaken = await this.#grow(() => this.#writer.call('applyWanted', snapshot, before));
    if (!isTaken) return false;
    // Rows that were mended are no newer than they were, by which the reader would know them.
    if (before === null) await this.#read(() => this.#reader.call('predictAgain', [snapshot.subject]));
    this.#parts.events.onChanged([snapshot.subject]);
    return true;
  }

  /** A long catch-up is over: the memory that it took is not needed any more. */
  async settle(): Promise<void> {
    await quietly(this.#writer.call('settle'));
    await quietly(this.#reader.call('settle'));
    giveBackMemory();
  }

  /** Compares stored rows with what the relay says of them (SYNC-D4). */
  checkDigest(told: ToldDigest): Promise<DigestOutcome> {
    return this.#write(() => this.#writer.call('checkDigest', told));
  }

  async putFile(fileId: string, subject: SubjectRef, chunks: readonly Uint8Array[], fetchedAt: number): Promise<void> {
    await this.#grow(() => this.#writer.call('putFile', fileId, subject, chunks, fetchedAt));
  }

  /** Forgets what nobody asks for any more. */
  async prune(): Promise<void> {
    await this.#write(() => this.#writer.call('prune'));
  }

  /** Answers a request of a view from confirmed rows with pending work on top. */
  query(name: string, input: unknown): Promise<unknown> {
    return this.#read(() => this.#reader.call('query', name, input));
  }

  prepare(type: string, args: unknown, commandId: string, now: number): Promise<PreparedCommand> {
    return this.#read(() => this.#reader.call('prepare', type, args, commandId, now));
  }

  async addPending(pending: PendingCommand): Promise<void> {
    await this.#read(() => this.#reader.call('addPending', pending));
    this.#parts.events.onChanged(pending.command.subjects as SubjectRef[]);
  }

  async removePending(commandIds: readonly string[]): Promise<void> {
    const subjects = await this.#read(() => this.#reader.call('removePending', commandIds));
    if (subjects.length > 0) this.#parts.events.onChanged(subjects);
  }

  async setDraft(conversationId: string, start: string | null): Promise<void> {
    await this.#read(() => this.#reader.call('setDraft', conversationId, start));
    this.#parts.events.onChanged([subjectRef('conversation', conversationId)]);
  }

  async setSeen(conversationId: string, position: number): Promise<void> {
    await this.#read(() => this.#reader.call('setSeen', conversationId, position));
    this.#parts.events.onChanged([subjectRef('conversation', conversationId)]);
  }

  async setRefused(refused: readonly RefusedCommand[]): Promise<void> {
    await this.#read(() => this.#reader.call('setRefused', refused));
  }

  /**
   * Drops the key of everything cached, deletes it, and goes on with an empty one: drafts and refused commands are still
   * shown. Both threads begin anew, since they knew the key: also where nothing can be deleted nothing is read any more.
   */
  async clear(): Promise<void> {
    while (this.#exchange !== null) await this.#exchange;
    await this.#exchanging(async () => {
      const { threads, readLocal } = this.#parts;
      await quietly(this.#reader.call('close'));
      await quietly(this.#writer.call('close'));
      const dropping = (async () => threads.dropKey())();
      await quietly(dropping);
      await Promise.all([quietly(this.#reader.end()), quietly(this.#writer.end())]);
      // Also when it fails: what was there is gone, and begins anew.
      this.#position = { ...this.#position, epoch: null, cursor: 0, heldSince: 0 };
      this.#writer = threads.startWriter();
      this.#reader = threads.startReader();
      const { local, pending } = readLocal();
      await this.#reader.call('setLocal', local, pending);
      const { position } = await this.#writer.call('clear');
      this.#position = position;
      await this.#reader.call('open');
      // A key that could not be dropped, on a full disk, is tried again with all the rest.
      await dropping;
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#exchange;
    // The reader first: only the last connection to close folds the write-ahead log into the file.
    await quietly(this.#reader.call('close'));
    await quietly(this.#writer.call('close'));
    await Promise.all([this.#reader.end(), this.#writer.end()]);
  }

  /** Closes and deletes it. */
  async remove(): Promise<void> {
    this.#isClosed = true;
    await this.#exchange;
    await quietly(this.#reader.call('close'));
    await quietly((async () => this.#parts.threads.dropKey())());
    const removing = this.#writer.call('remove');
    await quietly(removing);
    await Promise.all([removing, this.#reader.end(), this.#writer.end()]);
  }

  async #check(): Promise<void> {
    const checker = this.#parts.threads.startCheck();
    try {
      if (!(await checker.call('check')) && !this.#isClosed) {
        await this.#rebuildOnce();
      }
    } catch {
      // What the check could not read, a reader will meet as well.
    } finally {
      await checker.end();
    }
  }

  async #read<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    while (this.#exchange !== null) await this.#exchange;
    try {
      return await work();
    } catch (error) {
      if (isThreadDeath(error) && !this.#isClosed) await this.#reviveReader();
      else if (isDamage(error)) await this.#rebuildOnce();
      else throw error;
      return work();
    }
  }

  #write<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const writer = this.#writer;
    return work().catch(async (error: unknown) => {
      if (isDiskFull(error)) this.#parts.room.giveUp();
      else if (isThreadDeath(error) && !this.#isClosed) await this.#reviveWriter(writer);
      else if (isDamage(error)) await this.#rebuildOnce();
      throw error;
    });
  }

  /** As `#write`, for what takes room on the disk. While that is low, what is left is for unsent work (SYNC-F1). */
  async #grow<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    if (this.#parts.room.isLow) {
      throw new AppError('storage', 'The disk is full; nothing more is cached.', { reason: 'disk-full' });
    }
    return this.#write(work);
  }

  /** Starts the reader again, on what the outbox file holds now. Whoever meets its death meanwhile waits for the same. */
  async #reviveReader(): Promise<void> {
    if (this.#exchange !== null) {
      await this.#exchange;
      return;
    }
    await this.#exchanging(async () => {
      await quietly(this.#reader.end());
      this.#reader = this.#parts.threads.startReader();
      const { local, pending } = this.#parts.readLocal();
      await this.#reader.call('setLocal', local, pending);
      await this.#reader.call('open');
    });
  }

  /** Once, whoever met its death. What it was at is lost, and asked for again; the file is as after a crash. */
  async #reviveWriter(dead: ThreadLink<WriterHost>): Promise<void> {
    while (this.#exchange !== null) await this.#exchange;
    if (this.#writer !== dead) return;
    await this.#readerRests(async () => {
      await quietly(this.#writer.end());
      this.#writer = this.#parts.threads.startWriter();
      const { state, position } = await this.#writer.call('open');
      this.#position = position;
      if (state === 'rebuilt') this.#parts.events.onRebuilt();
    });
    void quietly(this.#check());
  }

  /** Both threads may meet the same damage; only the first rebuilds. */
  async #rebuildOnce(): Promise<void> {
    if (this.#exchange !== null) {
      await this.#exchange;
      return;
    }
    await this.#rebuild();
    this.#parts.events.onRebuilt();
  }

  async #rebuild(): Promise<void> {
    await this.#readerRests(async () => {
      const { position } = await this.#writer.call('rebuild');
      this.#position = position;
    });
  }

  /** Runs `work` while the reader's file is closed, and opens it again. */
  async #readerRests(work: () => Promise<unknown>): Promise<void> {
    await this.#exchanging(async () => {
      await quietly(this.#reader.call('close'));
      try {
        await work();
      } catch (error) {
        // The old file is still there, and views go on reading it.
        await quietly(this.#reader.call('open'));
        throw error;
      }
      await this.#reader.call('open');
    });
  }

  /** Whoever reads waits until `work` is done. */
  async #exchanging(work: () => Promise<unknown>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#exchange = promise;
    try {
      await work();
    } finally {
      this.#exchange = null;
      resolve();
    }
  }
}

/** A file that is damaged may not close in order; what matters is that it is not used any more. */
function quietly(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch(() => undefined);
}
