import type { CoreOutput } from '../../shared/core-api/requests.ts';
import type { Attachment } from '../../shared/domain/conversation/message.ts';
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
  /** What was typed into it, where no box is left for it: whoever took it back is offered it. Else ''. */
  lost: string;
}

/**
 * Out of the outbox, and what was written back into the box it came from, before what was begun there since. What was
 * typed into anything else (why it was escalated, a field of the customer) is in the note box.
 * @throws AppError `conflict` once it was sent
 */
export async function takeBack({ core, drafts }: Pick<Console, 'core' | 'drafts'>, unsent: Unsent): Promise<TakenBack> {
  const { commandId, type, conversationId, text, attachments } = unsent;
  const written = text ?? '';
  const isWritten = type === 'message.send' || type === 'note.add';
  if (!isWritten || conversationId === null) {
    const place = written.trim() === '' ? null : (conversationId ?? (await newestOf(core, unsent.subjects)));
    const { takenBack: commands } = await core.request('outbox.undo', { commandId });
    const isKeptAsNote = place !== null && (await keepAsNote(drafts, place, written));
    return { commands, isKeptAsNote, lost: isKeptAsNote ? '' : written.trim() };
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
  return { commands, isKeptAsNote: false, lost: '' };
}

const CUSTOMER = 'customer:';

/** Where what was typed of a customer can be had back; null where none of their conversations is here. */
async function newestOf(core: Console['core'], subjects: readonly string[]): Promise<string | null> {
  const customerId = subjects.find((one) => one.startsWith(CUSTOMER))?.slice(CUSTOMER.length);
  if (customerId === undefined) return null;
  try {
    const { conversations } = await core.request('customer.get', { customerId });
    return conversations[0]?.id ?? null;
  } catch {
    // They were erased, or may not be seen any more: no reason to let a wrong change of them go out.
    return null;
  }
}
