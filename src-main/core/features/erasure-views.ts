import { subjectKinds } from '../../../shared/domain/registry.ts';
import type { RootRow, SubjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import type { CacheView } from '../cache/cache-view.ts';

/** Everything that was erased: what, and when. */
export function listErasures(view: CacheView): { subject: SubjectRef; seq: number; at: number }[] {
  return subjectKinds.flatMap(({ erases, tables }) => {
    if (erases === undefined) return [];
    const all = { anyOf: [{ sql: '', parameters: [] }], orderBy: [], limit: Number.MAX_SAFE_INTEGER };
    return view.find<RootRow>({ table: tables[0]!.name, ...all }).map(({ row }) => ({ ...erases(row), seq: row.asOf }));
  });
}
