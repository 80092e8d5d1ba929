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

/** Into the note box, which no customer sees: what an agent typed and could not be saved where it was typed. */
export async function keepAsNote(drafts: Drafts, conversationId: string, text: string): Promise<void> {
  if (text.trim() === '') return;
  // Where reading fails the text is in the box all the same, and what was there before comes before it later.
  await drafts.load(conversationId).catch(() => {});
  joinBelow(drafts, conversationId, 'note', text);
}
