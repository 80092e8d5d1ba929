import { z } from 'zod';
import { requireAgent, requireConversation, requireText } from '../conversation/decide.ts';
import { MAX_ATTACHMENTS, attachmentSchema } from '../conversation/message.ts';
import { accept, defineCommand, refuse } from '../subject/define-command.ts';
import { type SharedDraft, draftRef } from './draft.ts';

const id = z.string().min(1).max(64);
const attachments = z.array(attachmentSchema).max(MAX_ATTACHMENTS);

export const writtenData = z.object({
  conversationId: id,
  agentId: id,
  kind: z.enum(['reply', 'note']),
  text: z.string(),
  attachments,
  version: z.string().max(64),
  joined: z.object({ version: z.string().max(64), text: z.string(), attachments }).nullable(),
});
export type DraftWritten = z.infer<typeof writtenData>;

const args = z.object({
  conversationId: id,
  agentId: id,
  kind: z.enum(['reply', 'note']),
  // As it is typed, spaces and all: it is cleaned when it is sent. `decide` refuses what is too long with a reason.
  text: z.string().max(200_000),
  attachments,
  /** Version of the draft that this continues; null for one that was begun here. */
  continues: z.string().max(64).nullable(),
});
type Args = z.infer<typeof args>;

/**
 * Puts what is being written where the agent's other machines find it; nothing at all clears it. The last one counts.
 * What was written elsewhere meanwhile, and was not seen by whoever wrote this, is not written over: the two are joined,
 * the other first (SYNC-O1, INV-10). Clearing clears only what was seen.
 */
export const writeDraft = defineCommand({
  type: 'draft.write',
  args,
  isQuiet: true,
  subjects: (draft) => [draftRef(draft)],
  files: (draft) => draft.attachments.map(({ fileId }) => fileId),
  decide: (context, draft) => {
    const access = requireAgent(context);
    if (access.agentId !== draft.agentId) {
      return refuse('forbidden', 'This is another agent’s draft.', { reason: 'draft-of-another' });
    }
    const subject = draftRef(draft);
    const before = context.read<SharedDraft>(subject).root();
    const other = before === null ? null : unseenBy(draft, before);
    const written = other === null ? draft : isEmpty(draft) ? other : combine(other, draft);
    if (isEmpty(written)) return accept(before === null ? [] : [{ subject, type: 'draft-cleared', v: 1, data: {} }]);
    // Only what was not seen is left of it.
    if (written === before) return accept([]);
    requireConversation(context, draft.conversationId);
    requireText(written.text, true);
    if (written.attachments.length > MAX_ATTACHMENTS) {
      return refuse('too_large', `A message carries at most ${MAX_ATTACHMENTS} files.`, {
        reason: 'too-many-files',
        params: { limit: MAX_ATTACHMENTS },
      });
    }
    const { conversationId, agentId, kind } = draft;
    const { text, attachments: files } = written;
    // A joined text is not the one that its writer has, and goes by another version.
    const isJoined = other !== null && !isEmpty(draft) && !isSame(written, draft);
    const data: DraftWritten = {
      ...{ conversationId, agentId, kind, text, attachments: files },
      version: isJoined ? `${context.commandId}+` : context.commandId,
      joined: isJoined ? { version: context.commandId, text: other.text, attachments: other.attachments } : null,
    };
    return accept([{ subject, type: 'draft-written', v: 1, data }]);
  },
});

type Content = Pick<SharedDraft, 'text' | 'attachments'>;

/** What is in the draft that its writer has not seen; null where that is nothing. */
function unseenBy({ continues }: Args, current: SharedDraft): Content | null {
  if (current.version === continues) return null;
  return current.joined?.version === continues ? current.joined : current;
}

/** Both, the other first; what one contains of the other is not said twice. */
function combine(other: Content, own: Content): Content {
  const known = new Set(other.attachments.map(({ fileId }) => fileId));
  const files = [...other.attachments, ...own.attachments.filter(({ fileId }) => !known.has(fileId))];
  if (own.text.includes(other.text)) return { text: own.text, attachments: files };
  if (other.text.includes(own.text)) return { text: other.text, attachments: files };
  return { text: `${other.text}\n${own.text}`, attachments: files };
}

function isEmpty({ text, attachments: files }: Content): boolean {
  return text === '' && files.length === 0;
}

/** Whether they hold the same, files in any order. */
function isSame(one: Content, other: Content): boolean {
  if (one.text !== other.text || one.attachments.length !== other.attachments.length) return false;
  const known = new Set(other.attachments.map(({ fileId }) => fileId));
  return one.attachments.every(({ fileId }) => known.has(fileId));
}
