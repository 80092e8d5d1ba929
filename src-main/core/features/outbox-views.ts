import type { OutboxEntry } from '../../../shared/core-api/views.ts';
import type { CacheView } from '../cache/cache-view.ts';
import { describeSubject } from './command-subject.ts';

/** An unsettled command before the names behind its ids are known. */
export type UnnamedEntry = Omit<
  OutboxEntry,
  'conversationId' | 'conversationCount' | 'isHere' | 'customerName' | 'target' | 'text' | 'attachments'
> & { args: unknown };

/** The list of what waits, with the names that the cache knows. */
export function listOutbox(view: CacheView, { entries }: { entries: UnnamedEntry[] }): { entries: OutboxEntry[] } {
  return {
    entries: entries.map(({ args, ...entry }) => ({ ...entry, ...describeSubject(view, entry.subjects, args) })),
  };
}
