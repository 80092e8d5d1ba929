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

/** A cursor as a console told it. The generation goes up when something may set the cursor back. */
export interface CursorSample {
  console: number;
  generation: number;
  cursor: number;
}

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
  cursors: readonly CursorSample[];
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
  readonly cursors: CursorSample[] = [];
  readonly discarded = new Set<string>();
  readonly destroyed = new Map<string, string>();
  readonly rewoundCustomers = new Set<number>();
  readonly incidents: string[] = [];
  readonly #generations = new Map<number, number>();
  readonly #rewinds = new Map<number, number>();
  #marks = 0;

  /** @param writer number of a console, or 100 and more for a customer */
  newMark(writer: number): string {
    this.#marks += 1;
    return `⟦${writer}-${this.#marks}⟧`;
  }

  sawCursor(console: number, cursor: number): void {
    const generation = this.#generations.get(console) ?? 0;
    const last = this.cursors.findLast((sample) => sample.console === console);
    if (last?.cursor === cursor && last.generation === generation) return;
    const allowed = this.#rewinds.get(console) ?? 0;
    const isRewound = last !== undefined && cursor < last.cursor && allowed > 0;
    if (isRewound) {
      this.#rewinds.set(console, allowed - 1);
      this.#generations.set(console, generation + 1);
    }
    this.cursors.push({ console, generation: isRewound ? generation + 1 : generation, cursor });
  }

  /** This console's cursor may go back once more: its cache was taken from it, or the log begins anew. */
  mayRewind(console: number): void {
    this.#rewinds.set(console, (this.#rewinds.get(console) ?? 0) + 1);
  }
}
