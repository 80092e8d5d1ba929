import { z } from 'zod';
import { findCommand } from '../../../shared/domain/registry.ts';
import type { SubjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import { AppError } from '../../../shared/errors.ts';
import { giveBackMemory } from './give-back-memory.ts';
import { LocalState, type LocalStateCopy, type RefusedCommand } from './local-state.ts';
import { Overlay } from './overlay.ts';
import type { PendingCommand } from './pending-command.ts';
import type { ReaderStore, ReaderView } from './reader-store.ts';

/** A command that was decided over what the agent sees, ready for the outbox. */
export interface PreparedCommand {
  /** Version of the command as it is written now. */
  v: number;
  args: unknown;
  base: unknown;
  subjects: SubjectRef[];
  /** Files that the relay must have first. */
  fileIds: string[];
}

interface OpenReader {
  store: ReaderStore;
  overlay: Overlay;
  view: ReaderView;
}

/** Reads a cache with the pending commands on top. */
export class CacheReader {
  readonly #openStore: () => ReaderStore;
  readonly #agentId: string;
  readonly #local = new LocalState();
  #pending: readonly PendingCommand[] = [];
  #open: OpenReader | null = null;
  #edits = 0;

  constructor(openStore: () => ReaderStore, agentId: string) {
    this.#openStore = openStore;
    this.#agentId = agentId;
  }

  /** What lies in the outbox file, once at the beginning. */
  setLocal(copy: LocalStateCopy, pending: readonly PendingCommand[]): void {
    for (const [conversationId, start] of copy.drafts) this.#local.drafts.set(conversationId, start);
    for (const [conversationId, position] of copy.seen) this.#local.seen.set(conversationId, position);
    this.#local.refused = copy.refused;
    this.#pending = pending;
  }

  /** Opens the cache file, which the writer has made. Pending commands survive a change of the file. */
  open(): void {
    const store = this.#openStore();
    const overlay = new Overlay(store, this.#agentId);
    const generation = (): string => `${store.version()}/${this.#edits}`;
    const view = store.makeView({ overlay, local: this.#local, agentId: this.#agentId, generation });
    this.#open = { store, overlay, view };
    try {
      this.#read(() => {
        for (const pending of this.#pending) overlay.add(pending);
      });
    } catch (error) {
      // The overlay may not have all of them: they are added to the next one.
      this.#open = null;
      store.close();
      throw error;
    }
  }

  close(): void {
    if (this.#open === null) return;
    this.#pending = [...this.#open.overlay.pending()];
    this.#open.store.close();
    this.#open = null;
  }

  /** There will be less to do from now on. */
  settle(): void {
    giveBackMemory();
  }

  query(name: string, input: unknown): unknown {
    return this.#read(({ view }) => view.answer(name, input));
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
    return this.#read(({ overlay, store }) => {
      const seen = {
        agentId: this.#agentId,
        confirmed: (subject: SubjectRef) => store.base.reader(subject),
        predicted: (subject: SubjectRef) => overlay.reader(subject),
      };
      const base = spec.observe?.(seen as Parameters<typeof spec.observe>[0], parsed.data);
      const decision = overlay.decide(type, parsed.data, base, commandId, now);
      if (!decision.ok) throw decision.error;
      return {
        v: spec.v,
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

  /** The base rows of these subjects changed without a newer `asOf`. */
  predictAgain(subjects: readonly SubjectRef[]): void {
    this.#edits += 1;
    this.#read(({ overlay }) => overlay.predictAgain(subjects));
  }

  /** @param start how it begins; null where there is none any more */
  setDraft(conversationId: string, start: string | null): void {
    if (start === null) this.#local.drafts.delete(conversationId);
    else this.#local.drafts.set(conversationId, start);
  }

  setSeen(conversationId: string, position: number): void {
    this.#edits += 1;
    this.#local.seen.set(conversationId, position);
  }

  setRefused(refused: readonly RefusedCommand[]): void {
    this.#edits += 1;
    this.#local.refused = refused;
  }

  /** After an exchange that failed, on a full disk say, the file may be there again. */
  #tryToOpen(): OpenReader | null {
    try {
      this.open();
    } catch {
      this.close();
    }
    return this.#open;
  }

  #read<Answer>(work: (open: OpenReader) => Answer): Answer {
    const open = this.#open ?? this.#tryToOpen();
    if (open === null) {
      throw new AppError('retry', 'The cache is being exchanged; try again in a moment.', { reason: 'not-loaded-yet' });
    }
    // One transaction, so that base and overlay are of the same moment. What `work` throws is thrown after it: predicted
    // rows may lie in temporary tables, and a rollback would take back what `refresh` wrote there.
    let outcome: { answer: Answer } | { error: unknown };
    try {
      outcome = open.store.transact((): typeof outcome => {
        open.overlay.refresh();
        try {
          return { answer: work(open) };
        } catch (error) {
          return { error };
        }
      });
    } catch (error) {
      open.overlay.distrust();
      throw error;
    }
    if ('answer' in outcome) return outcome.answer;
    if (!(outcome.error instanceof AppError)) open.overlay.distrust();
    throw outcome.error;
  }
}
