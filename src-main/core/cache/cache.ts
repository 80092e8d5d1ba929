import { type SubjectRef, subjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import type { Frame, SnapshotPage, SubjectSnapshot } from '../../../shared/relay-protocol/frames.ts';
import type { CacheReader, PreparedCommand } from './cache-reader.ts';
import type { CacheThreads } from './cache-threads.ts';
import type { CachePosition, FrameOutcome } from './cache-writer.ts';
import type { DigestOutcome, ToldDigest } from './compare-digest.ts';
import type { LocalStateCopy, RefusedCommand } from './local-state.ts';
import { isDamage } from './open-database.ts';
import type { PendingCommand } from './pending-command.ts';
import type { ThreadLink } from './thread-link.ts';
import type { WriterHost } from './writer-host.ts';

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
 */
export class Cache {
  readonly #threads: CacheThreads;
  readonly #events: CacheEvents;
  readonly #writer: ThreadLink<WriterHost>;
  readonly #reader: ThreadLink<CacheReader>;
  /** While the file is exchanged, whoever reads waits for this. */
  #exchange: Promise<void> | null = null;
  #position: CachePosition;
  #isClosed = false;

  private constructor(
    threads: CacheThreads,
    events: CacheEvents,
    writer: ThreadLink<WriterHost>,
    reader: ThreadLink<CacheReader>,
    position: CachePosition,
  ) {
    this.#threads = threads;
    this.#events = events;
    this.#writer = writer;
    this.#reader = reader;
    this.#position = position;
  }

  /**
   * Opens the cache, making an empty one where there is none that can be used.
   * @param local and `pending` what the outbox file holds, for the reader
   */
  static async open(
    threads: CacheThreads,
    events: CacheEvents,
    local: LocalStateCopy,
    pending: readonly PendingCommand[],
  ): Promise<Cache> {
    const writer = threads.startWriter();
    const reader = threads.startReader();
    try {
      const { state, wasUnclean, position } = await writer.call('open');
      const cache = new Cache(threads, events, writer, reader, position);
      await reader.call('setLocal', local, pending);
      try {
        await reader.call('open');
      } catch (error) {
        if (!isDamage(error)) throw error;
        await cache.#rebuild();
      }
      if (state === 'rebuilt') events.onRebuilt();
      else if (wasUnclean) void cache.#check();
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

  async heldDigest(): Promise<{ count: number; digest: string }> {
    return this.#write(() => this.#writer.call('heldDigest'));
  }

  async heldIds(kind: string, afterId: string, limit: number): Promise<string[]> {
    return this.#write(() => this.#writer.call('heldIds', kind, afterId, limit));
  }

  async dirtySubjects(limit: number): Promise<SubjectRef[]> {
    return this.#write(() => this.#writer.call('dirtySubjects', limit));
  }

  async applyFrame(frame: Frame, epoch: string, heldSince: number): Promise<FrameOutcome> {
    const outcome = await this.#write(() => this.#writer.call('applyFrame', frame, epoch, heldSince));
    if (!outcome.isApplied) return outcome;
    this.#position = { ...this.#position, epoch, heldSince, cursor: outcome.cursor };
    if (outcome.touched.length > 0) this.#events.onChanged(outcome.touched);
    return outcome;
  }

  async beginSnapshot(): Promise<void> {
    await this.#write(async () => {
      await this.#readerRests(() => this.#writer.call('beginSnapshot'));
      this.#position = await this.#writer.call('position');
    });
  }

  /** @returns true once the snapshot is complete and in use */
  async applyPage(page: SnapshotPage, epoch: string, heldSince: number): Promise<boolean> {
    return this.#write(async () => {
      const { touched, isReadyToSwap } = await this.#writer.call('applyPage', page, epoch, heldSince);
      if (isReadyToSwap) await this.#readerRests(() => this.#writer.call('swap'));
      if (page.isLast) this.#position = await this.#writer.call('position');
      if (isReadyToSwap) this.#events.onSwapped();
      else if (touched.length > 0) this.#events.onChanged(touched);
      return page.isLast;
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
    const isTaken = await this.#write(() => this.#writer.call('applyWanted', snapshot, before));
    if (!isTaken) return false;
    // Rows that were mended are no newer than they were, by which the reader would know them.
    if (before === null) await this.#read(() => this.#reader.call('predictAgain', [snapshot.subject]));
    this.#events.onChanged([snapshot.subject]);
    return true;
  }

  /** Compares stored rows with what the relay says of them (SYNC-D4). */
  async checkDigest(told: ToldDigest): Promise<DigestOutcome> {
    return this.#write(() => this.#writer.call('checkDigest', told));
  }

  async putFile(fileId: string, subject: SubjectRef, chunks: readonly Uint8Array[], fetchedAt: number): Promise<void> {
    await this.#write(() => this.#writer.call('putFile', fileId, subject, chunks, fetchedAt));
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
    this.#events.onChanged(pending.command.subjects as SubjectRef[]);
  }

  async removePending(commandIds: readonly string[]): Promise<void> {
    const subjects = await this.#read(() => this.#reader.call('removePending', commandIds));
    if (subjects.length > 0) this.#events.onChanged(subjects);
  }

  async setDraft(conversationId: string, hasDraft: boolean): Promise<void> {
    await this.#reader.call('setDraft', conversationId, hasDraft);
    this.#events.onChanged([subjectRef('conversation', conversationId)]);
  }

  async setSeen(conversationId: string, position: number): Promise<void> {
    await this.#reader.call('setSeen', conversationId, position);
    this.#events.onChanged([subjectRef('conversation', conversationId)]);
  }

  async setRefused(refused: readonly RefusedCommand[]): Promise<void> {
    await this.#reader.call('setRefused', refused);
  }

  /** Deletes everything cached and goes on with an empty one: drafts and refused commands are still shown. */
  async clear(): Promise<void> {
    await this.#exchange;
    await this.#readerRests(async () => {
      const { position } = await this.#writer.call('clear');
      this.#position = position;
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
    await this.#writer.call('remove');
    await Promise.all([this.#reader.end(), this.#writer.end()]);
  }

  async #check(): Promise<void> {
    const checker = this.#threads.startCheck();
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
    if (this.#exchange !== null) await this.#exchange;
    try {
      return await work();
    } catch (error) {
      if (!isDamage(error)) throw error;
      await this.#rebuildOnce();
      return work();
    }
  }

  async #write<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    try {
      return await work();
    } catch (error) {
      if (isDamage(error)) await this.#rebuildOnce();
      throw error;
    }
  }

  /** Both threads may meet the same damage; only the first rebuilds. */
  async #rebuildOnce(): Promise<void> {
    if (this.#exchange !== null) {
      await this.#exchange;
      return;
    }
    await this.#rebuild();
    this.#events.onRebuilt();
  }

  async #rebuild(): Promise<void> {
    await this.#readerRests(async () => {
      const { position } = await this.#writer.call('rebuild');
      this.#position = position;
    });
  }

  /** Runs `work` while the reader's file is closed, and opens it again. */
  async #readerRests(work: () => Promise<unknown>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#exchange = promise;
    try {
      await quietly(this.#reader.call('close'));
      try {
        await work();
      } catch (error) {
        // The old file is still there, and views go on reading it.
        await quietly(this.#reader.call('open'));
        throw error;
      }
      await this.#reader.call('open');
    } finally {
      this.#exchange = null;
      resolve();
    }
  }
}

async function quietly(promise: Promise<unknown>): Promise<void> {
  try {
    await promise;
  } catch {
    // A file that is damaged may not close in order; what matters is that it is not used any more.
  }
}
