import type { Conversation } from '../../shared/domain/conversation/conversation.ts';
import type { ConversationChangeData } from '../../shared/domain/conversation/events.ts';
import type { Attachment } from '../../shared/domain/conversation/message.ts';
import type { Change } from '../../shared/domain/subject/subject-kind.ts';

/** What a change writes on the relay beside its projection, in the same transaction. */
export type Effect =
  | { kind: 'put-timer'; id: string; subject: string; timer: string; dueAt: number }
  | { kind: 'cancel-timer'; id: string }
  | { kind: 'deliver'; messageId: string; conversationId: string; channelId: string; parts: DeliveryPart[] }
  /** Gives everyone who may see the subject the right to read the files. */
  | { kind: 'link-files'; subject: string; fileIds: string[] };

export interface DeliveryPart {
  text: string;
  attachments: Attachment[];
}

/** Splits a message into what one call of the channel's platform can carry. Pure. */
export type PlanDelivery = (channelKind: string, message: DeliveryPart) => DeliveryPart[];

/** The effects of one change. `after` is the conversation's root with the change folded in. Pure. */
export function effectsOf(
  change: Change,
  after: Conversation,
  plan: (message: DeliveryPart) => DeliveryPart[],
): Effect[] {
  const snoozeTimer = `snooze:${after.id}`;
  switch (change.type) {
    case 'message-sent': {
      const data = change.data as ConversationChangeData<'message-sent'>;
      const parts = plan({ text: data.text, attachments: data.attachments });
      return [
        { kind: 'deliver', messageId: data.messageId, conversationId: after.id, channelId: after.channelId, parts },
        ...linkFiles(change.subject, data.attachments),
      ];
    }
    case 'message-received': {
      const data = change.data as ConversationChangeData<'message-received'>;
      return [{ kind: 'cancel-timer', id: snoozeTimer }, ...linkFiles(change.subject, data.attachments)];
    }
    case 'note-added':
      return linkFiles(change.subject, (change.data as ConversationChangeData<'note-added'>).attachments);
    case 'conversation-state-changed': {
      const data = change.data as ConversationChangeData<'conversation-state-changed'>;
      if (data.state !== 'snoozed' || data.snoozedUntil === null) return [{ kind: 'cancel-timer', id: snoozeTimer }];
      return [
        { kind: 'put-timer', id: snoozeTimer, subject: change.subject, timer: 'snooze', dueAt: data.snoozedUntil },
      ];
    }
    default:
      return [];
  }
}

function linkFiles(subject: string, attachments: readonly Attachment[]): Effect[] {
  if (attachments.length === 0) return [];
  return [{ kind: 'link-files', subject, fileIds: attachments.map((attachment) => attachment.fileId) }];
}
