import type { CoreOutput } from '../../shared/core-api/requests.ts';
import type { Attachment } from '../../shared/domain/conversation/message.ts';
import { AppError } from '../../shared/errors.ts';
import type { Console } from './console.ts';
import { keepAsNote } from './keep-typed.ts';

/** A command that was not sent yet, as far as its text is concerned. */
export interface Unsent {
  commandId: string;
  type: string;
  conversationId: string | null;
  subjects: readonly string[];
  text: string | null;
  attachments: readonly Attachment[];
}

export interface TakenBack {
  /** All that was taken back: a close that waited for a reply goes with it. */
  commands: CoreOutput<'outbox.undo'>['takenBack'];
  /** What was typed into it is in the note box now, since it has no box of its own. */
  isKeptAsNote: boolean;
}

/**
 * Out of the outbox, and what was written back into the box it came from, before what was begun there since. What was
 * typed into anything else (why it was escalated, a field of the customer) is in the note box.
 * @throws AppError `conflict` once it was sent; `not_found` where nothing is here that has a box for its text
 */
export async function takeBack({ core, drafts }: Pick<Console, 'core' | 'drafts'>, unsent: Unsent): Promise<TakenBack> {
  const { commandId, type, conversationId, text, attachments } = unsent;
  const written = text ?? '';
  const isWritten = type === 'message.send' || type === 'note.add';
  if (!isWritten || conversationId === null) {
    const place = written.trim() === '' ? null : (conversationId ?? (await newestOf(core, unsent.subjects)));
    const { takenBack: commands } = await core.request('outbox.undo', { commandId });
    if (place !== null) await keepAsNote(drafts, place, written);
    return { commands, isKeptAsNote: place !== null };
  }
  const { takenBack: commands } = await core.request('outbox.undo', { commandId });
  const id = conversationId;
  const kind = type === 'note.add' ? 'note' : 'reply';
  // Where reading fails the text is in the box all the same, and what was there before comes before it later.
  await drafts.load(id).catch(() => {});
  const begun = drafts.getState().drafts[id]?.[kind].text ?? '';
  drafts.setMode(id, kind);
  drafts.edit(id, kind, { text: begun.trim() === '' ? written : `${written}\n${begun}`, caret: written.length });
  for (const attachment of attachments) drafts.attach(id, kind, attachment);
  return { commands, isKeptAsNote: false };
}

const CUSTOMER = 'customer:';

/** Where what was typed of a customer can be had back. Without such a place it stays where it is. */
async function newestOf(core: Console['core'], subjects: readonly string[]): Promise<string> {
  const customerId = subjects.find((one) => one.startsWith(CUSTOMER))?.slice(CUSTOMER.length) ?? '';
  const { conversations } = await core.request('customer.get', { customerId });
  const [newest] = conversations;
  if (newest !== undefined) return newest.id;
  throw new AppError('not_found', 'No conversation of this customer is here.', { reason: 'no-such-conversation' });
}
