import { z } from 'zod';
import { AppError } from '../../errors.ts';
import {
  type DecideContext,
  type RootRow,
  type SubjectKind,
  type SubjectRef,
  subjectRef,
} from '../subject/subject-kind.ts';

/** That a subject was erased (SYNC-L7). Its id is the reference of the erased subject. */
export type Erasure = RootRow & {
  /** Epoch ms. */
  at: number;
};

const KIND = 'erasure';

/**
 * Erased subjects, by reference. They are subjects themselves, held by everybody for good: so every console hears of
 * an erasure, by an event or in a snapshot, however long it was away, and forgets what it keeps outside of its cache.
 */
export const erasureKind: SubjectKind = {
  name: KIND,
  tables: [{ name: KIND, role: 'root', columns: {}, indexes: [] }],
  // Essential: a console that does not know it would keep what it has to forget.
  changes: { 'subject-erased': { v: 1, schema: z.object({}), isEssential: true } },
  commands: [],
  fold: (reader, change) => {
    const id = change.subject.slice(KIND.length + 1);
    const bornSeq = reader.root()?.bornSeq ?? change.seq;
    return [{ op: 'put', table: KIND, row: { id, bornSeq, asOf: change.seq, at: change.at } as Erasure }];
  },
  effects: (_change, after) => [{ kind: 'erase', subject: after.id as SubjectRef }],
  erases: (root) => ({ subject: root.id as SubjectRef, at: (root as Erasure).at }),
  isVisible: () => true,
  visibilityFields: [],
  isHeld: () => true,
  heldFields: [],
  tailLength: 0,
};

/** The subject that says that `subject` was erased. */
export function erasureRef(subject: SubjectRef): SubjectRef {
  return subjectRef(KIND, subject);
}

/** For a subject that is not there. @throws AppError `gone` where that is because its data was erased */
export function requireNotErased({ read }: Pick<DecideContext, 'read'>, subject: SubjectRef): void {
  if (read(erasureRef(subject)).root() === null) return;
  throw erasedError();
}

/**
 * For what a channel tells of a subject: it may be on its way while the subject is erased, and would bring back what it
 * was called. @throws AppError `gone` where the subject was erased after the channel knew what it tells
 */
export function requireNotErasedSince({ read, knownSeq }: DecideContext, subject: SubjectRef): void {
  if (knownSeq === undefined) return;
  const root = read(subject).root();
  if (root !== null && root.bornSeq <= knownSeq) return;
  if ((read(erasureRef(subject)).root()?.asOf ?? 0) > knownSeq) throw erasedError();
}

/** What is said of everything that belonged to an erased customer. */
export function erasedError(): AppError {
  return new AppError('gone', 'The data of this customer was erased on request; nothing can be done here any more.', {
    reason: ERASED_REASON,
  });
}

/** By it a refusal is known that leaves a text of an agent as the last thing of an erased customer. */
export const ERASED_REASON = 'customer-erased';
