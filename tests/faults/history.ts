import type { AttentionItem } from '../../shared/core-api/views.ts';
import type { Agent } from '../../shared/domain/agent/agent.ts';
import type { Conversation } from '../../shared/domain/conversation/conversation.ts';
import type { Message } from '../../shared/domain/conversation/message.ts';
import type { CommandResult } from '../../shared/relay-protocol/commands.ts';
import type { LoggedEvent } from '../../shared/relay-protocol/frames.ts';
import type { FeedEntry } from '../../shared/widget-api/feed.ts';

/**
 * What a run remembers, for the checker. Every text that somebody writes carries a *mark* of its own, `⟦3-17⟧`, so that
 * it is found again wherever it went, whole or as a part of another text.
 */

/** A command that an agent gave, and what the console answered. */
export interface IssuedCommand {
  console: number;
  commandId: string;
  /** Of a reply or note; null for others. */
  messageId: string | null;
  type: string;
  conversationIds: string[];
  marks: string[];
  /**
   * `taken`: the console said that it is safe; `refused`: it said that it will not be done; `unknown`: the console died
   * or was set back before it answered, and the last answer was a refusal that may have come of that.
   */
  outcome: 'taken' | 'refused' | 'unknown';
  /** Kind and reason of a refusal. */
  error: string | null;
}

export interface CustomerLine {
  customer: number;
  mark: string;
  /** Null when the relay refused it. */
  messageId: string | null;
  conversationId: string | null;
}

/** What a console told of its cursor, and what else bears on it, in the order in which it happened. */
export type CursorStep = { console: number } & (
  | { what: 'cursor'; cursor: number }
  /** A fault took its cache, or the newest frames of it. */
  | { what: 'cache-taken'; extent: 'whole' | 'part' }
  | { what: 'clock-moved' }
  /** It said that it had no word from the relay for too long. */
  | { what: 'lease-over' }
  /** Its sign-in ended, and with it what it may keep: a restored relay does not know the newest, nor an old outbox. */
  | { what: 'signed-out' }
  /** To an earlier state, so the log has another lineage; or all of it is put back, consoles as well. */
  | { what: 'relay-restored' }
);

/** What a customer's page showed, in order. A `fresh` page was opened at the end; the other one was open all the time. */
export interface Feed {
  customer: number;
  page: 'fresh' | 'kept-open';
  entries: FeedEntry[];
}

/** The relay's own data at the end. */
export interface RelayEvidence {
  epoch: string;
  head: number;
  floor: number;
  /** Those above the floor, in order. */
  events: LoggedEvent[];
  results: ReadonlyMap<string, CommandResult>;
  conversations: Conversation[];
  messages: Message[];
  agents: Agent[];
}

/** A line as a console shows it. */
export interface ShownLine {
  id: string;
  kind: string;
  author: string;
  text: string;
  state: string | null;
  isPending: boolean;
}

export interface ShownConversation {
  id: string;
  state: string;
  assigneeId: string | null;
  queueId: string;
  priority: string;
  tags: string[];
  /** Replies and notes, oldest first; those in the attention list apart. */
  lines: ShownLine[];
}

/** A console at the end: what it showed while it ran, and what lay in its files after it was stopped. */
export interface ConsoleEvidence {
  agentId: string;
  status: { state: string; cursor: number; pendingCount: number };
  shown: ShownConversation[];
  attention: AttentionItem[];
  /** Text of all that is neither settled nor refused in the outbox, of the attention list, and of the drafts. */
  outbox: { open: string[]; attention: string[]; drafts: string[]; commandIds: string[] };
  cache: { conversationIds: string[]; content: string };
}

export interface Evidence {
  issued: readonly IssuedCommand[];
  customerLines: readonly CustomerLine[];
  cursors: readonly CursorStep[];
  feeds: readonly Feed[];
  /** Marks and ids of commands that an agent threw away, or decided about, on purpose. */
  discarded: ReadonlySet<string>;
  /** Marks and ids of commands that a fault destroyed together with the only place that had them, and which fault that was. */
  destroyed: ReadonlyMap<string, string>;
  /** Customers some of whose feed was destroyed by a restored backup. */
  rewoundCustomers: ReadonlySet<number>;
  relay: RelayEvidence;
  consoles: readonly ConsoleEvidence[];
  /** What went wrong outside of any invariant: processes that ended by themselves, waits that came to nothing. */
  incidents: readonly string[];
}

const MARK = /⟦\d+-\d+⟧/gu;

export function marksIn(text: string): string[] {
  return [...new Set(text.match(MARK))];
}

/** Writes down what happens while it happens. */
export class History {
  readonly issued: IssuedCommand[] = [];
  readonly customerLines: CustomerLine[] = [];
  readonly cursors: CursorStep[] = [];
  readonly discarded = new Set<string>();
  readonly destroyed = new Map<string, string>();
  readonly rewoundCustomers = new Set<number>();
  readonly incidents: string[] = [];
  readonly #lastCursors = new Map<number, number>();
  readonly #notices = new Set<string>();
  #marks = 0;

  /** @param writer number of a console, or 100 and more for a customer */
  newMark(writer: number): string {
    this.#marks += 1;
    return `⟦${writer}-${this.#marks}⟧`;
  }

  /** @param notice what it says of its cache, once an id */
  sawStatus(console: number, cursor: number, notice: { id: string; reason: string } | null): void {
    if (notice !== null && notice.reason === 'lease-over' && !this.#notices.has(notice.id)) {
      this.#notices.add(notice.id);
      this.cursors.push({ console, what: 'lease-over' });
    }
    if (this.#lastCursors.get(console) === cursor) return;
    this.#lastCursors.set(console, cursor);
    this.cursors.push({ console, what: 'cursor', cursor });
  }
}
