import type { Database } from 'better-sqlite3';
import type { Attachment } from '../../../shared/domain/conversation/message.ts';
import type { ShownProfile } from './visitor-store.ts';

/** A customer's message as it was handed in, complete: nothing else is needed to submit it again. */
export interface InboundRequest {
  visitorId: string;
  clientId: string;
  text: string;
  attachments: Attachment[];
  answers: { label: string; value: string }[];
  profile: Partial<ShownProfile>;
  writtenAt: number;
}

export interface Inbound {
  externalId: string;
  payloadHash: string;
  /** Null once the log has it. */
  request: InboundRequest | null;
  /** Null until the log has it. */
  messageId: string | null;
}

interface InboundRow {
  externalId: string;
  payloadHash: string;
  request: string | null;
  messageId: string | null;
}

const COLUMNS = 'external_id AS externalId, payload_hash AS payloadHash, request, message_id AS messageId';

/** Messages on their way from a browser into the relay's log, and files waiting for their message. */
export class InboundStore {
  readonly #database: Database;
  readonly #find;

  constructor(database: Database) {
    this.#database = database;
    this.#find = database.prepare<[string]>(`SELECT ${COLUMNS} FROM web_chat_inbound WHERE external_id = ?`);
  }

  find(externalId: string): Inbound | null {
    const row = this.#find.get(externalId) as InboundRow | undefined;
    return row === undefined ? null : toInbound(row);
  }

  add(externalId: string, payloadHash: string, request: InboundRequest): void {
    this.#database
      .prepare(
        `INSERT INTO web_chat_inbound (external_id, visitor_id, payload_hash, request, at) VALUES (?, ?, ?, ?, ?)`,
      )
      .run(externalId, request.visitorId, payloadHash, JSON.stringify(request), request.writtenAt);
  }

  settle(externalId: string, messageId: string): void {
    this.#database
      .prepare('UPDATE web_chat_inbound SET message_id = ?, request = NULL WHERE external_id = ?')
      .run(messageId, externalId);
  }

  /** Takes back what the log refused for good. */
  drop(externalId: string): void {
    this.#database.prepare('DELETE FROM web_chat_inbound WHERE external_id = ?').run(externalId);
  }

  /** What was handed in and never reached the log, oldest first. */
  listPending(): Inbound[] {
    const rows = this.#database
      .prepare(`SELECT ${COLUMNS} FROM web_chat_inbound WHERE message_id IS NULL ORDER BY number`)
      .all() as InboundRow[];
    return rows.map(toInbound);
  }

  /** Whether something that was handed in, and never reached the log, has this file. */
  isPending(fileId: string): boolean {
    const found = this.#database
      .prepare<[string]>(
        `SELECT 1 FROM web_chat_inbound, json_each(request, '$.attachments') AS attachment
         WHERE message_id IS NULL AND attachment.value ->> 'fileId' = ? LIMIT 1`,
      )
      .get(fileId);
    return found !== undefined;
  }

  addUpload(uploadId: string, visitorId: string, attachment: Attachment, now: number): void {
    this.#database
      .prepare('INSERT INTO web_chat_upload VALUES (?, ?, ?, ?)')
      .run(uploadId, visitorId, JSON.stringify(attachment), now);
  }

  /** A file this browser sent. */
  findUpload(visitorId: string, uploadId: string): Attachment | null {
    const text = this.#database
      .prepare('SELECT attachment FROM web_chat_upload WHERE upload_id = ? AND visitor_id = ?')
      .pluck()
      .get(uploadId, visitorId) as string | undefined;
    return text === undefined ? null : (JSON.parse(text) as Attachment);
  }

  /** Of these files, those that some browser sent, for a message now or later. */
  listUploaded(fileIds: readonly string[]): string[] {
    return this.#database
      .prepare<[string], string>(
        `SELECT DISTINCT attachment ->> 'fileId' FROM web_chat_upload
         WHERE attachment ->> 'fileId' IN (SELECT value FROM json_each(?))`,
      )
      .pluck()
      .all(JSON.stringify(fileIds));
  }

  /** Forgets settled messages' hashes and uploads older than `before`; a repetition so late is not to be expected. */
  forgetBefore(before: number): void {
    this.#database.prepare('DELETE FROM web_chat_inbound WHERE message_id IS NOT NULL AND at < ?').run(before);
    this.#database.prepare('DELETE FROM web_chat_upload WHERE at < ?').run(before);
  }
}

function toInbound(row: InboundRow): Inbound {
  return { ...row, request: row.request === null ? null : (JSON.parse(row.request) as InboundRequest) };
}
