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
 * discarded. Nothing is remembered of what was forgotten: doing it again is harmless, and each process does.
 */
export class ErasedSubjects {
  readonly #parts: ErasedSubjectsParts;
  #erased: ReadonlyMap<string, ErasedAt> = new Map();
  /** Seq of the erasure that was followed, by subject. */
  readonly #followed = new Map<string, number>();

  constructor(parts: ErasedSubjectsParts) {
    this.#parts = parts;
  }

  has(subject: SubjectRef): boolean {
    return this.#erased.has(subject);
  }

  /** Looks for erasures that this process has not followed yet, and follows them. */
  async follow(): Promise<void> {
    const list = await this.#parts.list();
    // Of another history of the log there may be fewer.
    this.#erased = new Map(list.map(({ subject, ...erasedAt }) => [subject, erasedAt]));
    const fresh = new Map([...this.#erased].filter(([subject, { seq }]) => this.#followed.get(subject) !== seq));
    if (fresh.size === 0) return;
    this.#forget(fresh);
    for (const [subject, { seq }] of fresh) this.#followed.set(subject, seq);
  }

  /** These commands are done, or refused: perhaps after the erasure of what they were about. */
  async ended(commandIds: readonly string[]): Promise<void> {
    if (this.#erased.size === 0) return;
    const { commands } = this.#parts.outbox;
    const ended = commandIds.flatMap((id) => commands.find(id) ?? commands.findRefused(id) ?? []);
    const subjects = ended.flatMap(({ command }) => command.subjects);
    const erased = new Map([...this.#erased].filter(([subject]) => subjects.includes(subject as SubjectRef)));
    if (erased.size === 0) return;
    // If it fails, as on a full disk, it is done again with the next look.
    for (const subject of erased.keys()) this.#followed.delete(subject);
    this.#forget(erased);
    for (const [subject, { seq }] of erased) this.#followed.set(subject, seq);
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
