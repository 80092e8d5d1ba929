import type { MessageView } from '../../shared/core-api/views.ts';
import type { ErrorBody } from '../../shared/errors.ts';

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
