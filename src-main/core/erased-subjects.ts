import { conversationRef } from '../../shared/domain/conversation/decide.ts';
import { ERASED_REASON } from '../../shared/domain/erasure/erasure.ts';
import { kindOf } from '../../shared/domain/registry.ts';
import type { SubjectRef } from '../../shared/domain/subject/subject-kind.ts';
import { makeErrorBody } from '../../shared/errors.ts';
import type { ErasedAt } from './outbox/command-store.ts';
import { type Outbox, neededFiles } from './outbox/outbox.ts';

interface ErasedSubjectsParts {
  outbox: Outbox;
  /** What the cache holds of erasures. */
  list(): Promise<({ subject: SubjectRef } & ErasedAt)[]>;
  /** Epoch ms by the relay. */
  relayNow(): number;
  /** Drafts of these conversations are gone, and refused commands may look different. */
  onForgotten(conversationIds: readonly string[]): void;
}

/** Whether one of these subjects says of another one that it was erased. */
export function tellOfErasures(subjects: readonly string[]): boolean {
  return subjects.some((subject) => kindOf(subject as SubjectRef)?.erases !== undefined);
}

/**
 * Forgets in the outbox file what belonged to erased subjects (SYNC-L7): commands that are done, drafts, files. In the
 * cache they are gone already. Of what was refused the text is left, which is the agent's own, to be looked at and
 * discarded. Nothing is remembered of what was forgotten: doing it again is harmless, and a new process does.
 */
export class ErasedSubjects {
  readonly #parts: ErasedSubjectsParts;
  readonly #erased = new Map<string, ErasedAt>();

  constructor(parts: ErasedSubjectsParts) {
    this.#parts = parts;
  }

  has(subject: SubjectRef): boolean {
    return this.#erased.has(subject);
  }

  /** Looks for erasures that this process has not followed yet, and follows them. */
  async follow(): Promise<void> {
    const fresh = new Map<string, ErasedAt>();
    for (const { subject, ...erasedAt } of await this.#parts.list()) {
      if (this.#erased.get(subject)?.seq !== erasedAt.seq) fresh.set(subject, erasedAt);
    }
    if (fresh.size === 0) return;
    this.#forget(fresh);
    for (const [subject, erasedAt] of fresh) this.#erased.set(subject, erasedAt);
  }

  /** These commands are done. Their answers may have come after the erasure of what they were about. */
  async settled(commandIds: readonly string[]): Promise<void> {
    if (this.#erased.size === 0) return;
    const { commands } = this.#parts.outbox;
    const subjects = commandIds.flatMap((id) => commands.find(id)?.command.subjects ?? []);
    const erased = [...new Set(subjects)].flatMap((subject) => {
      const erasedAt = this.#erased.get(subject);
      return erasedAt === undefined ? [] : [[subject, erasedAt] as const];
    });
    if (erased.length > 0) this.#forget(new Map(erased));
  }

  #forget(erased: ReadonlyMap<string, ErasedAt>): void {
    const { outbox, relayNow, onForgotten } = this.#parts;
    const error = makeErrorBody('gone', 'relay', 'The data of this customer was erased on request.', {
      reason: ERASED_REASON,
    });
    const files = outbox.commands.forgetErased(erased, error, relayNow());
    const conversationIds = outbox.drafts
      .listConversations()
      .filter((conversationId) => erased.has(conversationRef(conversationId)));
    if (conversationIds.length > 0) files.push(...outbox.drafts.forget(conversationIds));
    const needed = neededFiles(outbox);
    const unneeded = files.filter((fileId) => !needed.has(fileId));
    if (unneeded.length > 0) outbox.files.remove(unneeded);
    outbox.scrub();
    onForgotten(conversationIds);
  }
}
