import type { LocalCopy } from './cache/cache.ts';
import { draftStartOf } from './outbox/draft-start.ts';
import type { Outbox } from './outbox/outbox.ts';
import { refusedOf } from './refused-commands.ts';

/** What the cache's reader shows beside its rows. */
export function localCopy(outbox: Outbox): LocalCopy {
  const pending = outbox.commands.listOpen().filter(({ state }) => state !== 'blocked');
  return {
    local: {
      drafts: outbox.drafts.listConversations().map((id) => [id, draftStartOf(outbox.drafts, id) ?? '']),
      seen: outbox.settings.listSeen(),
      refused: refusedOf(outbox),
    },
    pending: pending.map(({ command, at }) => ({ command, at })),
  };
}
