import { z } from 'zod';
import type { ErrorBody } from '../errors.ts';
import type { FeedEntry, FeedPage } from './feed.ts';

const position = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** What the widget says on the Socket.IO namespace `/widget`, by event name. Authenticated by `auth.token`. */
export const fromWidget = {
  /** First of a connection: join the feed and get what is newer. Acknowledged with a `FeedPage`. */
  resume: z.object({ afterSeq: position }),
  typing: z.object({ isTyping: z.boolean() }),
  /** Everything up to here arrived in the browser. */
  received: z.object({ upTo: position }),
  /** Everything up to here was seen by the customer. */
  read: z.object({ upTo: position }),
} as const;

export type FromWidget = {
  resume: (input: { afterSeq: number }, reply: (answer: SocketReply<FeedPage>) => void) => void;
  typing: (input: { isTyping: boolean }) => void;
  received: (input: { upTo: number }) => void;
  read: (input: { upTo: number }) => void;
};

export type SocketReply<Output> = { ok: true; output: Output } | { ok: false; error: ErrorBody };

/** What the relay says to a widget. */
export interface ToWidget {
  entry: (entry: FeedEntry) => void;
  /** An agent writes an answer; to be forgotten after six seconds. */
  typing: (state: { isTyping: boolean }) => void;
  /** Whether somebody is there to answer. */
  presence: (state: { online: boolean }) => void;
  /** The customer read up to here in another window. */
  read: (state: { upTo: number }) => void;
  /** A token that replaces the one in use. */
  token: (state: { token: string }) => void;
  /** The visitor's feed is now another one; ask for a new session. */
  superseded: () => void;
}
