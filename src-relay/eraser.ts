import type { Logger } from 'pino';
import { findKind, subjectKinds } from '../shared/domain/registry.ts';
import { type RootRow, type SubjectRef, parseSubjectRef } from '../shared/domain/subject/subject-kind.ts';
import type { Clock } from '../shared/primitives/clock.ts';
import type { ChannelAdapter } from './channels/channel.ts';
import type { EventLog } from './event-log/event-log.ts';
import { tellsOfErasure } from './event-log/tells-of-erasure.ts';
import type { FileStore } from './files/file-store.ts';

const NAME = 'eraser';
const RETRY_MS = 2000;

/** A subject that was erased, and when (epoch ms). */
export interface ErasedSubject {
  subject: SubjectRef;
  at: number;
}

interface EraserParts {
  eventLog: EventLog;
  channels: ReadonlyMap<string, ChannelAdapter>;
  files: Pick<FileStore, 'remove'>;
  /** Remembers them where a restore of an older backup finds them: ids only. May be told the same again. */
  remember(erased: readonly ErasedSubject[]): Promise<void>;
  /** Takes what was deleted out of the database's log. @returns false when it has to be tried again */
  scrub(): boolean;
  clock: Clock;
  logger: Pick<Logger, 'error' | 'info'>;
}

export interface Eraser {
  /** Does what an erasure left to do when the relay stopped, and from now on what each one leaves. */
  start(): void;
  /** Resolves once what was erased so far is gone everywhere, or could not be removed yet and is tried again later. */
  finish(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * What an erasure leaves to do outside of its transaction (SYNC-L7): what channels keep of the customer, files on the
 * disk, the log of the database. A durable cursor says up to where it is done; doing it again is harmless.
 */
export function createEraser(parts: EraserParts): Eraser {
  const { eventLog, scrub, clock, logger } = parts;
  let isRunning = false;
  /** Nobody knows what the process before this one got done. */
  let isScrubbed = false;
  let work = Promise.resolve();
  let unsubscribe = (): void => {};
  let cancelRetry = (): void => {};

  function poke(): void {
    work = work.then(() => (isRunning ? eraseAll() : undefined));
  }

  async function eraseAll(): Promise<void> {
    cancelRetry();
    try {
      if (await eraseRest(parts)) isScrubbed = false;
      isScrubbed ||= scrub();
      if (isScrubbed) return;
    } catch (error) {
      logger.error({ err: error }, 'what was erased could not be removed everywhere; it is tried again');
    }
    if (isRunning) cancelRetry = clock.after(RETRY_MS, poke);
  }

  return {
    start: () => {
      if (isRunning) return;
      isRunning = true;
      unsubscribe = eventLog.onCommit((commit) => {
        if (tellsOfErasure(commit)) poke();
      });
      poke();
    },
    finish: () => work,
    stop: async () => {
      isRunning = false;
      unsubscribe();
      cancelRetry();
      await work;
    },
  };
}

/** @returns whether there was anything to do */
async function eraseRest(parts: EraserParts): Promise<boolean> {
  const { eventLog, channels, files, remember, logger } = parts;
  const erased = await listErased(eventLog);
  const unlinked = eventLog.listErasedFiles();
  if (erased.length === 0 && unlinked.length === 0) return false;
  const fileIds = new Set(unlinked);
  for (const { subject } of erased) {
    const { kind, id } = parseSubjectRef(subject);
    for (const channel of channels.values()) for (const fileId of channel.erase?.(kind, id) ?? []) fileIds.add(fileId);
  }
  // Whoever has one of them in a message that was not sent uploads it again (SYNC-A1).
  await files.remove([...fileIds].filter((fileId) => eventLog.listFileSubjects(fileId).length === 0));
  // Behind what is here: while the list cannot be written, a channel must not say again who that was.
  await remember(erased.map(({ subject, at }) => ({ subject, at })));
  eventLog.forgetErasedFiles(unlinked);
  const last = erased.at(-1);
  if (last !== undefined) await eventLog.submitFromReactor(NAME, last.seq, []);
  logger.info({ subjects: erased.length, files: fileIds.size }, 'erased');
  return true;
}

/** What was erased since the cursor, in order. */
async function listErased(eventLog: EventLog): Promise<(ErasedSubject & { seq: number })[]> {
  const cursor = eventLog.readReactorCursor(NAME);
  const kinds = subjectKinds.filter(({ erases }) => erases !== undefined);
  const roots = await Promise.all(kinds.map(async ({ name }) => ({ name, rows: await eventLog.listRoots(name) })));
  const since = roots.flatMap(({ name, rows }) =>
    rows
      .filter(({ asOf }) => asOf > cursor)
      .map((row: RootRow) => ({ ...findKind(name)!.erases!(row), seq: row.asOf })),
  );
  return since.sort((one, other) => one.seq - other.seq);
}
