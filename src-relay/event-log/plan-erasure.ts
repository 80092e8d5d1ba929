import { erasureRef } from '../../shared/domain/erasure/erasure.ts';
import { kindOf } from '../../shared/domain/registry.ts';
import type {
  Change,
  RootRow,
  SubjectKind,
  SubjectReader,
  SubjectRef,
} from '../../shared/domain/subject/subject-kind.ts';

/** Subjects that one event erases at most: each is two changes, and its events and files are rewritten with it. */
export const MAX_ERASED_AT_ONCE = 500;

interface ErasureView {
  read<Root extends RootRow>(subject: SubjectRef): SubjectReader<Root>;
  /** Subjects that are erased with `owner`. */
  listOwned(owner: SubjectRef): SubjectRef[];
}

/**
 * The changes that erase a subject with all that belongs to it (SYNC-L7), the subject itself last: each is deleted, and
 * what remains is that it was erased. None where there is nothing to erase. Where it is more than one event carries, the
 * subject stays until the end, and a change of its own sees to it that the rest follows.
 * @param listSame others that are the same person, and are erased with the subject
 */
export function planErasure(
  view: ErasureView,
  subject: SubjectRef,
  listSame: (subject: SubjectRef) => SubjectRef[] = () => [],
): { changes: Change[]; remaining: number } {
  const same = [...listSame(subject).filter((one) => one !== subject), subject];
  const roots = same.filter((one) => view.read(one).root() !== null);
  const owned = same.flatMap((one) => [...listOwnedBy(view, one)]);
  const all = [...owned, ...roots];
  if (all.length <= MAX_ERASED_AT_ONCE) return { changes: all.flatMap(changesOf), remaining: 0 };
  // Those whom it is about all at once and last: by them the rest is found.
  const now = (owned.length > 0 ? owned : roots).slice(0, MAX_ERASED_AT_ONCE);
  const begun = roots.filter((one) => !now.includes(one)).flatMap(begunOf);
  return { changes: [...now.flatMap(changesOf), ...begun], remaining: all.length - now.length };
}

function* listOwnedBy(view: ErasureView, owner: SubjectRef): Generator<SubjectRef> {
  for (const owned of view.listOwned(owner)) {
    yield* listOwnedBy(view, owned);
    if (view.read(owned).root() !== null) yield owned;
  }
}

function changesOf(subject: SubjectRef): Change[] {
  return [
    { subject, type: erasureOf(subject).change, v: 1, data: {} },
    { subject: erasureRef(subject), type: 'subject-erased', v: 1, data: {} },
  ];
}

function begunOf(subject: SubjectRef): Change[] {
  const { begun } = erasureOf(subject);
  return begun === undefined ? [] : [{ subject, type: begun, v: 1, data: {} }];
}

function erasureOf(subject: SubjectRef): NonNullable<SubjectKind['erasure']> {
  const erasure = kindOf(subject)?.erasure;
  if (erasure === undefined) throw new Error(`${subject} is of a kind that cannot be erased`);
  return erasure;
}
