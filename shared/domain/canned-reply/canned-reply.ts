import { z } from 'zod';
import { mayOverride } from '../agent/agent-access.ts';
import { defineSimpleKind } from '../subject/simple-kind.ts';
import type { RootRow } from '../subject/subject-kind.ts';

const cannedReplyFields = z.object({
  /** What is typed after `/`. Letters, digits and hyphens. */
  shortcut: z.string().regex(/^[\p{L}\p{N}-]{1,40}$/u),
  title: z.string().min(1).max(120),
  /** One text per language; `{{customer.name}}` and the like are filled in on use. */
  texts: z.object({ vi: z.string().max(5000).optional(), en: z.string().max(5000).optional() }),
  /** Empty: for all queues. */
  queueIds: z.array(z.string()),
});

export type CannedReply = RootRow & z.infer<typeof cannedReplyFields>;

export const cannedReplyKind = defineSimpleKind({
  name: 'canned-reply',
  fields: cannedReplyFields,
  columns: { shortcut: 'text' },
  isVisible: (access, root) => {
    const { queueIds } = root as CannedReply;
    return (
      queueIds.length === 0 || access.role === 'admin' || queueIds.some((queueId) => access.queueIds.includes(queueId))
    );
  },
  visibilityFields: ['queueIds'],
  mayWrite: (actor) => actor.kind === 'agent' && mayOverride(actor.access),
});
