import type { SearchHit } from '../../../shared/core-api/views.ts';
import { isEqual } from '../../stores/query-cache.ts';

export interface ShownHits {
  hits: readonly SearchHit[];
  /** Found since then: what the search gives now, to be shown when the agent wants it; null: it is what is shown. */
  newer: { hits: readonly SearchHit[]; count: number } | null;
}

export function keyOf({ kind, messageId, customerId }: SearchHit): string {
  return `${kind}-${messageId ?? customerId}`;
}

/**
 * What is found now, laid over the hits that are being read: those that are found no more go, the others stay where they
 * are. New ones show up only where nothing moves for it, which is behind them.
 * @param found at least as many as are shown at most, so that what is missing was not just pushed out
 * @param limit most hits to show
 */
export function layOver(shown: readonly SearchHit[], found: readonly SearchHit[], limit: number): ShownHits {
  const byKey = new Map(found.map((hit) => [keyOf(hit), hit]));
  const kept = shown.flatMap((hit) => {
    const now = byKey.get(keyOf(hit));
    return now === undefined ? [] : [isEqual(now, hit) ? hit : now];
  });
  const best = found.slice(0, limit);
  const isAhead = best.length >= kept.length && kept.every((hit, index) => keyOf(hit) === keyOf(best[index]!));
  if (isAhead) return { hits: [...kept, ...best.slice(kept.length)], newer: null };
  const keptKeys = new Set(kept.map(keyOf));
  const count = best.filter((hit) => !keptKeys.has(keyOf(hit))).length;
  return { hits: kept, newer: count === 0 ? null : { hits: best, count } };
}
