import type { AttentionItem } from '../../../shared/core-api/views.ts';
import type { ErrorKind } from '../../../shared/errors.ts';

export interface AllowedActions {
  /** Submit it again as it is. */
  again: boolean;
  /** Put the text back into the box. */
  edit: boolean;
  /** Take the text along. */
  copy: boolean;
}

/** What is wrong with the thing itself: as it is, it would be refused again. */
const FAULTY: ReadonlySet<ErrorKind> = new Set(['invalid', 'too_large', 'unsupported', 'gone']);

/**
 * What may be done about a refused command besides discarding it. Nothing is offered that can only fail: what belongs
 * to a conversation that was withdrawn can be copied, and no more.
 */
export function allowedActions({ type, isHere, text, error }: AttentionItem): AllowedActions {
  const isWritten = type === 'message.send' || type === 'note.add';
  const copy = text !== null && text !== '';
  if (!isHere) return { again: false, edit: false, copy };
  // Lost by a restore of the relay, not deleted by anybody: it may be given again.
  const isFaulty = FAULTY.has(error.kind) && error.reason !== 'relay-restored';
  return { again: !isFaulty, edit: isWritten, copy };
}
