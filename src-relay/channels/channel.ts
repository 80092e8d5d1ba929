import type { Attachment } from '../../shared/domain/conversation/message.ts';
import type { Identity, Profile } from '../../shared/domain/customer/customer.ts';
import type { Ephemeral } from '../../shared/domain/presence/ephemeral.ts';

/** What came of one attempt to hand a part to the platform. */
export type SendResult =
  | { ok: true; externalId: string }
  | {
      ok: false;
      /**
       * `retryable`, `rate-limited`: not accepted, try again; `permanent`, `window-closed`, `recipient-unavailable`:
       * not accepted, never will be; `unknown-outcome`: the bytes left and no answer came.
       */
      outcome:
        | 'retryable'
        | 'rate-limited'
        | 'permanent'
        | 'window-closed'
        | 'recipient-unavailable'
        | 'unknown-outcome';
      reason: string;
      retryAfterMs?: number;
    };

export interface OutgoingPart {
  channelId: string;
  conversationId: string;
  customerId: string;
  messageId: string;
  part: number;
  text: string;
  attachments: Attachment[];
  /** Name the customer sees. */
  agentName: string;
  /** Epoch ms of the message in the log. */
  at: number;
}

/** How much is known after a crash in the middle of an attempt (SYNC-X1). */
export type Certainty =
  /** The platform takes our key and never shows a part twice: simply send again. */
  | 'keyed'
  /** A part can be looked up by our reference before it is sent again. */
  | 'findable'
  /** Neither: wait for a receipt, then tell the agent that it is not known. */
  | 'neither';

/** One kind of channel: the outside world on one side, domain facts on the other. It imports nothing of the relay. */
export interface ChannelAdapter {
  readonly kind: string;
  readonly certainty: Certainty;
  /** Splits a message into what one call can carry. Pure. */
  plan(message: { text: string; attachments: Attachment[] }): { text: string; attachments: Attachment[] }[];
  /** Hands one part to the platform. `key` is the same for every attempt at this part. */
  send(part: OutgoingPart, key: string): Promise<SendResult>;
  /** For `findable` channels. */
  find?(part: OutgoingPart, key: string): Promise<'sent' | 'not-sent' | 'unknown'>;
  /** What agents do for a moment: typing, for channels that can show it. */
  showEphemeral?(ephemeral: Ephemeral): void;
  /** Ids of the same kind under which the channel knows the same person (SYNC-L7). */
  listSame?(kind: string, id: string): string[];
  /**
   * Deletes everything the channel keeps of a subject that was erased (SYNC-L7), such as a customer; nothing, where it
   * keeps nothing of it. Called in the turn of the erasure, so whatever the channel tells of a customer later is of
   * somebody else; again after a failure.
   * @returns ids of files that it kept for it
   */
  erase?(kind: string, id: string): string[];
  /** Of these files, those that it keeps for a message somebody has not sent yet. */
  listUnsent?(fileIds: readonly string[]): string[];
  /** Whether a message that somebody sent, and that is not in the log yet, has this file. */
  awaitsFile?(fileId: string): boolean;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface InboundMessage {
  channelId: string;
  /** The platform's id of the message: taken once per channel, whatever the platform repeats. */
  externalId: string;
  customer: { id: string; identity: Identity; profile: Partial<Profile> };
  /** The conversation last used for this customer on this channel. */
  conversationId: string | null;
  text: string;
  attachments: Attachment[];
  writtenAt: number;
  answers: { label: string; value: string }[];
  language: 'vi' | 'en' | null;
}

/** Where a customer's message has its place in the log. */
export interface ReceivedMessage {
  messageId: string;
  conversationId: string;
  seq: number;
  /** Epoch ms. */
  at: number;
}

/** What a channel may ask of the relay; handed to it when it is made. */
export interface ChannelHost {
  /**
   * Appends a customer's message exactly once per (channel, externalId); a repetition resolves to the first answer.
   * `at` is the relay's time of the message; null where it was taken, and erased since. @throws AppError when it is
   * refused (empty, too long …; `gone` where its customer was erased while it was on its way)
   */
  receive(message: InboundMessage): Promise<ReceivedMessage | null>;
  /**
   * What the platform says became of messages. Unknown and backward steps are ignored.
   * @param part the part it speaks of; of all where left out
   * @throws AppError `retry` when it could not be stored and has to be said again
   */
  reportDelivery(
    conversationId: string,
    messageIds: string[],
    state: 'sent' | 'delivered' | 'read' | 'failed',
    reason: string | null,
    part?: number,
  ): Promise<void>;
  /** Typing and the like, to the agents who may see the conversation. */
  publishEphemeral(ephemeral: Ephemeral): void;
  /**
   * Keeps a file that a customer sent: sniffed, size-limited, addressed by its content.
   * @throws AppError `too_large` or `unsupported`
   */
  storeFile(name: string, content: AsyncIterable<Uint8Array>): Promise<Attachment>;
  /** Whether a stored file is there still: one that nobody had yet may go with somebody who was erased. */
  hasFile(fileId: string): boolean;
  /** A stored file; null when it is not there. The channel has checked that its customer may have it. */
  readFile(fileId: string): Promise<{ content: AsyncIterable<Uint8Array>; size: number; mediaType: string } | null>;
  /** Whether anybody who serves the channel's queue is available now. */
  isStaffed(channelId: string): boolean;
  /** Name of the workspace and of the channel as customers see them; null for a channel that does not exist. */
  describeChannel(channelId: string): { workspaceName: string; channelName: string } | null;
}
