import type { MessageView } from '../../../shared/core-api/views.ts';

/** One line of the list: a message with what stands above it. The message's id is its key, also while it is pending. */
export interface ConversationRow {
  message: MessageView;
  /** A day begins here. */
  startsDay: boolean;
  /** The messages that were not seen yet begin here. */
  startsNew: boolean;
  /** First and last of several messages of one author, close together: one name, one avatar. */
  startsGroup: boolean;
  endsGroup: boolean;
}

const GROUP_GAP_MS = 5 * 60_000;

/**
 * Lines of the list.
 * @param messages ascending
 * @param newAfter position up to which everything was seen; null where nothing is to be marked as new
 * @param hasOlder whether older messages exist: then nobody knows yet whether the first one begins its day
 */
export function makeConversationRows(
  messages: readonly MessageView[],
  newAfter: number | null,
  hasOlder: boolean,
): ConversationRow[] {
  const dayOf = makeDayFinder();
  let day = Number.NaN;
  let previous: ConversationRow | null = null;
  let isNewMarked = newAfter === null;
  return messages.map((message, index) => {
    const ownDay = dayOf(message.at);
    const startsDay = index === 0 ? !hasOlder : ownDay !== day;
    day = ownDay;
    const isNew = !isNewMarked && message.position > newAfter! && message.author.kind === 'customer';
    isNewMarked ||= isNew;
    // At the very top nothing was seen before, and a line "new" above everything tells nothing.
    const startsNew = isNew && (index > 0 || hasOlder);
    const isContinued: boolean =
      previous !== null && !startsDay && !startsNew && isSameGroup(previous.message, message);
    if (isContinued) previous!.endsGroup = false;
    previous = { message, startsDay, startsNew, startsGroup: !isContinued, endsGroup: true };
    return previous;
  });
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
