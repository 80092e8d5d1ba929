import { kindOf } from '../../shared/domain/registry.ts';
import type { Logger } from 'pino';
import { AppError, ERROR_KINDS, makeErrorBody, toErrorBody } from '../../shared/errors.ts';
import type { Clock, Random } from '../../shared/primitives/clock.ts';
import type { SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import type { CommandResult } from '../../shared/relay-protocol/commands.ts';
import type { LoggedEvent } from '../../shared/relay-protocol/frames.ts';
import { hashCommand } from './command-hash.ts';
import type { Effect, PlanDelivery } from './effects.ts';
import { eraseSubject } from './erase-subject.ts';
import type { Commit, LogSubmission, Submitter } from './event-log.ts';
import { type LogStorage, WriterReplacedError } from './log-storage.ts';
import { type PlannedCommand, planCommand } from './plan-command.ts';
import { RootCache, RowView } from './row-view.ts';

interface CommandWriterParts {
  storage: LogStorage;
  clock: Clock;
  random: Random;
  plan: PlanDelivery;
  hasFile(fileId: string, by: Submitter): boolean;
  listSame?: ((subject: SubjectRef) => SubjectRef[]) | undefined;
  logger: Pick<Logger, 'error' | 'fatal'>;
  publish(commit: Commit): void;
}

/** Facts in one transaction at most: commands over a thousand conversations are not to hold everybody else up. */
const MAX_CHANGES = 2000;

/** Consoles say with every command what they have: their marks are not written with every one of them. */
const ACKS_EVERY_MS = 1000;

/** Devices of which the mark is kept at hand. */
const KNOWN_ACKS = 10_000;

/** Commands that are executed together, and the reactor whose cursor they move. */
export interface CommandJob {
  submissions: readonly LogSubmission[];
  reactor: { name: string; cursor: number } | null;
}

interface GroupOutcome {
  results: CommandResult[][];
  events: LoggedEvent[];
  head: number;
  lastAt: number;
  view: RowView;
  /** Whether the marks are written with it. */
  hasAcks: boolean;
}

/** Executes groups of commands in one transaction each (SYNC-C2, SYNC-C4). */
export class CommandWriter {
  readonly #parts: CommandWriterParts;
  /** Marks that are not written yet. */
  readonly #acks = new Map<string, { agentId: string; ackedN: number }>();
  /** Marks by device, written or not: read before every command, and only this process raises them. */
  readonly #knownAcks = new Map<string, number>();
  readonly #roots = new RootCache();
  #head: number;
  #lastAt: number;
  #acksWrittenAt = Number.NEGATIVE_INFINITY;
  #isReplaced = false;

  constructor(parts: CommandWriterParts) {
    this.#parts = parts;
    this.#head = parts.storage.records.readMeta().head;
    this.#lastAt = parts.storage.records.readLastAt();
  }

  get head(): number {
    return this.#head;
  }

  /**
   * Executes jobs and makes what they did durable; at least the first of them, and as many as fit into one transaction.
   * Never throws.
   * @returns per job that was executed, one result per submission, in order
   */
  execute(jobs: readonly CommandJob[]): CommandResult[][] {
    if (this.#isReplaced) return jobs.map((job) => this.#retryAll(job, 'writer-replaced'));
    try {
      return this.#commit(jobs);
    } catch (error) {
      if (this.#isUnwritable(error)) {
        const reason = this.#reportFailure(error);
        return jobs.map((job) => this.#retryAll(job, reason));
      }
      // One of them cannot be written, and took the others down with it: each by itself, then.
      return jobs.map((job) => this.#executeApart(job));
    }
  }

  readAckedN(deviceId: string): number {
    const known = this.#knownAcks.get(deviceId);
    if (known !== undefined) return known;
    const ackedN = Math.max(this.#acks.get(deviceId)?.ackedN ?? 0, this.#parts.storage.records.readAckedN(deviceId));
    if (this.#knownAcks.size >= KNOWN_ACKS) this.#knownAcks.clear();
    this.#knownAcks.set(deviceId, ackedN);
    return ackedN;
  }

  /** Written with a commit of the next second or so: losing it only keeps results for longer. */
  raiseAckedN(deviceId: string, agentId: string, ackedN: number): void {
    if (ackedN <= this.readAckedN(deviceId)) return;
    this.#acks.set(deviceId, { agentId, ackedN });
    this.#knownAcks.set(deviceId, ackedN);
  }

  /** Writes the marks that no commit has taken along. */
  writeAcks(): void {
    if (this.#acks.size > 0) this.execute([]);
  }

  #commit(jobs: readonly CommandJob[]): CommandResult[][] {
    const outcome = this.#parts.storage.transaction('execute-commands', () => this.#runGroup(jobs));
    if (outcome.hasAcks && this.#acks.size > 0) {
      this.#acks.clear();
      this.#acksWrittenAt = this.#parts.clock.monotonic();
    }
    this.#roots.keep(outcome.view.roots());
    this.#head = outcome.head;
    this.#lastAt = outcome.lastAt;
    if (outcome.events.length > 0) this.#parts.publish({ events: outcome.events, touched: outcome.view.touched() });
    return outcome.results;
  }

  #runGroup(jobs: readonly CommandJob[]): GroupOutcome {
    const { records, rows } = this.#parts.storage;
    const group: GroupOutcome = {
      results: [],
      events: [],
      head: records.readMeta().head,
      lastAt: this.#lastAt,
      view: new RowView(rows, this.#roots),
      hasAcks: jobs.length === 0 || this.#parts.clock.monotonic() - this.#acksWrittenAt >= ACKS_EVERY_MS,
    };
    let changes = 0;
    for (const job of jobs) {
      const eventsBefore = group.events.length;
      const results = job.submissions.map((submission) => this.#runCommand(group, submission));
      // A command that has to be tried again holds its reactor back; those that went through are known by their ids.
      if (job.reactor !== null && results.every(isFinal)) records.setCursor(job.reactor.name, job.reactor.cursor);
      group.results.push(results);
      for (let index = eventsBefore; index < group.events.length; index += 1) {
        changes += group.events[index]!.changes.length;
      }
      if (changes >= MAX_CHANGES) break;
    }
    if (group.events.length > 0) records.setHead(group.head);
    if (group.hasAcks) {
      for (const [device, { agentId, ackedN }] of this.#acks) records.raiseAckedN(device, agentId, ackedN);
    }
    return group;
  }

  #runCommand(group: GroupOutcome, submission: LogSubmission): CommandResult {
    const { storage, clock, plan, hasFile, listSame } = this.#parts;
    const { records } = storage;
    const { command, device } = submission;
    const payloadHash = hashCommand(submission);
    const known = records.findResult(command.id);
    if (known !== undefined) {
      if (payloadHash.equals(known.payloadHash)) return known.result;
      return refusal(command.id, 'id_reuse', 'This command id was used for another command.', 'id-reuse');
    }
    if (device !== undefined && device.n <= this.readAckedN(device.id)) {
      return refusal(command.id, 'expired', 'This command is too old for its result to be known.', 'expired');
    }
    const at = Math.max(Math.floor(clock.now()), group.lastAt);
    const record = (result: CommandResult): CommandResult => {
      if (isFinal(result)) records.putResult({ payloadHash, result, at, device });
      return result;
    };
    let planned: PlannedCommand;
    try {
      planned = planCommand({ view: group.view, seq: group.head + 1, at, plan, hasFile, listSame }, submission);
    } catch (error) {
      if (storage.failureOf(error) !== null) throw error;
      if (!(error instanceof AppError)) this.#logBug(error, command.type);
      return record({ id: command.id, ok: false, error: toErrorBody(error, 'relay') });
    }
    if (planned.changes.length > 0) this.#write(group, command.id, at, planned);
    const { output } = planned;
    const { id } = command;
    return record(output === undefined ? { id, ok: true, seq: group.head } : { id, ok: true, seq: group.head, output });
  }

  #write(group: GroupOutcome, commandId: string, at: number, planned: PlannedCommand): void {
    group.head += 1;
    group.lastAt = at;
    const changes = planned.changes.map(({ subject, type, v, data }, index) => {
      const isEssential = kindOf(subject)?.changes[type]?.isEssential === true;
      return isEssential ? { index, subject, type, v, data, isEssential } : { index, subject, type, v, data };
    });
    const event: LoggedEvent = { seq: group.head, at, actor: planned.actor, commandId, changes };
    // Before its rows go, by which some of it is found.
    for (const effect of planned.effects) {
      if (effect.kind === 'erase') eraseSubject(this.#parts.storage, effect.subject);
    }
    this.#parts.storage.records.appendEvent(event);
    group.events.push(event);
    for (const { subject, rows } of planned.rows) group.view.write(subject, rows);
    for (const effect of planned.effects) this.#writeEffect(effect, event);
  }

  #writeEffect(effect: Effect, { seq }: LoggedEvent): void {
    const { records, deliveries, timers } = this.#parts.storage;
    switch (effect.kind) {
      case 'put-timer':
        timers.put({ id: effect.id, subject: effect.subject, kind: effect.timer, dueAt: effect.dueAt, version: seq });
        break;
      case 'cancel-timer':
        timers.cancel(effect.id);
        break;
      case 'deliver':
        // By the clock, not by the event, whose time never goes back: it is due now.
        deliveries.put(effect, Math.floor(this.#parts.clock.now()));
        break;
      case 'link-files':
        for (const fileId of effect.fileIds) records.linkFile(fileId, effect.subject);
        break;
      case 'erase':
        break;
    }
  }

  #executeApart(job: CommandJob): CommandResult[] {
    const results = job.submissions.map((submission) => this.#executeAlone(submission));
    if (job.reactor === null || !results.every(isFinal)) return results;
    try {
      this.#commit([{ submissions: [], reactor: job.reactor }]);
    } catch (error) {
      // The reactor comes again from its old cursor, and its commands are recognised.
      this.#reportFailure(error);
    }
    return results;
  }

  #executeAlone(submission: LogSubmission): CommandResult {
    const { id, type } = submission.command;
    try {
      return this.#commit([{ submissions: [submission], reactor: null }])[0]![0]!;
    } catch (error) {
      if (this.#isUnwritable(error)) {
        return this.#retry(id, this.#reportFailure(error));
      }
      this.#logBug(error, type);
    }
    return this.#refuseAsOurMistake(submission);
  }

  #refuseAsOurMistake(submission: LogSubmission): CommandResult {
    const { storage, clock } = this.#parts;
    const result: CommandResult = { id: submission.command.id, ok: false, error: toErrorBody(null, 'relay') };
    try {
      storage.transaction('refuse-command', () => {
        const payloadHash = hashCommand(submission);
        storage.records.putResult({ payloadHash, result, at: Math.floor(clock.now()), device: submission.device });
      });
      return result;
    } catch (error) {
      return this.#retry(submission.command.id, this.#reportFailure(error));
    }
  }

  #retryAll(job: CommandJob, reason: string): CommandResult[] {
    return job.submissions.map(({ command }) => this.#retry(command.id, reason));
  }

  #retry(id: string, reason: string): CommandResult {
    return retryResult(id, reason, this.#parts.random);
  }

  /** @returns the reason to answer with */
  #reportFailure(error: unknown): string {
    if (error instanceof WriterReplacedError) {
      this.#isReplaced = true;
      this.#parts.logger.fatal({ err: error }, 'this relay is no longer the writer of its database; stop it');
      return 'writer-replaced';
    }
    this.#parts.logger.error({ err: error }, 'the database could not be written');
    return 'storage-failed';
  }

  #isUnwritable(error: unknown): boolean {
    return this.#parts.storage.failureOf(error) === 'unwritable';
  }

  #logBug(error: unknown, type: string): void {
    this.#parts.logger.error({ err: error, command: type }, 'a command failed by a mistake of ours');
  }
}

/** Says that a command may be submitted again, after a while that differs from console to console. */
export function retryResult(id: string, reason: string, random: Random): CommandResult {
  const retryAfterMs = 1000 + Math.floor(random.fraction() * 2000);
  const message = 'The relay cannot take commands at this moment; submit it again later.';
  return { id, ok: false, error: makeErrorBody('retry', 'relay', message, { reason, retryAfterMs }) };
}

function refusal(id: string, kind: 'id_reuse' | 'expired', message: string, reason: string): CommandResult {
  return { id, ok: false, error: makeErrorBody(kind, 'relay', message, { reason }) };
}

function isFinal(result: CommandResult): boolean {
  return result.ok || ERROR_KINDS[result.error.kind] === 'final';
}
