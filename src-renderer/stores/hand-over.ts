import { ERASED_REASON } from '../../shared/domain/erasure/erasure.ts';
import type { Clock } from '../../shared/primitives/clock.ts';
import { subjectsOfConversation } from './conversation-subjects.ts';
import type { DraftsStore } from './drafts.ts';
import { LOST, type QueryCache } from './query-cache.ts';
import type { TabStore } from './tabs.ts';

/** Much longer than a relay takes, which is there, to take a conversation away that was given away. */
const EXPECTED_MS = 30_000;

export interface HandOverParts {
  clock: Clock;
  queries: QueryCache;
  tabs: TabStore;
  drafts: DraftsStore;
}

/**
 * This agent gave conversations away, to another queue, tier or agent. Where it may not be seen any more then, its tab is
 * closed: what was done was said, and that somebody withdrew it would be wrong. One in which something is being written
 * stays, and says what there is to say.
 */
export type HandOver = (conversationIds: readonly string[]) => void;

export function createHandOver({ clock, queries, tabs, drafts }: HandOverParts): HandOver {
  const isOpen = (id: string) => tabs.getState().tabs.some((tab) => tab.conversationId === id);
  const isWriting = (id: string, hadDraft: boolean) => {
    const known = drafts.getState().drafts[id];
    if (known === undefined || !known.isLoaded) return hadDraft;
    return [known.reply, known.note].some(
      ({ text, attachments, uploads }) => text.trim() !== '' || attachments.length > 0 || uploads.length > 0,
    );
  };

  const follow = (conversationId: string) => {
    const input = { conversationId };
    const hadDraft = queries.state('conversation.get', input).data?.hasDraft ?? false;
    const look = () => {
      const { error } = queries.state('conversation.get', input);
      if (error === null || !LOST.has(error.kind)) return;
      stop();
      if (error.details.reason !== ERASED_REASON && !isWriting(conversationId, hadDraft)) {
        tabs.getState().close(conversationId);
      }
    };
    const unobserve = queries.observe('conversation.get', input, subjectsOfConversation(conversationId), look);
    const cancel = clock.after(EXPECTED_MS, unobserve);
    const stop = () => {
      unobserve();
      cancel();
    };
    look();
  };

  return (conversationIds) => conversationIds.filter(isOpen).forEach(follow);
}
