import type { Database } from 'better-sqlite3';
import { subjectKinds } from '../../shared/domain/registry.ts';
import type { RootRow } from '../../shared/domain/subject/subject-kind.ts';
import type { Lineage } from '../event-log/event-log.ts';
import { type ErasedEntry, withEpochs } from './erased-list.ts';

/** All that was ever erased, as a relay's database knows it. */
export function listErased(database: Database): ErasedEntry[] {
  const lineages = database.prepare<[], Lineage>('SELECT epoch, since FROM lineage ORDER BY number').all();
  const erased = subjectKinds.flatMap(({ tables, erases }) => {
    if (erases === undefined) return [];
    const rows = database.prepare<[], string>(`SELECT row FROM "${tables[0]!.name}"`).pluck().all();
    return rows.map((text) => {
      const row = JSON.parse(text) as RootRow;
      return { ...erases(row), seq: row.asOf };
    });
  });
  return withEpochs(erased, lineages);
}
