import type { StoredDraft } from '../outbox/draft-store.ts';
import { isEmptyDraft } from '../outbox/draft-store.ts';
import type { Draft } from '../../../shared/core-api/views.ts';
import type { Handlers } from './feature-context.ts';

/** What is being written. On the disk when answered. */
export const draftHandlers: Handlers<'draft.save' | 'draft.get' | 'draft.leave'> = {
  'draft.save': async (context, draft) => {
    await context.drafts.save(draft);
    return {};
  },
  'draft.get': (context, { conversationId }) => ({
    reply: shown(context.outbox.drafts.get(conversationId, 'reply')),
    note: shown(context.outbox.drafts.get(conversationId, 'note')),
  }),
  'draft.leave': (context, { conversationId }) => {
    context.drafts.leave(conversationId);
    return {};
  },
};

function shown(draft: StoredDraft | null): Draft | null {
  if (draft === null || isEmptyDraft(draft)) return null;
  const { version: _version, isOwn: _isOwn, ...seen } = draft;
  return seen;
}
