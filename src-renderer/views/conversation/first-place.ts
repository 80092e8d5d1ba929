import type { MessageWindow } from '../../stores/message-window.ts';
import type { ScrollPlace } from '../../stores/tabs.ts';
import type { ConversationRow } from './conversation-rows.ts';

/** Where a list begins. */
export type FirstPlace =
  /** At the newest message. */
  | { kind: 'end' }
  /** Where it was left: so many pixels of a line are above the view. */
  | { kind: 'left'; index: number; offset: number }
  /** What is new begins below the upper edge. */
  | { kind: 'new'; index: number }
  /** A line that was looked for stands in the middle. */
  | { kind: 'target'; index: number };

/** Where a list is to begin: at what somebody looks for, where it was left, at what is new, else at its end. */
export function findFirstPlace(
  rows: readonly ConversationRow[],
  target: MessageWindow['target'],
  saved: ScrollPlace | null,
): FirstPlace {
  const indexOf = (id: string) => rows.findIndex((row) => row.message.id === id);
  if (target !== null) {
    const index = indexOf(target.messageId);
    return index === -1 ? { kind: 'end' } : { kind: 'target', index };
  }
  const left = saved === null ? -1 : indexOf(saved.messageId);
  if (left !== -1) return { kind: 'left', index: left, offset: saved!.offset };
  const firstNew = rows.findIndex((row) => row.startsNew);
  return firstNew > 0 ? { kind: 'new', index: firstNew } : { kind: 'end' };
}

/**
 * A place in pixels from the top, by what is known or guessed of the lines above it.
 * @param viewHeight of the list on the screen
 * @param topPx room above the first line
 */
export function offsetOf(
  place: FirstPlace,
  rows: readonly ConversationRow[],
  heightOf: (row: ConversationRow) => number,
  viewHeight: number,
  topPx: number,
): number {
  const index = place.kind === 'end' ? rows.length : place.index;
  let start = topPx;
  for (let above = 0; above < index; above += 1) start += heightOf(rows[above]!);
  if (place.kind === 'left') return start + place.offset;
  if (place.kind === 'new') return start - topPx;
  if (place.kind === 'target') return Math.max(0, start - viewHeight / 2);
  return Math.max(0, start - viewHeight);
}
