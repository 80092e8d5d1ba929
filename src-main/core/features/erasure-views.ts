import { subjectKinds } from '../../../shared/domain/registry.ts';
import { type RootRow, type SubjectRef, parseSubjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import type { CacheView } from '../cache/cache-view.ts';
import type { ErasedAt } from '../outbox/command-store.ts';

/** Everything that was erased: what, and when. */
export function listErasures(view: CacheView): ({ subject: SubjectRef } & ErasedAt)[] {
  return subjectKinds.flatMap(({ erases, tables }) => {
    if (erases === undefined) return [];
    const all = { anyOf: [{ sql: '', parameters: [] }], orderBy: [], limit: Number.MAX_SAFE_INTEGER };
    return view.find<RootRow>({ table: tables[0]!.name, ...all }).map(({ row }) => {
      const { subject, at } = erases(row);
      const { kind, id } = parseSubjectRef(subject);
      return { subject, at, seq: row.asOf, isBack: view.root(kind, id) !== null };
    });
  });
}
