import type { ErrorBody } from '../shared/errors.ts';
import type { WidgetSession } from '../shared/widget-api/session.ts';

// What the page's loader and the frame say to each other. Both send to the other's exact origin and heed only that.

export type ToFrame =
  | {
      type: 'start';
      locale: string;
      /** What the frame had put aside on this page's storage; empty at first. */
      stored: string;
      /** Whether this browser has been here before, so that there may be something to show. */
      isKnown: boolean;
      isOpen: boolean;
    }
  | { type: 'session'; session: WidgetSession | null; error: ErrorBody | null }
  /** The page said who its visitor is: ask for a new session. */
  | { type: 'identify' }
  | { type: 'visible'; isOpen: boolean };

export type ToPage =
  | { type: 'ready' }
  /** Answered by `session`. Only the page's own origin may open one. */
  | { type: 'session' }
  | { type: 'store'; value: string }
  | { type: 'unread'; count: number }
  | { type: 'message'; author: 'customer' | 'agent'; text: string }
  | { type: 'close' };

/** Every message is wrapped, so that neither side takes another script's message for one of these. */
export interface Wrapped<Message> {
  liendesk: Message;
}
