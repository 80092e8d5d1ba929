import type { SharedDraft } from '../../../shared/domain/draft/draft.ts';
import type { CacheView } from '../cache/cache-view.ts';

/** What this agent is writing, as all their machines know it, with what this one has given and not confirmed. */
export function listSharedDrafts(view: CacheView): SharedDraft[] {
  const all = { anyOf: [{ sql: '', parameters: [] }], orderBy: [], limit: Number.MAX_SAFE_INTEGER };
  return view.find<SharedDraft>({ table: 'draft', ...all }).map(({ row }) => row);
}
