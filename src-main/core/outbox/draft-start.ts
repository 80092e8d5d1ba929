import { cutText } from '../../../shared/primitives/cut-text.ts';
import { type DraftStore, isEmptyDraft } from './draft-store.ts';

const MAX_LENGTH = 120;
/** Nobody begins with more white space than this. */
const MAX_READ = 1000;

/**
 * How what is being written in a conversation begins, in one line as lists show it: of reply and note the newer one.
 * @returns '' where that is only a file, null where nothing is written
 */
export function draftStartOf(drafts: Pick<DraftStore, 'get'>, conversationId: string): string | null {
  const written = (['reply', 'note'] as const)
    .flatMap((kind) => drafts.get(conversationId, kind) ?? [])
    .filter((draft) => !isEmptyDraft(draft));
  const newest = written.toSorted((one, other) => other.updatedAt - one.updatedAt)[0];
  if (newest === undefined) return null;
  return cutText(newest.text.slice(0, MAX_READ).trim().replace(/\s+/gu, ' '), MAX_LENGTH);
}
