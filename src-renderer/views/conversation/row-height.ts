import { isPicture } from '../../stores/files.ts';
import { shownLength } from './collapse-text.ts';
import type { ConversationRow } from './conversation-rows.ts';

const LINE = 20;
const CHARACTER = 6.9;

/**
 * About how many pixels a line of the list takes, before it was ever drawn. The nearer, the less the scroll bar moves
 * when the real height is known.
 * @param width of the list in pixels
 */
export function estimateRowHeight(row: ConversationRow, width: number): number {
  const { message, startsDay, startsNew, startsGroup } = row;
  const above = (startsDay ? 44 : 0) + (startsNew ? 33 : 0);
  if (message.kind === 'system') return above + 30;
  const perLine = Math.max(16, Math.floor(Math.min(width * 0.72, 640) / CHARACTER));
  let lines = 0;
  for (const line of message.text.slice(0, shownLength(message.text)).split('\n')) {
    lines += Math.max(1, Math.ceil(line.length / perLine));
  }
  const pictures = message.attachments.filter(isPicture).length;
  const files = message.attachments.length - pictures;
  const text = message.text === '' ? 0 : lines * LINE + 14;
  return above + text + (pictures > 0 ? 190 : 0) + files * 56 + (startsGroup ? 30 : 4);
}
