import { AppError } from '../../shared/errors.ts';
import type { DraftKind, DraftsStore } from './drafts.ts';

type Drafts = Pick<DraftsStore, 'load' | 'getState' | 'edit'>;

/**
 * What was typed and can be nowhere else: below what is being written in a conversation since, in a line of its own. The
 * same is not said twice.
 */
export function joinBelow(drafts: Drafts, conversationId: string, kind: DraftKind, text: string): void {
  const begun = drafts.getState().drafts[conversationId]?.[kind].text ?? '';
  if (`\n${begun}`.endsWith(`\n${text}`)) return;
  const whole = begun.trim() === '' ? text : `${begun}\n${text}`;
  drafts.edit(conversationId, kind, { text: whole, caret: whole.length });
}

/**
 * Into the note box, which no customer sees: what an agent typed and could not be saved where it was typed.
 * @returns whether it is there. Not where nobody is signed in: it would be the next agent's
 */
export async function keepAsNote(drafts: Drafts, conversationId: string, text: string): Promise<boolean> {
  if (text.trim() === '') return false;
  try {
    await drafts.load(conversationId);
  } catch (error) {
    if (isSignedOut(error)) return false;
    // Where reading fails the text is in the box all the same, and what was there before comes before it later.
  }
  joinBelow(drafts, conversationId, 'note', text);
  return true;
}

/** Whether the core refused because nobody is signed in. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof AppError && error.kind === 'unauthenticated';
}
