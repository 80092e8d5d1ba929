import type { Logger } from 'pino';
import { findKind, kindOf } from '../../shared/domain/registry.ts';
import type { RootRow, SubjectReader, SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { Clock, Random } from '../../shared/primitives/clock.ts';
import { Subscribable } from '../../shared/primitives/subscribable.ts';
import { makeUuidV7 } from '../../shared/primitives/uuid-v7.ts';
import type { CommandResult } from '../../shared/relay-protocol/commands.ts';
import type { LoggedEvent, SubjectSnapshot } from '../../shared/relay-protocol/frames.ts';
import { type CommandJob, CommandWriter, retryResult } from './command-writer.ts';
import type { PlanDelivery } from './effects.ts';
import type { Commit, EventLog, LogSubmission, Submitter } from './event-log.ts';
import type { LogStorage, TransactionName } from './log-storage.ts';
import { RowView } from './row-view.ts';
import { type AfterTurn, openTurnEnd } from './turn-end.ts';

/** Commands in one transaction at most, so that a flood does not hold everybody else up. */
const MAX_GROUP = 256;
/** Events and results forgotten before others have a turn. */
const CHUNK = 500;

export interface EventLogOptions {
  /** Opened for this log: it is the storage's one writer. */
  storage: LogStorage;
  clock: Clock;
  random: Random;
  plan: PlanDelivery;
  /**
   * Whether the relay has a file and the submitter may attach it. Knowing a hash must not be enough: who attaches a
   * file gives it to all who see the conversation.
   */
  hasFile(fileId: string, by: Submitter): boolean;
  /** Other subjects that are the same person as this one, by what channels know: they are erased with it (SYNC-L7). */
  listSame?: (subject: SubjectRef) => SubjectRef[];
  logger: Pick<Logger, 'error' | 'fatal'>;
  /** When a group is committed: after the present turn of the event loop unless told otherwise. */
  afterTurn?: AfterTurn;
}

/** Id of a new lineage. */
export function makeEpoch(clock: Clock, random: Random): string {
  return makeUuidV7(clock.now(), random.bytes(10));
}

interface WaitingJob extends CommandJob {
  resolve(results: CommandResult[]): void;
}

/** The event log on a storage. */
export function openEventLog(options: EventLogOptions): EventLog {
  const { storage, clock, random, logger, plan, hasFile } = options;
  const turnEnd = options.afterTurn === undefined ? openTurnEnd() : { afterTurn: options.afterTurn, close: () => {} };
  const { afterTurn } = turnEnd;
  const { records, rows, deliveries, timers } = storage;
  let { floor } = records.readMeta();
  let lineages = records.listLineages();

  const commits = new Subscribable<Commit>();
  const writer = new CommandWriter({
    storage,
    clock,
    random,
    plan,
    hasFile,
    listSame: options.listSame,
    logger,
    publish: (commit) => commits.publish(commit),
  });

  let queue: WaitingJob[] = [];
  let isScheduled = false;
  let isClosed = false;

  function enqueue({ submissions, reactor }: CommandJob, resolve: WaitingJob['resolve']): void {
    if (isClosed) {
      resolve(submissions.map(({ command }) => retryResult(command.id, 'relay-stopping', random)));
      return;
    }
    queue.push({ submissions, reactor, resolve });
    schedule();
  }

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    afterTurn(() => {
      isScheduled = false;
      commitGroup();
      if (queue.length > 0) schedule();
    });
  }

  function commitGroup(): void {
    let commands = 0;
    let jobs = 0;
    while (jobs < queue.length && commands < MAX_GROUP) {
      commands += queue[jobs]!.submissions.length;
      jobs += 1;
    }
    if (jobs === 0) return;
    const results = writer.execute(queue.slice(0, jobs));
    const done = queue.slice(0, results.length);
    queue = queue.slice(results.length);
    for (const [index, job] of done.entries()) job.resolve(results[index]!);
  }

  const nextTurn = (): Promise<void> => new Promise((resolve) => afterTurn(resolve));

  /** Repeats `step`, each time in a transaction and a turn of its own, until it has done less than a whole chunk. */
  async function inChunks(name: TransactionName, step: () => number): Promise<number> {
    let total = 0;
    for (;;) {
      const done = storage.transaction(name, step);
      total += done;
      if (done < CHUNK) return total;
      await nextTurn();
    }
  }

  function readItems(subject: SubjectRef, before: number, limit: number): SubjectSnapshot | null {
    const kind = kindOf(subject);
    const root = new RowView(rows).read(subject).root();
    if (kind === undefined || root === null) return null;
    const { items, isComplete } = rows.listItemsBefore(subject, before, limit);
    // Rows have the fields of their kind beside those the schema names.
    return { subject, asOf: writer.head, root: { ...root }, items, isComplete } as SubjectSnapshot;
  }

  const log: { epoch: string } & Omit<EventLog, 'epoch'> = {
    epoch: records.readMeta().epoch,
    lineages: () => lineages,
    head: () => writer.head,
    floor: () => floor,

    submit: (submission: LogSubmission) =>
      new Promise((resolve) => enqueue({ submissions: [submission], reactor: null }, ([result]) => resolve(result!))),
    submitEach: (submissions) =>
      new Promise((resolve) => {
        const results: CommandResult[] = [];
        // A transaction takes whole jobs from the front of the queue: the last to come is the last one.
        const answered = ([result]: CommandResult[]): void => {
          if (results.push(result!) === submissions.length) resolve(results);
        };
        if (submissions.length === 0) resolve(results);
        for (const submission of submissions) enqueue({ submissions: [submission], reactor: null }, answered);
      }),
    commitWaiting: () => {
      if (queue.length === 0) return false;
      commitGroup();
      return true;
    },
    submitFromReactor: (name, cursor, submissions) =>
      new Promise((resolve) => enqueue({ submissions, reactor: { name, cursor } }, resolve)),
    readReactorCursor: (name) => records.readCursor(name),

    mayHaveAcknowledged: (device, { commandId, n, seq }) => {
      const known = records.findResult(commandId)?.result;
      return known === undefined ? n <= writer.readAckedN(device) : known.ok && known.seq === seq;
    },
    findResults: async (commandIds) => commandIds.flatMap((id) => records.findResult(id)?.result ?? []),

    read: <Root extends RootRow>(subject: SubjectRef): SubjectReader<Root> => ({
      root: () => new RowView(rows).read<Root>(subject).root(),
      item: (table, id) => new RowView(rows).read(subject).item(table, id),
    }),
    readEvents: async (after, limit): Promise<LoggedEvent[]> => records.listEvents(after, limit),
    readStoredEvents: async (after, limit) => records.listStoredEvents(after, limit),
    readSnapshot: async (subject) => readItems(subject, Number.MAX_SAFE_INTEGER, kindOf(subject)?.tailLength ?? 0),
    readItemsBefore: async (subject, before, limit) => readItems(subject, before, limit),
    listRoots: async (kind) => {
      const known = findKind(kind);
      return known === undefined ? [] : storage.listRoots(known, nextTurn);
    },

    onCommit: (listener) =>
      commits.subscribe((commit) => {
        try {
          listener(commit);
        } catch (error) {
          logger.error({ err: error }, 'a listener of commits failed');
        }
      }),

    readAckedN: (deviceId) => writer.readAckedN(deviceId),
    raiseAckedN: (deviceId, agentId, ackedN) => writer.raiseAckedN(deviceId, agentId, ackedN),
    listFileSubjects: (fileId) => records.listFileSubjects(fileId),
    noteErasedFiles: (fileIds) => {
      if (fileIds.length > 0) storage.transaction('note-erased-files', () => records.noteErasedFiles(fileIds));
    },
    listErasedFiles: () => records.listErasedFiles(),
    forgetErasedFiles: (fileIds) =>
      storage.transaction('forget-erased-files', () => records.forgetErasedFiles(fileIds)),

    rotateEpoch: (since = writer.head) => {
      const next = { epoch: makeEpoch(clock, random), since: Math.min(since, writer.head) };
      lineages = storage.transaction('rotate-epoch', () => {
        records.startLineage(next);
        return records.listLineages();
      });
      log.epoch = next.epoch;
    },
    truncate: async (keepFrom) => {
      const nextFloor = Math.min(keepFrom - 1, writer.head);
      if (nextFloor <= floor) return;
      // The floor first: nobody may be promised events that are about to go.
      storage.transaction('truncate', () => records.setFloor(nextFloor));
      floor = nextFloor;
      await inChunks('truncate', () => {
        const events = records.listEvents(0, CHUNK).filter(({ seq }) => seq <= nextFloor);
        for (const event of events) records.deleteEvent(event);
        return events.length;
      });
    },
    pruneResults: async (olderThan) => {
      // What devices say to have is what may go.
      writer.writeAcks();
      return inChunks('prune-results', () => records.deleteResults(olderThan, CHUNK));
    },
    pruneDeliveries: (olderThan) =>
      inChunks('prune-deliveries', () => storage.deliveries.forgetSettled(olderThan, CHUNK)),

    deliveries,
    timers,

    close: async () => {
      isClosed = true;
      while (queue.length > 0) commitGroup();
      writer.writeAcks();
      turnEnd.close();
    },
  };
  return log;
}
