import type { Logger } from 'pino';
import { findKind, subjectKinds } from '../shared/domain/registry.ts';
import { type RootRow, type SubjectRef, parseSubjectRef } from '../shared/domain/subject/subject-kind.ts';
import type { Clock } from '../shared/primitives/clock.ts';
import type { ChannelAdapter } from './channels/channel.ts';
import type { Commit, EventLog } from './event-log/event-log.ts';
import { erasedIn, tellsOfErasure } from './event-log/tells-of-erasure.ts';
import type { FileStore } from './files/file-store.ts';

const NAME = 'eraser';
/** Up to where channels have forgotten: further than everything else may be. */
const CHANNELS = 'eraser-channels';
const RETRY_MS = 2000;

/** A subject that was erased: when (epoch ms), and by which event. */
export interface ErasedSubject {
  subject: SubjectRef;
  at: number;
  seq: number;
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
  /** Seq up to which channels have forgotten who was erased: what they tell now may be of somebody erased since. */
  forgottenUpTo(): number;
  stop(): Promise<void>;
}

/**
 * What an erasure leaves to do outside of its transaction (SYNC-L7). Channels forget the customer in the same turn: what
 * they hand in later is of somebody else, and what they handed in before is refused by the log. Files on the disk and the
 * log of the database follow. Durable cursors say up to where each is done; doing it again is harmless.
 */
export function createEraser(parts: EraserParts): Eraser {
  const { eventLog, channels, scrub, clock, logger } = parts;
  let isRunning = false;
  /** Nobody knows what the process before this one got done. */
  let isScrubbed = false;
  /** Where channels did not forget somebody who was erased after it: the seq before. */
  let behind: number | null = Math.max(eventLog.readReactorCursor(CHANNELS), eventLog.readReactorCursor(NAME));
  let failures = 0;
  let work = Promise.resolve();
  let unsubscribe = (): void => {};
  let cancelRetry = (): void => {};

  function poke(): void {
    work = work.then(() => (isRunning ? eraseAll() : undefined));
  }

  function forgetAtOnce(commit: Commit): void {
    try {
      forget(channels, eventLog, [...erasedIn(commit)]);
    } catch (error) {
      failures += 1;
      behind = Math.min(behind ?? Number.POSITIVE_INFINITY, commit.events[0]!.seq - 1);
      logger.error({ err: error }, 'a channel could not forget who was erased; it is tried again');
    }
  }

  async function eraseAll(): Promise<void> {
    cancelRetry();
    try {
      const erased = await listErased(eventLog);
      await catchUp(erased);
      if (await eraseRest(parts, erased)) isScrubbed = false;
      isScrubbed ||= scrub();
      if (isScrubbed) return;
    } catch (error) {
      logger.error({ err: error }, 'what was erased could not be removed everywhere; it is tried again');
    }
    if (isRunning) cancelRetry = clock.after(RETRY_MS, poke);
  }

  /** Has channels forget whom they did not at once: never twice, since who came back is somebody else. */
  async function catchUp(erased: readonly ErasedSubject[]): Promise<void> {
    const failuresBefore = failures;
    if (behind !== null) {
      const since = behind;
      const missed = erased.filter(({ seq }) => seq > since).map(({ subject }) => subject);
      forget(channels, eventLog, missed);
      if (failures === failuresBefore) behind = null;
    }
    const last = erased.at(-1);
    if (last !== undefined && behind === null) await eventLog.submitFromReactor(CHANNELS, last.seq, []);
  }

  return {
    start: () => {
      if (isRunning) return;
      isRunning = true;
      unsubscribe = eventLog.onCommit((commit) => {
        if (!tellsOfErasure(commit)) return;
        forgetAtOnce(commit);
        poke();
      });
      poke();
    },
    finish: () => work,
    forgottenUpTo: () => behind ?? eventLog.head(),
    stop: async () => {
      isRunning = false;
      unsubscribe();
      behind ??= eventLog.head();
      cancelRetry();
      await work;
    },
  };
}

/** Has every channel delete what it keeps of these subjects, and notes the files that it kept for them. */
function forget(
  channels: ReadonlyMap<string, ChannelAdapter>,
  eventLog: Pick<EventLog, 'noteErasedFiles'>,
  subjects: readonly SubjectRef[],
): void {
  for (const { kind, id } of subjects.map(parseSubjectRef)) {
    for (const channel of channels.values()) eventLog.noteErasedFiles(channel.erase?.(kind, id) ?? []);
  }
}

/** @returns whether there was anything to do */
async function eraseRest(parts: EraserParts, erased: readonly ErasedSubject[]): Promise<boolean> {
  const { eventLog, channels, files, remember, logger } = parts;
  const fileIds = eventLog.listErasedFiles();
  if (erased.length === 0 && fileIds.length === 0) return false;
  const unsent = new Set([...channels.values()].flatMap((channel) => channel.listUnsent?.(fileIds) ?? []));
  // An agent who has one of them in a message that was not sent uploads it again (SYNC-A1); a customer could not.
  files.remove(fileIds.filter((fileId) => !unsent.has(fileId) && eventLog.listFileSubjects(fileId).length === 0));
  // Behind what is here: while the list cannot be written, nothing else is to wait for it.
  await remember(erased);
  eventLog.forgetErasedFiles(fileIds);
  const last = erased.at(-1);
  if (last !== undefined) await eventLog.submitFromReactor(NAME, last.seq, []);
  logger.info({ subjects: erased.length, files: fileIds.length }, 'erased');
  return true;
}

/** What was erased since the cursor, in order. */
async function listErased(eventLog: EventLog): Promise<ErasedSubject[]> {
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
