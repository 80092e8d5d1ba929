import { z } from 'zod';
import type { Attachment } from '../domain/conversation/message.ts';
import { cleanLine, cleanText } from '../primitives/clean-text.ts';
import type { FeedEntry } from './feed.ts';
import { MAX_UPLOADS_PER_MESSAGE } from './limits.ts';

const clientId = z.uuid();
// Far above the limit, which is refused by name (`too_large`) after cleaning; this only bounds the work.
const text = z.string().max(200_000).transform(cleanText);
const line = (max: number) => z.string().max(max).transform(cleanLine);

/** Answers to the pre-chat questions, by question id. Unknown ids are ignored. */
const answers = z.record(z.string().max(40), line(500)).refine((given) => Object.keys(given).length <= 20);

/** Body of `POST /w/v1/messages`; the header `Idempotency-Key` repeats `clientId`. */
export const customerMessageSchema = z.object({
  clientId,
  text,
  attachments: z.array(z.string().max(64)).max(MAX_UPLOADS_PER_MESSAGE).default([]),
  answers: answers.nullish(),
});
export type CustomerMessage = z.input<typeof customerMessageSchema>;

/** Body of `POST /w/v1/offline`. */
export const offlineMessageSchema = z.object({
  clientId,
  name: line(120),
  email: line(254).nullish(),
  phone: line(32).nullish(),
  text,
  /** Not shown to people; whoever fills it is a program. */
  website: z.string().max(500).nullish(),
});
export type OfflineMessage = z.input<typeof offlineMessageSchema>;

/** Answer of `POST /w/v1/messages`: 201 the first time, 200 with the same body for a repetition. */
export interface MessageAccepted {
  entry: FeedEntry;
  conversationId: string;
}

/** Answer of `POST /w/v1/uploads`. */
export interface UploadAccepted {
  uploadId: string;
  attachment: Attachment;
}
