import { findKind } from '../../../shared/domain/registry.ts';
import { digestOfSubject } from '../../../shared/domain/subject/subject-digest.ts';
import { type SubjectRef, parseSubjectRef } from '../../../shared/domain/subject/subject-kind.ts';
import type { FromRelay } from '../../../shared/relay-protocol/from-relay.ts';
import type { RowTables } from './row-session.ts';

/** What the relay says of one subject. */
export type ToldDigest = FromRelay['digests']['subjects'][number];

/** `unknown`: not held, not as far as the relay's rows or further, or not all of it that the relay looked at. */
export type DigestOutcome = 'same' | 'differs' | 'unknown';

/** Compares stored rows with what the relay says of them; the cursor is at `told.asOf` or beyond (SYNC-D4). */
export function compareDigest(tables: RowTables, told: ToldDigest): DigestOutcome {
  const { kind: kindName, id } = parseSubjectRef(told.subject as SubjectRef);
  const kind = findKind(kindName);
  const root = tables.get(kind?.tables[0]?.name ?? '')?.findRoot(id) ?? null;
  if (kind === undefined || root === null || root.rowid === null || root.isDirty) return 'unknown';
  const reachesDown = root.isComplete || (told.fromPosition > 0 && root.windowFrom <= told.fromPosition);
  if (!reachesDown || root.row.asOf > told.asOf) return 'unknown';
  const items = kind.tables
    .filter(({ role }) => role === 'item')
    .flatMap(({ name }) =>
      tables
        .get(name)!
        .itemsOf(root.rowid!)
        .map((row) => ({ table: name, row })),
    )
    .filter(({ row }) => row.position >= told.fromPosition);
  // Changed since the relay looked.
  if (items.some(({ row }) => row.asOf > told.asOf)) return 'unknown';
  return digestOfSubject(root.row, items) === told.digest ? 'same' : 'differs';
}
