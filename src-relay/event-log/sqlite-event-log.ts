import BetterSqlite3, { type Database } from 'better-sqlite3';
import type { Logger } from 'pino';
import { findKind, kindOf } from '../../shared/domain/registry.ts';
import type { RootRow, SubjectKind, SubjectReader, SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { Clock, Random } from '../../shared/primitives/clock.ts';
import { Subscribable } from '../../shared/primitives/subscribable.ts';
import { makeUuidV7 } from '../../shared/primitives/uuid-v7.ts';
import type { CommandResult } from '../../shared/relay-protocol/commands.ts';
import type { LoggedEvent, SubjectSnapshot } from '../../shared/relay-protocol/frames.ts';
import { type CommandJob, CommandWriter, retryResult } from './command-writer.ts';
import type { PlanDelivery } from './effects.ts';
import type { Commit, EventLog, LogSubmission, Submitter } from './event-log.ts';
import { prepareLogRecords } from './log-records.ts';
import { ProjectionTables } from './projection-tables.ts';
import { RowView } from './row-view.ts';
import { openDeliveryStore } from './sqlite-delivery-store.ts';
import { openTimerStore } from './sqlite-timer-store.ts';
import { type AfterTurn, openTurnEnd } from './turn-end.ts';
import { WriterFence } from './writer-fence.ts';

/** Commands in one transaction at most, so that a flood does not hold everybody else up. */
const MAX_GROUP = 256;
/** Rows read, or events and results forgotten, before others have a turn. */
const CHUNK = 500;

interface SqliteEventLogOptions {
  /** Of `openRelayDatabase`. It is the opener's to close, after the log. */
  database: Database;
  clock: Clock;
  random: Random;
  plan: PlanDelivery;
  /**
   * Whether the relay has a file and the submitter may attach it. Knowing a hash must not be enough: who attaches a
   * file gives it to all who see the conversation.
   */
  hasFile(fileId: string, by: Submitter): boolean;
  logger: Pick<Logger, 'error' | 'fatal'>;
  /** When a group is committed: after the present turn of the event loop unless told otherwise. */
  afterTurn?: AfterTurn;
}

interface WaitingJob extends CommandJob {
  resolve(results: CommandResult[]): void;
}

/** The event log on SQLite, with one writer: this process. */
export function openSqliteEventLog(options: SqliteEventLogOptions): EventLog {
  const { database, clock, random, logger, plan, hasFile } = options;
  const turnEnd = options.afterTurn === undefined ? openTurnEnd() : { afterTurn: options.afterTurn, close: () => {} };
  const { afterTurn } = turnEnd;
  const newEpoch = (): string => makeUuidV7(clock.now(), random.bytes(10));

  const records = prepareLogRecords(database);
  database.transaction(() => records.createMeta(newEpoch())).immediate();
  const tables = new ProjectionTables(database);
  const fence = new WriterFence(database);
  const deliveries = openDeliveryStore(database, fence);
  const timers = openTimerStore(database, fence);
  let { epoch, floor } = records.readMeta();
  let lineages = records.listLineages();

  const commits = new Subscribable<Commit>();
  const writer = new CommandWriter({
    database,
    records,
    tables,
    deliveries,
    timers,
    fence,
    clock,
    random,
    plan,
    hasFile,
    logger,
    publish: (commit) => commits.publish(commit),
  });

  let queue: WaitingJob[] = [];
  let isScheduled = false;
  let isClosed = false;

  function enqueue(job: CommandJob): Promise<CommandResult[]> {
    if (isClosed) {
      return Promise.resolve(job.submissions.map(({ command }) => retryResult(command.id, 'relay-stopping', random)));
    }
    return new Promise((resolve) => {
      queue.push({ ...job, resolve });
      schedule();
    });
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

  const inTransaction = <Result>(run: () => Result): Result =>
    database
      .transaction(() => {
        fence.check();
        return run();
      })
      .immediate();

  const nextTurn = (): Promise<void> => new Promise((resolve) => afterTurn(resolve));

  /** Repeats `step`, each time in a transaction and a turn of its own, until it has done less than a whole chunk. */
  async function inChunks(step: () => number): Promise<number> {
    let total = 0;
    for (;;) {
      const done = inTransaction(step);
      total += done;
      if (done < CHUNK) return total;
      await nextTurn();
    }
  }

  function readItems(subject: SubjectRef, before: number, limit: number): SubjectSnapshot | null {
    const kind = kindOf(subject);
    const root = new RowView(tables).read(subject).root();
    if (kind === undefined || root === null) return null;
    const { items, isComplete } = tables.listItemsBefore(subject, before, limit);
    // Rows have the fields of their kind beside those the schema names.
    return { subject, asOf: writer.head, root: { ...root }, items, isComplete } as SubjectSnapshot;
  }

  async function listRoots(kind: SubjectKind): Promise<RootRow[]> {
    // A connection of its own sees one state while others go on writing between its chunks.
    const source = database.memory ? database : new BetterSqlite3(database.name, { readonly: true });
    const list = source
      .prepare<[string], string>(`SELECT row FROM "${kind.tables[0]!.name}" WHERE id > ? ORDER BY id LIMIT ${CHUNK}`)
      .pluck();
    const roots: RootRow[] = [];
    try {
      if (source !== database) source.exec('BEGIN');
      for (;;) {
        const chunk = list.all(roots.at(-1)?.id ?? '').map((row) => JSON.parse(row) as RootRow);
        roots.push(...chunk);
        if (chunk.length < CHUNK) return roots;
        if (source !== database) await nextTurn();
      }
    } finally {
      if (source !== database) source.close();
    }
  }

  return {
    get epoch() {
      return epoch;
    },
    lineages: () => lineages,
    head: () => writer.head,
    floor: () => floor,

    submit: async (submission: LogSubmission) => {
      const [result] = await enqueue({ submissions: [submission], reactor: null });
      return result!;
    },
    submitFromReactor: (name, cursor, submissions) => enqueue({ submissions, reactor: { name, cursor } }),
    readReactorCursor: (name) => records.readCursor(name),

    read: <Root extends RootRow>(subject: SubjectRef): SubjectReader<Root> => ({
      root: () => new RowView(tables).read<Root>(subject).root(),
      item: (table, id) => new RowView(tables).read(subject).item(table, id),
    }),
    readEvents: async (after, limit): Promise<LoggedEvent[]> => records.listEvents(after, limit),
    readSnapshot: async (subject) => readItems(subject, Number.MAX_SAFE_INTEGER, kindOf(subject)?.tailLength ?? 0),
    readItemsBefore: async (subject, before, limit) => readItems(subject, before, limit),
    listRoots: async (kind) => {
      const known = findKind(kind);
      return known === undefined ? [] : listRoots(known);
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

    rotateEpoch: (since = writer.head) => {
      const next = { epoch: newEpoch(), since: Math.min(since, writer.head) };
      lineages = inTransaction(() => {
        records.startLineage(next);
        return records.listLineages();
      });
      epoch = next.epoch;
    },
    truncate: async (keepFrom) => {
      const nextFloor = Math.min(keepFrom - 1, writer.head);
      if (nextFloor <= floor) return;
      // The floor first: nobody may be promised events that are about to go.
      inTransaction(() => records.setFloor(nextFloor));
      floor = nextFloor;
      await inChunks(() => {
        const events = records.listEvents(0, CHUNK).filter(({ seq }) => seq <= nextFloor);
        for (const event of events) records.deleteEvent(event);
        return events.length;
      });
    },
    pruneResults: (olderThan) => inChunks(() => records.deleteResults(olderThan, CHUNK)),

    deliveries,
    timers,

    close: async () => {
      isClosed = true;
      while (queue.length > 0) commitGroup();
      writer.writeAcks();
      turnEnd.close();
    },
  };
}
