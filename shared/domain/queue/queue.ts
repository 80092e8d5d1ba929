import { z } from 'zod';
import { defineSimpleKind } from '../subject/simple-kind.ts';
import type { RootRow } from '../subject/subject-kind.ts';

const queueFields = z.object({
  name: z.string().min(1).max(80),
  /** Within this many days a customer's message reopens a closed conversation; later it starts a linked new one. */
  reopenDays: z.number().int().min(0).max(365),
  /** Whether a reopened conversation goes back to the one who had it. */
  keepAssigneeOnReopen: z.boolean(),
  /** Where an escalation to tier 2 or 3 goes when the agent names no queue. */
  escalationQueueId: z.string().nullable(),
});

export type Queue = RootRow & z.infer<typeof queueFields>;

export const queueKind = defineSimpleKind({ name: 'queue', fields: queueFields });
