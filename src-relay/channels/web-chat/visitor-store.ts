import type { Database } from 'better-sqlite3';
import { customerIdOf } from './identity.ts';

/** A person as a web-chat channel knows them. */
export interface WebChatCustomer {
  customerId: string;
  channelId: string;
  /** The id in the shop's own system, proven by HMAC; null for a visitor nobody vouched for. */
  identityId: string | null;
  name: string | null;
  email: string | null;
  phone: string | null;
  language: 'vi' | 'en' | null;
  conversationId: string | null;
  head: number;
  receivedUpTo: number;
  readUpTo: number;
}

export interface WebChatVisitor {
  visitorId: string;
  channelId: string;
  customerId: string;
}

export type ShownProfile = Pick<WebChatCustomer, 'name' | 'email' | 'phone'>;

const CUSTOMER_COLUMNS = `customer_id AS customerId, channel_id AS channelId, identity_id AS identityId, name, email,
  phone, language, conversation_id AS conversationId, head, received_up_to AS receivedUpTo, read_up_to AS readUpTo`;
const VISITOR_COLUMNS = 'visitor_id AS visitorId, channel_id AS channelId, customer_id AS customerId';

/** Browsers, and the people behind them. */
export class VisitorStore {
  readonly #database: Database;
  readonly #statements;

  constructor(database: Database) {
    this.#database = database;
    this.#statements = {
      visitor: database.prepare<[string]>(`SELECT ${VISITOR_COLUMNS} FROM web_chat_visitor WHERE visitor_id = ?`),
      visitorByToken: database.prepare<[string, string]>(
        `SELECT ${VISITOR_COLUMNS} FROM web_chat_visitor WHERE token_hash = ? AND channel_id = ?`,
      ),
      customer: database.prepare<[string]>(`SELECT ${CUSTOMER_COLUMNS} FROM web_chat_customer WHERE customer_id = ?`),
      customerByIdentity: database.prepare<[string, string]>(
        `SELECT ${CUSTOMER_COLUMNS} FROM web_chat_customer WHERE channel_id = ? AND identity_id = ?`,
      ),
      successor: database.prepare<[string]>('SELECT continued_by FROM web_chat_customer WHERE customer_id = ?').pluck(),
      ownerOfConversation: database
        .prepare<[string]>('SELECT customer_id FROM web_chat_conversation WHERE conversation_id = ?')
        .pluck(),
    };
  }

  findVisitor(visitorId: string): WebChatVisitor | null {
    return (this.#statements.visitor.get(visitorId) as WebChatVisitor | undefined) ?? null;
  }

  findVisitorByToken(channelId: string, tokenHash: string): WebChatVisitor | null {
    return (this.#statements.visitorByToken.get(tokenHash, channelId) as WebChatVisitor | undefined) ?? null;
  }

  addVisitor(visitor: WebChatVisitor, tokenHash: string, now: number): void {
    this.#database
      .prepare('INSERT INTO web_chat_visitor VALUES (?, ?, ?, ?, ?)')
      .run(visitor.visitorId, visitor.channelId, tokenHash, visitor.customerId, now);
  }

  noteVisit(visitorId: string, now: number): void {
    this.#database.prepare('UPDATE web_chat_visitor SET last_seen_at = ? WHERE visitor_id = ?').run(now, visitorId);
  }

  /** The customer as they are known now: somebody who turned out to be another is that other. */
  findCustomer(customerId: string): WebChatCustomer | null {
    let current = customerId;
    for (;;) {
      const successor = this.#statements.successor.get(current) as string | null | undefined;
      if (successor === undefined) return null;
      if (successor === null) return this.#statements.customer.get(current) as WebChatCustomer;
      current = successor;
    }
  }

  findCustomerByIdentity(channelId: string, identityId: string): WebChatCustomer | null {
    return (this.#statements.customerByIdentity.get(channelId, identityId) as WebChatCustomer | undefined) ?? null;
  }

  addCustomer(customerId: string, channelId: string, identityId: string | null): void {
    this.#database
      .prepare('INSERT INTO web_chat_customer (customer_id, channel_id, identity_id) VALUES (?, ?, ?)')
      .run(customerId, channelId, identityId);
  }

  /** Somebody vouched for a customer who was nobody in particular before. */
  bindIdentity(customerId: string, identityId: string): void {
    this.#database
      .prepare('UPDATE web_chat_customer SET identity_id = ? WHERE customer_id = ?')
      .run(identityId, customerId);
  }

  /** Notes what is told of a customer for display; null leaves what was known. */
  describeCustomer(customerId: string, profile: Partial<ShownProfile>, language: 'vi' | 'en' | null): void {
    this.#database
      .prepare(
        `UPDATE web_chat_customer SET name = coalesce(?, name), email = coalesce(?, email), phone = coalesce(?, phone),
           language = coalesce(?, language) WHERE customer_id = ?`,
      )
      .run(profile.name ?? null, profile.email ?? null, profile.phone ?? null, language, customerId);
  }

  moveVisitor(visitorId: string, customerId: string): void {
    this.#database
      .prepare('UPDATE web_chat_visitor SET customer_id = ? WHERE visitor_id = ?')
      .run(customerId, visitorId);
  }

  linkConversation(customerId: string, conversationId: string): void {
    this.#database
      .prepare('UPDATE web_chat_customer SET conversation_id = ? WHERE customer_id = ? AND conversation_id IS NOT ?')
      .run(conversationId, customerId, conversationId);
    this.#database.prepare('INSERT OR IGNORE INTO web_chat_conversation VALUES (?, ?)').run(conversationId, customerId);
  }

  findCustomerOfConversation(conversationId: string): WebChatCustomer | null {
    const owner = this.#statements.ownerOfConversation.get(conversationId) as string | undefined;
    return owner === undefined ? null : this.findCustomer(owner);
  }

  /** Forgets browsers, and the people behind them, who never wrote and have not been seen since `before`. */
  forgetSilent(before: number): void {
    const forget = this.#database.transaction(() => {
      this.#database
        .prepare(
          `DELETE FROM web_chat_visitor WHERE last_seen_at < ? AND customer_id IN
             (SELECT customer_id FROM web_chat_customer WHERE head = 0 AND conversation_id IS NULL)`,
        )
        .run(before);
      const silent = this.#database
        .prepare(
          `SELECT ${CUSTOMER_COLUMNS} FROM web_chat_customer WHERE head = 0 AND conversation_id IS NULL
             AND continued_by IS NULL AND customer_id NOT IN (SELECT customer_id FROM web_chat_visitor)
             AND customer_id NOT IN (SELECT continued_by FROM web_chat_customer WHERE continued_by IS NOT NULL)`,
        )
        .all() as WebChatCustomer[];
      const forgetOne = this.#database.prepare('DELETE FROM web_chat_customer WHERE customer_id = ?');
      const forgetFiles = this.#database.prepare('DELETE FROM web_chat_file WHERE customer_id = ?');
      for (const { customerId, channelId, identityId } of silent) {
        // Of somebody who was imported under an id of the shop's own, nothing else says who they will be.
        const isMadeAgain = identityId === null || customerId === customerIdOf(channelId, identityId);
        if (!isMadeAgain) continue;
        forgetOne.run(customerId);
        forgetFiles.run(customerId);
      }
    });
    forget.immediate();
  }
}
