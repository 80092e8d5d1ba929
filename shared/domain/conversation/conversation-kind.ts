import { type SubjectKind, subjectRef } from '../subject/subject-kind.ts';
import { conversationCommands } from './commands.ts';
import type { Conversation } from './conversation.ts';
import { isConversationVisible } from './decide.ts';
import { effectsOfConversation } from './effects.ts';
import { conversationChanges } from './events.ts';
import { foldConversation } from './fold.ts';
import type { Message } from './message.ts';
import { messageCommands } from './message-commands.ts';

export const conversationKind: SubjectKind = {
  name: 'conversation',
  tables: [
    {
      name: 'conversation',
      role: 'root',
      columns: {
        channelId: 'text',
        customerId: 'text',
        queueId: 'text',
        state: 'text',
        assigneeId: 'text',
        tier: 'integer',
        priority: 'text',
        waitingSince: 'integer',
        lastMessageAt: 'integer',
        snoozedUntil: 'integer',
      },
      // One for every list and count, which never have to look at a row: each message moves its conversation in it.
      indexes: [['state', 'lastMessageAt', 'assigneeId', 'queueId', 'waitingSince', 'tier'], ['customerId']],
    },
    {
      name: 'message',
      role: 'item',
      columns: { kind: 'text' },
      indexes: [],
      searchText: (row) => {
        const { kind, text, attachments } = row as Message;
        if (kind === 'system') return null;
        return [text, ...attachments.map((attachment) => attachment.name)].join('\n');
      },
    },
  ],
  changes: conversationChanges,
  commands: [...conversationCommands, ...messageCommands],
  fold: foldConversation,
  effects: effectsOfConversation,
  timers: {
    snooze: ({ subjectId, dueAt }) => ({
      type: 'conversation.wake',
      args: { conversationId: subjectId, until: dueAt },
    }),
  },
  erasure: {
    ownerOf: (root) => subjectRef('customer', (root as Conversation).customerId),
    change: 'conversation-erased',
  },
  isVisible: (access, root) => isConversationVisible(access, root as Conversation),
  visibilityFields: ['queueId', 'assigneeId', 'participantIds', 'tier'],
  isHeld: (root, access, heldSince) => {
    const { state, assigneeId, lastMessageAt } = root as Conversation;
    return state !== 'closed' || assigneeId === access.agentId || lastMessageAt >= heldSince;
  },
  heldFields: ['state', 'assigneeId', 'lastMessageAt'],
  tailLength: 30,
};
