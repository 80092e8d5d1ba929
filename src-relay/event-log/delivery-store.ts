import { type Attachment, mayAdvanceDelivery } from '../../shared/domain/conversation/message.ts';

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
  /** What the platform said of it later, perhaps before the attempt ended; it only moves up. */
  receipt: ReceiptState | null;
  /** An earlier attempt ended without anybody knowing whether the customer got it, so it cannot just have failed. */
  mayHaveArrived: boolean;
  content: { text: string; attachments: Attachment[] };
}

export type ReceiptState = 'sent' | 'delivered' | 'read' | 'failed';

/** What a platform says became of messages, or of one part of them. */
export interface Receipt {
  conversationId: string;
  messageIds: readonly string[];
  /** Null: of all parts. */
  part: number | null;
  state: ReceiptState;
  reason: string | null;
}

/** What ends an attempt. */
export type AttemptOutcome =
  /** `externalId` is null where only a receipt told that it was sent. */
  | { state: 'sent'; externalId: string | null }
  /** Try again at `notBefore`. */
  | { state: 'queued'; notBefore: number; reason: string; mayHaveArrived: boolean }
  | { state: 'failed' | 'unknown'; reason: string };

/** Every method commits before it returns. */
export interface DeliveryStore {
  /** The head of each conversation's queue that may be tried now, oldest first: parts of a conversation go in order. */
  listDue(now: number, limit: number): Delivery[];
  /** When the first queued head of a conversation that is not due at `now` may be tried; null when there is none. */
  nextDueAt(now: number): number | null;
  /**
   * Lets rows that wait for later than `latest` be tried at `at`: nothing is put off for so long, so a clock was set
   * back since. Of each conversation the head; the others wait for it anyway.
   */
  bringForward(latest: number, at: number): void;
  /**
   * Makes of every queued row one whose attempt was interrupted: a backup was put back, and what waited when it was
   * made may have been sent since. For the restore; a worker that runs does it itself (`DeliveryWorker.doubtQueued`).
   */
  doubtQueued(): void;
  /** Rows that were `attempting` when the relay died. */
  listAttempting(): Delivery[];
  /** `queued → attempting`, committed before the channel is called. False if somebody else has it. */
  beginAttempt(messageId: string, part: number): boolean;
  /**
   * Ends an attempt; does nothing to a row that is not `attempting`. A part that failed or is unknown takes the later
   * parts of its message with it: half a message in the wrong order is worse than a failure the agent can see.
   */
  endAttempt(messageId: string, part: number, outcome: AttemptOutcome): void;
  /** Keeps what is new in a receipt, and has the log told of it once every part is final. Backward steps are ignored. */
  recordReceipt(receipt: Receipt): void;
  /** Messages of which every part is final, and whose outcome or receipts the log does not know yet; oldest first. */
  listUnreported(limit: number): string[];
  /** The log knows what became of these parts, as they are given here; one that has another receipt by now stays. */
  markReported(parts: readonly Delivery[]): void;
  /** The message of a platform's id, for receipts. */
  findByExternalId(channelId: string, externalId: string): Delivery | null;
  /** Parts of a message, in order. */
  listParts(messageId: string): Delivery[];
  /** Rows per channel that are queued or attempting, for metrics. */
  countOpen(): Map<string, number>;
}

/** Whether a receipt says more of a part than is known. */
export function isNews(
  { conversationId, part, receipt }: Pick<Delivery, 'conversationId' | 'part' | 'receipt'>,
  news: Receipt,
): boolean {
  const isMeant = conversationId === news.conversationId && (news.part === null || news.part === part);
  return isMeant && mayAdvanceDelivery(receipt ?? 'queued', news.state);
}
