import { erasureRef } from '../../shared/domain/erasure/erasure.ts';
import { kindOf } from '../../shared/domain/registry.ts';
import type { Change, RootRow, SubjectReader, SubjectRef } from '../../shared/domain/subject/subject-kind.ts';

/** Subjects that one event erases at most: each is two changes, and its events and files are rewritten with it. */
export const MAX_ERASED_AT_ONCE = 500;

interface ErasureView {
  read<Root extends RootRow>(subject: SubjectRef): SubjectReader<Root>;
  /** Subjects that are erased with `owner`. */
  listOwned(owner: SubjectRef): SubjectRef[];
}

/**
 * The changes that erase a subject with all that belongs to it (SYNC-L7), the subject itself last: each is deleted, and
 * what remains is that it was erased. None where there is nothing to erase.
 */
export function planErasure(view: ErasureView, subject: SubjectRef): { changes: Change[]; remaining: number } {
  const all = [...listWithOwned(view, subject)];
  const now = all.slice(0, MAX_ERASED_AT_ONCE);
  return { changes: now.flatMap(changesOf), remaining: all.length - now.length };
}

function* listWithOwned(view: ErasureView, subject: SubjectRef): Generator<SubjectRef> {
  for (const owned of view.listOwned(subject)) yield* listWithOwned(view, owned);
  if (view.read(subject).root() !== null) yield subject;
}

function changesOf(subject: SubjectRef): Change[] {
  const erasure = kindOf(subject)?.erasure;
  if (erasure === undefined) throw new Error(`${subject} is of a kind that cannot be erased`);
  return [
    { subject, type: erasure.change, v: 1, data: {} },
    { subject: erasureRef(subject), type: 'subject-erased', v: 1, data: {} },
  ];
}
