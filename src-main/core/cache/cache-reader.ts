import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { findCommand } from '../../../shared/domain/registry.ts';
import type { SubjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import { AppError } from '../../../shared/errors.ts';
import { BaseRows } from './base-rows.ts';
import { CacheView } from './cache-view.ts';
import { LocalState, type LocalStateCopy, type RefusedCommand } from './local-state.ts';
import { Overlay } from './overlay.ts';
import type { PendingCommand } from './pending-command.ts';

/** Answers one request of a view. Runs in the reader's thread, inside a read transaction. */
export type ViewQuery = (view: CacheView, input: never) => unknown;

/** A command that was decided over what the agent sees, ready for the outbox. */
export interface PreparedCommand {
  args: unknown;
  base: unknown;
  subjects: SubjectRef[];
  /** Files that the relay must have first. */
  fileIds: string[];
}

interface OpenReader {
  database: Database;
  overlay: Overlay;
  view: CacheView;
  base: BaseRows;
}

/** Reads a cache with the pending commands on top. */
export class CacheReader {
  readonly #openDatabase: () => Database;
  readonly #agentId: string;
  readonly #queries: Readonly<Record<string, ViewQuery>>;
  readonly #local = new LocalState();
  #pending: readonly PendingCommand[] = [];
  #open: OpenReader | null = null;
  #edits = 0;

  constructor(openDatabase: () => Database, agentId: string, queries: Readonly<Record<string, ViewQuery>>) {
    this.#openDatabase = openDatabase;
    this.#agentId = agentId;
    this.#queries = queries;
  }

  /** What lies in the outbox file, once at the beginning. */
  setLocal(copy: LocalStateCopy, pending: readonly PendingCommand[]): void {
    for (const conversationId of copy.drafts) this.#local.drafts.add(conversationId);
    for (const [conversationId, position] of copy.seen) this.#local.seen.set(conversationId, position);
    this.#local.refused = copy.refused;
    this.#pending = pending;
  }

  /** Opens the cache file, which the writer has made. Pending commands survive a change of the file. */
  open(): void {
    const database = this.#openDatabase();
    const base = new BaseRows(database);
    const overlay = new Overlay(database, base, this.#agentId);
    const generation = (): string =>
      `${String(database.pragma('data_version', { simple: true }))}/${String(this.#edits)}`;
    const view = new CacheView(database, base, overlay, this.#local, this.#agentId, generation);
    this.#open = { database, overlay, view, base };
    this.#read(({ overlay: fresh }) => {
      for (const pending of this.#pending) fresh.add(pending);
    });
  }

  close(): void {
    if (this.#open === null) return;
    this.#pending = [...this.#open.overlay.pending()];
    this.#open.database.close();
    this.#open = null;
  }

  query(name: string, input: unknown): unknown {
    const query = this.#queries[name];
    if (query === undefined) throw new AppError('unsupported', `There is no request ${name}.`);
    return this.#read(({ view }) => {
      view.begin();
      return query(view, input as never);
    });
  }

  /**
   * Decides a command over what the agent sees.
   * @param now epoch ms by the relay's clock
   * @throws AppError the refusal; `invalid` for arguments that do not fit their schema
   */
  prepare(type: string, rawArgs: unknown, commandId: string, now: number): PreparedCommand {
    const spec = findCommand(type);
    if (spec === undefined) throw new AppError('unsupported', `There is no command ${type}.`);
    const parsed = spec.args.safeParse(rawArgs);
    if (!parsed.success) {
      throw new AppError('invalid', z.prettifyError(parsed.error), { reason: 'input-invalid' });
    }
    return this.#read(({ overlay, base: rows }) => {
      const seen = {
        agentId: this.#agentId,
        confirmed: (subject: SubjectRef) => rows.reader(subject),
        predicted: (subject: SubjectRef) => overlay.reader(subject),
      };
      const base = spec.observe?.(seen as Parameters<typeof spec.observe>[0], parsed.data);
      const decision = overlay.decide(type, parsed.data, base, commandId, now);
      if (!decision.ok) throw decision.error;
      return {
        args: parsed.data,
        base,
        subjects: [...new Set(spec.subjects(parsed.data))],
        fileIds: spec.files?.(parsed.data) ?? [],
      };
    });
  }

  addPending(pending: PendingCommand): void {
    this.#edits += 1;
    this.#read(({ overlay }) => overlay.add(pending));
  }

  removePending(commandIds: readonly string[]): SubjectRef[] {
    this.#edits += 1;
    return this.#read(({ overlay }) => overlay.remove(commandIds));
  }

  setDraft(conversationId: string, hasDraft: boolean): void {
    if (hasDraft) this.#local.drafts.add(conversationId);
    else this.#local.drafts.delete(conversationId);
  }

  setSeen(conversationId: string, position: number): void {
    this.#edits += 1;
    this.#local.seen.set(conversationId, position);
  }

  setRefused(refused: readonly RefusedCommand[]): void {
    this.#edits += 1;
    this.#local.refused = refused;
  }

  #read<Answer>(work: (open: OpenReader) => Answer): Answer {
    const open = this.#open;
    if (open === null) {
      throw new AppError('retry', 'The cache is being exchanged; try again in a moment.', { reason: 'not-loaded-yet' });
    }
    // One transaction, so that base and overlay are of the same moment. What `work` throws is thrown after it: predicted
    // rows lie in temporary tables, and a rollback would take back what `refresh` wrote there.
    let outcome: { answer: Answer } | { error: unknown };
    try {
      outcome = open.database.transaction((): typeof outcome => {
        open.overlay.refresh();
        try {
          return { answer: work(open) };
        } catch (error) {
          return { error };
        }
      })();
    } catch (error) {
      open.overlay.distrust();
      throw error;
    }
    if ('answer' in outcome) return outcome.answer;
    if (!(outcome.error instanceof AppError)) open.overlay.distrust();
    throw outcome.error;
  }
}
