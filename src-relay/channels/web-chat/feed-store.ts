import type { Database } from 'better-sqlite3';
import type { Attachment } from '../../../shared/domain/conversation/message.ts';
import type { FeedEntry, FeedPage } from '../../../shared/widget-api/feed.ts';

/** A feed entry before it has its place. */
export interface NewFeedEntry extends Omit<FeedEntry, 'seq'> {
  conversationId: string;
}

interface FeedRow extends Omit<FeedEntry, 'attachments'> {
  attachments: string;
}

const COLUMNS = `seq, message_id AS messageId, part, author, agent_name AS agentName, client_id AS clientId, text,
  attachments, at`;

/** What each customer sees, in order; positions are gapless per customer. */
export class FeedStore {
  readonly #database: Database;
  readonly #statements;

  constructor(database: Database) {
    this.#database = database;
    this.#statements = {
      find: database.prepare<[string, number]>(
        `SELECT ${COLUMNS} FROM web_chat_feed WHERE message_id = ? AND part = ?`,
      ),
      after: database.prepare<[string, number, number]>(
        `SELECT ${COLUMNS} FROM web_chat_feed WHERE customer_id = ? AND seq > ? ORDER BY seq LIMIT ?`,
      ),
      before: database.prepare<[string, number, number]>(
        `SELECT ${COLUMNS} FROM web_chat_feed WHERE customer_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
      ),
      head: database.prepare<[string]>('SELECT head FROM web_chat_customer WHERE customer_id = ?').pluck(),
      raiseHead: database
        .prepare<[string]>('UPDATE web_chat_customer SET head = head + 1 WHERE customer_id = ? RETURNING head')
        .pluck(),
      insert: database.prepare('INSERT INTO web_chat_feed VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
      allowFile: database.prepare('INSERT OR IGNORE INTO web_chat_file VALUES (?, ?)'),
      mayFetch: database.prepare<[string, string]>('SELECT 1 FROM web_chat_file WHERE customer_id = ? AND file_id = ?'),
    };
  }

  /**
   * Gives an entry its place, once per (message, part): a repetition returns the place it has. To be called in a
   * transaction.
   * @returns the entry, and whether it is new
   */
  append(customerId: string, entry: NewFeedEntry): { entry: FeedEntry; isNew: boolean } {
    const known = this.#statements.find.get(entry.messageId, entry.part) as FeedRow | undefined;
    if (known !== undefined) return { entry: toEntry(known), isNew: false };
    const seq = this.#statements.raiseHead.get(customerId) as number;
    const { conversationId, ...shown } = entry;
    this.#statements.insert.run(
      customerId,
      seq,
      entry.messageId,
      entry.part,
      conversationId,
      entry.author,
      entry.agentName,
      entry.clientId,
      entry.text,
      JSON.stringify(entry.attachments),
      entry.at,
    );
    for (const attachment of entry.attachments) this.allowFile(customerId, attachment.fileId);
    return { entry: { seq, ...shown }, isNew: true };
  }

  find(messageId: string, part: number): FeedEntry | null {
    const row = this.#statements.find.get(messageId, part) as FeedRow | undefined;
    return row === undefined ? null : toEntry(row);
  }

  conversationOf(messageId: string): string | null {
    const found = this.#database
      .prepare('SELECT conversation_id FROM web_chat_feed WHERE message_id = ?')
      .pluck()
      .get(messageId) as string | undefined;
    return found ?? null;
  }

  listAfter(customerId: string, afterSeq: number, limit: number): FeedPage {
    const entries = (this.#statements.after.all(customerId, afterSeq, limit) as FeedRow[]).map(toEntry);
    const head = this.head(customerId);
    return { entries, head, isComplete: (entries.at(-1)?.seq ?? head) >= head };
  }

  /** The page before a position, ascending. */
  listBefore(customerId: string, beforeSeq: number, limit: number): FeedPage {
    const rows = this.#statements.before.all(customerId, beforeSeq, limit + 1) as FeedRow[];
    const isComplete = rows.length <= limit;
    const entries = rows.slice(0, limit).reverse().map(toEntry);
    return { entries, head: this.head(customerId), isComplete };
  }

  head(customerId: string): number {
    return (this.#statements.head.get(customerId) as number | undefined) ?? 0;
  }

  countUnread(customerId: string, readUpTo: number): number {
    return this.#database
      .prepare(`SELECT count(*) FROM web_chat_feed WHERE customer_id = ? AND seq > ? AND author = 'agent'`)
      .pluck()
      .get(customerId, readUpTo) as number;
  }

  /** Agents' messages with `after < seq <= upTo`, by conversation. */
  listAgentMessages(customerId: string, after: number, upTo: number): Map<string, string[]> {
    const rows = this.#database
      .prepare(
        `SELECT conversation_id AS conversationId, message_id AS messageId FROM web_chat_feed
         WHERE customer_id = ? AND seq > ? AND seq <= ? AND author = 'agent' ORDER BY seq`,
      )
      .all(customerId, after, upTo) as { conversationId: string; messageId: string }[];
    const byConversation = new Map<string, string[]>();
    for (const { conversationId, messageId } of rows) {
      const messageIds = byConversation.get(conversationId) ?? [];
      if (!messageIds.includes(messageId)) messageIds.push(messageId);
      byConversation.set(conversationId, messageIds);
    }
    return byConversation;
  }

  raiseReceived(customerId: string, upTo: number): void {
    this.#database
      .prepare('UPDATE web_chat_customer SET received_up_to = max(received_up_to, ?) WHERE customer_id = ?')
      .run(upTo, customerId);
  }

  raiseRead(customerId: string, upTo: number): void {
    this.#database
      .prepare(
        `UPDATE web_chat_customer SET read_up_to = max(read_up_to, ?), received_up_to = max(received_up_to, ?)
         WHERE customer_id = ?`,
      )
      .run(upTo, upTo, customerId);
  }

  allowFile(customerId: string, fileId: string): void {
    this.#statements.allowFile.run(customerId, fileId);
  }

  mayFetchFile(customerId: string, fileId: string): boolean {
    return this.#statements.mayFetch.get(customerId, fileId) !== undefined;
  }

  /**
   * Appends all that `from` saw to the feed of `to`, who is the same person, and makes `to` continue `from`: later
   * answers to `from` go to `to`, and `to` goes on with the conversation that `from` was in. To be called in a
   * transaction.
   */
  moveFeed(from: string, to: string): void {
    const base = this.head(to);
    this.#database
      .prepare('UPDATE web_chat_feed SET customer_id = ?, seq = seq + ? WHERE customer_id = ?')
      .run(to, base, from);
    // Marks mean "all up to here", so those of `from` only count where `to` had nothing open.
    this.#database
      .prepare(
        `UPDATE web_chat_customer AS target SET
           head = target.head + source.head,
           received_up_to = target.received_up_to + iif(target.received_up_to >= target.head, source.received_up_to, 0),
           read_up_to = target.read_up_to + iif(target.read_up_to >= target.head, source.read_up_to, 0),
           conversation_id = coalesce(source.conversation_id, target.conversation_id)
         FROM web_chat_customer AS source WHERE target.customer_id = ? AND source.customer_id = ?`,
      )
      .run(to, from);
    this.#database.prepare('UPDATE OR IGNORE web_chat_file SET customer_id = ? WHERE customer_id = ?').run(to, from);
    this.#database
      .prepare('UPDATE web_chat_customer SET continued_by = ?, head = 0 WHERE customer_id = ?')
      .run(to, from);
  }
}

function toEntry(row: FeedRow): FeedEntry {
  return { ...row, attachments: JSON.parse(row.attachments) as Attachment[] };
}
