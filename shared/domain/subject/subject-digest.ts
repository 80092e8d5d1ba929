import { SetDigest } from '../../primitives/set-digest.ts';
import type { ItemRow, RootRow } from './subject-kind.ts';

/**
 * A digest of rows as they are stored, the same for the same content wherever it lies (SYNC-D4). It tells sound rows from
 * rows that went bad; it is no protection against somebody who means to deceive.
 */
export function digestOfSubject(root: RootRow, items: Iterable<{ table: string; row: ItemRow }>): string {
  const digest = new SetDigest();
  digest.add(`root ${canonicalText(root)}`);
  for (const { table, row } of items) digest.add(`${table} ${canonicalText(row)}`);
  return digest.value().digest;
}

/** JSON in which fields have one order and a field that is undefined is none. */
function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonicalText(field)}`);
  return `{${fields.join(',')}}`;
}
