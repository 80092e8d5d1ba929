import { conversationRef } from '../../../shared/domain/conversation/decide.ts';
import type { Handlers } from './feature-context.ts';

/** What is being written. On the disk when answered. */
export const draftHandlers: Handlers<'draft.save' | 'draft.get'> = {
  'draft.save': async (context, draft) => {
    const { drafts } = context.outbox;
    const { conversationId } = draft;
    // The window goes on showing what was typed, to be copied or discarded.
    if (context.isErased(conversationRef(conversationId))) return {};
    const hadDraft = drafts.has(conversationId);
    drafts.save({ ...draft, updatedAt: context.clock.now() });
    const hasDraft = drafts.has(conversationId);
    if (hasDraft !== hadDraft) await context.cache.setDraft(conversationId, hasDraft);
    return {};
  },
  'draft.get': (context, { conversationId }) => ({
    reply: context.outbox.drafts.get(conversationId, 'reply'),
    note: context.outbox.drafts.get(conversationId, 'note'),
  }),
};
