import { z } from 'zod';
import { defineSimpleKind } from '../subject/simple-kind.ts';
import type { RootRow } from '../subject/subject-kind.ts';

/** What agents see of a connected channel. Its secrets and settings stay on the relay. */
const channelFields = z.object({
  kind: z.enum(['web-chat']),
  name: z.string().min(1).max(80),
  /** Where its new conversations go. */
  queueId: z.string(),
  /** Longest text, in characters, that one message of this channel can carry. */
  maxTextLength: z.number().int().positive(),
});

export type Channel = RootRow & z.infer<typeof channelFields>;

export const channelKind = defineSimpleKind({ name: 'channel', fields: channelFields });
