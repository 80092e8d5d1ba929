import type { Database } from 'better-sqlite3';
import type { Attachment } from '../../../shared/domain/conversation/message.ts';

/** Customers who turned out to be one person, whichever of their ids is asked for. */
const SAME_PERSON = `WITH RECURSIVE same (id) AS (
  VALUES (?)
  UNION SELECT customer_id FROM web_chat_customer JOIN same ON continued_by = same.id
  UNION SELECT continued_by FROM web_chat_customer JOIN same ON customer_id = same.id WHERE continued_by IS NOT NULL
)`;

/** Every id under which the web chat has known this person; at least the one that is given. */
export function listSamePerson(database: Database, customerId: string): string[] {
  return database.prepare<[string], string>(`${SAME_PERSON} SELECT id FROM same`).pluck().all(customerId);
}

/**
 * Deletes everything that the web chat keeps of a person: feed, browsers, what they handed in, and who they are. A
 * browser that comes back is nobody's. To be called in a transaction.
 * @returns files of theirs, whoever else may have them
 */
export function eraseCustomer(database: Database, customerId: string): { customerIds: string[]; fileIds: string[] } {
  const customerIds = listSamePerson(database, customerId);
  const fileIds = new Set<string>();
  const visitors = database.prepare<[string], string>('SELECT visitor_id FROM web_chat_visitor WHERE customer_id = ?');
  const files = database.prepare<[string], string>('SELECT file_id FROM web_chat_file WHERE customer_id = ?');
  const uploads = database.prepare<[string], string>('SELECT attachment FROM web_chat_upload WHERE visitor_id = ?');
  for (const id of customerIds) {
    for (const fileId of files.pluck().all(id)) fileIds.add(fileId);
    for (const visitorId of visitors.pluck().all(id)) {
      for (const attachment of uploads.pluck().all(visitorId))
        fileIds.add((JSON.parse(attachment) as Attachment).fileId);
      for (const table of ['inbound', 'upload', 'visitor']) {
        database.prepare(`DELETE FROM web_chat_${table} WHERE visitor_id = ?`).run(visitorId);
      }
    }
    for (const table of ['feed', 'file', 'conversation', 'customer']) {
      database.prepare(`DELETE FROM web_chat_${table} WHERE customer_id = ?`).run(id);
    }
  }
  return { customerIds, fileIds: [...fileIds] };
}
