import type { MessageView } from '../../../shared/core-api/views.ts';

/** What one line of the list shows. Keys are stable while a message goes from pending to confirmed. */
export type ConversationRow =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'new'; key: string }
  | { kind: 'message'; key: string; message: MessageView; startsGroup: boolean; endsGroup: boolean };

/** Messages of one author this close together are shown as one group, with one name and one time. */
const GROUP_GAP_MS = 5 * 60_000;

/**
 * Lines of the list: the messages, with a separator where a day begins and one where the new messages begin.
 * @param messages ascending
 * @param newAfter position up to which everything was seen; null for no separator
 */
export function makeConversationRows(messages: readonly MessageView[], newAfter: number | null): ConversationRow[] {
  const rows: ConversationRow[] = [];
  const dayOf = makeDayFinder();
  let day = Number.NaN;
  let previous: (ConversationRow & { kind: 'message' }) | null = null;
  let isNewShown = newAfter === null;
  for (const message of messages) {
    const ownDay = dayOf(message.at);
    if (ownDay !== day) {
      day = ownDay;
      rows.push({ kind: 'day', key: `day-${ownDay}-${message.id}`, at: message.at });
      previous = null;
    }
    if (!isNewShown && message.position > newAfter! && message.author.kind === 'customer') {
      isNewShown = true;
      // At the very top nothing was seen before, and a line "new" above everything tells nothing.
      if (message !== messages[0]) {
        rows.push({ kind: 'new', key: 'new' });
        previous = null;
      }
    }
    const isContinued = previous !== null && isSameGroup(previous.message, message);
    if (isContinued) previous!.endsGroup = false;
    previous = { kind: 'message', key: message.id, message, startsGroup: !isContinued, endsGroup: true };
    rows.push(previous);
  }
  return rows;
}

function isSameGroup(one: MessageView, next: MessageView): boolean {
  return (
    one.kind !== 'system' &&
    one.kind === next.kind &&
    one.author.kind === next.author.kind &&
    one.author.id === next.author.id &&
    next.at - one.at < GROUP_GAP_MS
  );
}

/** The local midnight before a moment; asks the calendar only when the day changes, since lists are long. */
function makeDayFinder(): (at: number) => number {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  return (at) => {
    if (at < from || at >= to) {
      const date = new Date(at);
      from = new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
      to = new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime();
    }
    return from;
  };
}
