import type { Attachment } from '../../shared/domain/conversation/message.ts';

/**
 * One part of an outgoing message on its way (SYNC-X1). Rows are made in the transaction of `message-sent`, from the
 * channel's `plan`; the number of parts is fixed then.
 */
export interface Delivery {
  messageId: string;
  part: number;
  conversationId: string;
  channelId: string;
  state: 'queued' | 'attempting' | 'sent' | 'failed' | 'unknown';
  attempt: number;
  /** Epoch ms; a queued row is not tried before. */
  notBefore: number;
  externalId: string | null;
  reason: string | null;
  content: { text: string; attachments: Attachment[] };
}

export interface DeliveryStore {
  /** The head of each conversation's queue that may be tried now, oldest first: parts of a conversation go in order. */
  listDue(now: number, limit: number): Delivery[];
  /** Rows that were `attempting` when the relay died. */
  listAttempting(): Delivery[];
  /** `queued → attempting`, committed before the channel is called. False if somebody else has it. */
  beginAttempt(messageId: string, part: number): boolean;
  /** Ends an attempt. `queued` means: try again at `notBefore`. */
  endAttempt(
    messageId: string,
    part: number,
    outcome:
      | { state: 'sent'; externalId: string }
      | { state: 'queued'; notBefore: number; reason: string }
      | { state: 'failed' | 'unknown'; reason: string },
  ): void;
  /** The message of a platform's id, for receipts. */
  findByExternalId(channelId: string, externalId: string): Delivery | null;
  /** Parts of a message, in order. */
  listParts(messageId: string): Delivery[];
  /** Rows per channel that are queued or attempting, for metrics. */
  countOpen(): Map<string, number>;
}
