import type { KindEffect } from '../subject/kind-effect.ts';
import type { Change, RootRow } from '../subject/subject-kind.ts';
import type { Conversation } from './conversation.ts';
import type { ConversationChangeData } from './events.ts';
import type { Attachment } from './message.ts';

/** What a change of a conversation asks of the relay. `after` is the root with the change folded in. Pure. */
export function effectsOfConversation(change: Change, after: RootRow): KindEffect[] {
  switch (change.type) {
    case 'message-sent': {
      const { messageId, text, attachments } = change.data as ConversationChangeData<'message-sent'>;
      const { channelId } = after as Conversation;
      return [{ kind: 'deliver', messageId, channelId, text, attachments }, ...linkFiles(attachments)];
    }
    case 'message-received': {
      const { attachments } = change.data as ConversationChangeData<'message-received'>;
      return [{ kind: 'cancel-timer', timer: 'snooze' }, ...linkFiles(attachments)];
    }
    case 'note-added':
      return linkFiles((change.data as ConversationChangeData<'note-added'>).attachments);
    case 'conversation-state-changed': {
      const { state, snoozedUntil } = change.data as ConversationChangeData<'conversation-state-changed'>;
      if (state !== 'snoozed' || snoozedUntil === null) return [{ kind: 'cancel-timer', timer: 'snooze' }];
      return [{ kind: 'put-timer', timer: 'snooze', dueAt: snoozedUntil }];
    }
    default:
      return [];
  }
}

function linkFiles(attachments: readonly Attachment[]): KindEffect[] {
  return attachments.length === 0
    ? []
    : [{ kind: 'link-files', fileIds: attachments.map((attachment) => attachment.fileId) }];
}
