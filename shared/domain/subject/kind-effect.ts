import type { Attachment } from '../conversation/message.ts';
import type { SubjectRef } from './subject-kind.ts';

/**
 * What a change asks of the relay beside its rows; written in the transaction of the change. Consoles ignore it.
 * A timer belongs to the subject of the change, one per name.
 */
export type KindEffect =
  /** @param dueAt epoch ms */
  | { kind: 'put-timer'; timer: string; dueAt: number }
  | { kind: 'cancel-timer'; timer: string }
  /** Sends a message to the customer, in as many parts as the channel's platform needs. */
  | { kind: 'deliver'; messageId: string; channelId: string; text: string; attachments: Attachment[] }
  /** Gives everyone who may see the subject the right to read the files. */
  | { kind: 'link-files'; fileIds: string[] }
  /** Takes everything personal of a subject out of the log: of its events, deliveries, timers and files (SYNC-L7). */
  | { kind: 'erase'; subject: SubjectRef };
