import { conversationHandlers } from './conversations.ts';
import { draftHandlers } from './drafts.ts';
import { fileHandlers } from './files.ts';
import { messageHandlers } from './messages.ts';
import { outboxHandlers } from './outbox-list.ts';
import { presenceHandlers } from './presence.ts';
import { workspaceHandlers } from './workspace.ts';

/** Every request that needs an account. Those of session, sync and settings are the core's own. */
export const featureHandlers = {
  ...conversationHandlers,
  ...messageHandlers,
  ...workspaceHandlers,
  ...draftHandlers,
  ...outboxHandlers,
  ...fileHandlers,
  ...presenceHandlers,
};

/**
 * What is answered also after the relay ended the sign-in: only what this agent typed here, so that it is not lost.
 * Everything else shows, or acts on, what the agent may not see any more.
 */
export const ownWork: ReadonlySet<string> = new Set<keyof typeof featureHandlers>([
  'draft.save',
  'draft.get',
  'outbox.list',
  'attention.list',
]);
