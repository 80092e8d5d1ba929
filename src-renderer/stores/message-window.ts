import type { MessageView } from '../../shared/core-api/views.ts';
import type { ErrorBody } from '../../shared/errors.ts';
import { isEqual } from './query-cache.ts';

export interface MessageTarget {
  messageId: string;
  position: number;
}

/** An unbroken stretch of one conversation's messages. */
export interface MessageWindow {
  /** Ascending. */
  messages: readonly MessageView[];
  hasOlder: boolean;
  /** Older ones exist, at the relay only, and it cannot be reached. */
  isOlderMissing: boolean;
  /** The window does not reach to the newest message (after a jump into the past). */
  hasNewer: boolean;
  isLoaded: boolean;
  isLoadingOlder: boolean;
  isLoadingNewer: boolean;
  error: ErrorBody | null;
  /** Where to go once it is shown; a search hit. */
  target: MessageTarget | null;
  /** Customer's messages newer than the window, while `hasNewer`. */
  newerCount: number;
  /** Goes up with every wish to see the newest message. */
  endRequests: number;
}

export const EMPTY_WINDOW: MessageWindow = {
  messages: [],
  hasOlder: false,
  isOlderMissing: false,
  hasNewer: false,
  isLoaded: false,
  isLoadingOlder: false,
  isLoadingNewer: false,
  error: null,
  target: null,
  newerCount: 0,
  endRequests: 0,
};

/**
 * Messages as they were read again, each that says the same as before being the object it was, and the whole too where
 * all of them do: what did not change is not drawn again.
 */
export function keepUnchanged(before: readonly MessageView[], next: readonly MessageView[]): readonly MessageView[] {
  const known = new Map(before.map((message) => [message.id, message]));
  const kept = next.map((message) => {
    const old = known.get(message.id);
    return old !== undefined && isEqual(old, message) ? old : message;
  });
  const isSame = kept.length === before.length && kept.every((message, index) => message === before[index]);
  return isSame ? before : kept;
}
