import { kindOf, subjectKinds } from '../../shared/domain/registry.ts';
import {
  type RootRow,
  type SubjectKind,
  type SubjectRef,
  subjectRef,
} from '../../shared/domain/subject/subject-kind.ts';
import { type IdHash, SetDigest, hashOfId } from '../../shared/primitives/set-digest.ts';
import type { Commit, EventLog } from '../event-log/event-log.ts';

interface IndexedRoot {
  root: RootRow;
  /** Of the subject's reference, for digests. */
  hash: IdHash;
}

/**
 * What of every subject decides who sees and who holds it, at the head of the log, in memory: answers for all sessions
 * come from here at once, so that no commit can slip in between two of them.
 */
export class RootIndex {
  readonly #rows = new Map<SubjectKind, Map<SubjectRef, IndexedRoot>>(subjectKinds.map((kind) => [kind, new Map()]));
  #head = 0;

  /**
   * Reads every root once. Commits that arrive meanwhile must be handed to `apply`; rows are compared by `asOf`.
   * @param isDeleted whether a subject was deleted by such a commit
   */
  async load(eventLog: EventLog, isDeleted: (subject: SubjectRef) => boolean): Promise<void> {
    for (const kind of subjectKinds) {
      const rows = this.#rows.get(kind)!;
      for (const root of await eventLog.listRoots(kind.name)) {
        const subject = subjectRef(kind.name, root.id);
        const known = rows.get(subject);
        if (isDeleted(subject) || (known !== undefined && known.root.asOf >= root.asOf)) continue;
        rows.set(subject, { root: project(kind, root), hash: hashOfId(subject) });
      }
    }
    this.#head = Math.max(this.#head, eventLog.head());
  }

  /** Seq of the newest event whose commit was applied. */
  get head(): number {
    return this.#head;
  }

  apply(commit: Commit): void {
    for (const [subject, { after }] of commit.touched) {
      const kind = kindOf(subject);
      if (kind === undefined) continue;
      const rows = this.#rows.get(kind)!;
      if (after === null) rows.delete(subject);
      else {
        const hash = rows.get(subject)?.hash ?? hashOfId(subject);
        rows.set(subject, { root: project(kind, after), hash });
      }
    }
    this.#head = Math.max(this.#head, commit.events.at(-1)?.seq ?? 0);
  }

  get(subject: SubjectRef): RootRow | null {
    const kind = kindOf(subject);
    return kind === undefined ? null : (this.#rows.get(kind)!.get(subject)?.root ?? null);
  }

  forEach(visit: (kind: SubjectKind, subject: SubjectRef, root: RootRow) => void): void {
    for (const [kind, rows] of this.#rows) {
      for (const [subject, { root }] of rows) visit(kind, subject, root);
    }
  }

  get size(): number {
    return [...this.#rows.values()].reduce((size, rows) => size + rows.size, 0);
  }

  /** Every subject, one after the other, then again from the beginning; ends when there is none. */
  *inTurn(): Generator<SubjectRef, void> {
    while (this.size > 0) {
      for (const rows of this.#rows.values()) yield* rows.keys();
    }
  }

  /** Digest of the subjects for which `isMember` holds. */
  digest(isMember: (kind: SubjectKind, subject: SubjectRef, root: RootRow) => boolean): ReturnType<SetDigest['value']> {
    const digest = new SetDigest();
    for (const [kind, rows] of this.#rows) {
      for (const [subject, { root, hash }] of rows) if (isMember(kind, subject, root)) digest.addHash(hash);
    }
    return digest.value();
  }
}

function project(kind: SubjectKind, root: RootRow): RootRow {
  const row: Record<string, unknown> = { id: root.id, asOf: root.asOf, bornSeq: root.bornSeq };
  const fields = root as unknown as Record<string, unknown>;
  for (const field of kind.visibilityFields) row[field] = fields[field];
  for (const field of kind.heldFields) row[field] = fields[field];
  return row as unknown as RootRow;
}
