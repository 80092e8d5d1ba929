import type { Database } from 'better-sqlite3';
import type { Random } from '../../../shared/primitives/clock.ts';
import { ChannelStore } from './channel-store.ts';
import { eraseCustomer, listSamePerson } from './erase-customer.ts';
import { FeedStore } from './feed-store.ts';
import { InboundStore } from './inbound-store.ts';
import { VisitorStore } from './visitor-store.ts';
import { webChatMigrations } from './web-chat-migrations.ts';

/** All that the web chat keeps, on the relay's own database. */
export interface WebChatStore {
  readonly channels: ChannelStore;
  readonly visitors: VisitorStore;
  readonly feed: FeedStore;
  readonly inbound: InboundStore;
  /** Every id under which a person was known here; at least the one that is given. */
  listSamePerson(customerId: string): string[];
  /** Deletes everything kept of a person, in one transaction. @returns the person's ids, and files of theirs */
  eraseCustomer(customerId: string): { customerIds: string[]; fileIds: string[] };
  /** Runs `work` in one transaction. */
  inTransaction<Result>(work: () => Result): Result;
}

/** @param migrate brings a part's tables up to date; the event log's `migratePart`, bound to the database */
export function createWebChatStore(options: {
  database: Database;
  random: Random;
  migrate: (part: string, migrations: readonly string[]) => void;
}): WebChatStore {
  const { database, random, migrate } = options;
  migrate('web-chat', webChatMigrations);
  return {
    channels: new ChannelStore(database, random),
    visitors: new VisitorStore(database),
    feed: new FeedStore(database),
    inbound: new InboundStore(database),
    listSamePerson: (customerId) => listSamePerson(database, customerId),
    eraseCustomer: (customerId) => database.transaction(() => eraseCustomer(database, customerId)).immediate(),
    inTransaction: <Result>(work: () => Result) => database.transaction(work).immediate(),
  };
}
