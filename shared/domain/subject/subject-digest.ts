import { canonicalJson } from '../../primitives/canonical-json.ts';
import { SetDigest } from '../../primitives/set-digest.ts';
import type { ItemRow, RootRow } from './subject-kind.ts';

/**
 * A digest of rows as they are stored, the same for the same content wherever it lies (SYNC-D4). It tells sound rows from
 * rows that went bad; it is no protection against somebody who means to deceive.
 */
export function digestOfSubject(root: RootRow, items: Iterable<{ table: string; row: ItemRow }>): string {
  const digest = new SetDigest();
  digest.add(`root ${canonicalJson(root)}`);
  for (const { table, row } of items) digest.add(`${table} ${canonicalJson(row)}`);
  return digest.value().digest;
}
