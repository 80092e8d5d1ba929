import type { CoreOutput } from '../../shared/core-api/requests.ts';
import type { Attachment } from '../../shared/domain/conversation/message.ts';
import type { Console } from './console.ts';

/** A command that was not sent yet, as far as its text is concerned. */
export interface Unsent {
  commandId: string;
  type: string;
  conversationId: string | null;
  text: string | null;
  attachments: readonly Attachment[];
}

export type TakenBack = CoreOutput<'outbox.undo'>['takenBack'];

/**
 * Out of the outbox, and what was written back into the box it came from, before what was begun there since.
 * @returns all that was taken back: a close that waited for a reply goes with it
 * @throws AppError `conflict` once it was sent
 */
export async function takeBack({ core, drafts }: Pick<Console, 'core' | 'drafts'>, unsent: Unsent): Promise<TakenBack> {
  const { commandId, type, conversationId: id, text, attachments } = unsent;
  const { takenBack } = await core.request('outbox.undo', { commandId });
  if (id === null || (type !== 'message.send' && type !== 'note.add')) return takenBack;
  const kind = type === 'note.add' ? 'note' : 'reply';
  // Where reading fails the text is in the box all the same, and what was there before comes before it later.
  await drafts.load(id).catch(() => {});
  const begun = drafts.getState().drafts[id]?.[kind].text ?? '';
  const written = text ?? '';
  drafts.setMode(id, kind);
  drafts.edit(id, kind, { text: begun.trim() === '' ? written : `${written}\n${begun}`, caret: written.length });
  for (const attachment of attachments) drafts.attach(id, kind, attachment);
  return takenBack;
}
