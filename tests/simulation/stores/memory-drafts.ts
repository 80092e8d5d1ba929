import type { Draft } from '../../../shared/core-api/views.ts';
import { type DraftStore, isEmptyDraft } from '../../../src-main/core/outbox/draft-store.ts';
import type { OutboxHandle } from './memory-outbox.ts';

/** The drafts of an outbox in memory. */
export function makeDraftStore({ read, write }: OutboxHandle): DraftStore {
  const keyOf = (conversationId: string, kind: Draft['kind']): string => `${conversationId}/${kind}`;
  const written = () => [...read().drafts.values()].filter((draft) => !isEmptyDraft(draft));
  return {
    save: (draft) =>
      write('draft.save', ({ drafts }) => {
        const key = keyOf(draft.conversationId, draft.kind);
        if (isEmptyDraft(draft) && !draft.isOwn) drafts.delete(key);
        else drafts.set(key, draft);
      }),
    get: (conversationId, kind) => read().drafts.get(keyOf(conversationId, kind)) ?? null,
    has: (conversationId) => written().some((draft) => draft.conversationId === conversationId),
    listConversations: () => [...new Set(written().map(({ conversationId }) => conversationId))],
    list: () => [...read().drafts.values()],
    forget: (conversationIds) =>
      write('draft.forget', ({ drafts }) =>
        [...drafts].flatMap(([key, draft]) => {
          if (!conversationIds.includes(draft.conversationId)) return [];
          drafts.delete(key);
          return draft.attachments.map(({ fileId }) => fileId);
        }),
      ),
    listFiles: () => [...read().drafts.values()].flatMap(({ attachments }) => attachments.map(({ fileId }) => fileId)),
  };
}
