import { conversationHandlers } from './conversations.ts';
import { draftHandlers } from './drafts.ts';
import { fileHandlers } from './files.ts';
import { messageHandlers } from './messages.ts';
import { outboxHandlers } from './outbox-list.ts';
import { presenceHandlers } from './presence.ts';
import { workspaceHandlers } from './workspace.ts';

/** Every request that needs somebody signed in. Those of session, sync and settings are the core's own. */
export const featureHandlers = {
  ...conversationHandlers,
  ...messageHandlers,
  ...workspaceHandlers,
  ...draftHandlers,
  ...outboxHandlers,
  ...fileHandlers,
  ...presenceHandlers,
};
